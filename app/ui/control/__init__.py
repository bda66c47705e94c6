"""The part of the window that arms the control and says what gestures do."""
