"""Recordings: what the camera showed and what the model made of it, in one file, and its replay."""
