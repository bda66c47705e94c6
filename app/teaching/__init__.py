"""People's own gestures: the sets that this program keeps."""
