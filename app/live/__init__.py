"""A run of the application: from frames to predictions, gestures and events, without a window."""
