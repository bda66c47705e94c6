"""The small overlay that replaces the window while slides are shown."""
