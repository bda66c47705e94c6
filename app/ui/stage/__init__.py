"""The small overlay that stands for the window above the slides."""
