"""Recordings of many gestures, with the truth about them: what was done, and exactly when."""
