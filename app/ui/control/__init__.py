"""The page and the button that arm the control and show what gestures do."""
