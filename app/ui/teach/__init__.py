"""The dialog in which a person teaches their own gestures."""
