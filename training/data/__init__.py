"""Data sets in their published layouts, and how clips are sampled, varied and loaded."""
