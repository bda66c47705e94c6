"""Data sets in their real layouts, and how clips are sampled and varied."""
