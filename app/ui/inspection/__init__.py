"""Widgets that look into the fused blocks, live and in a recording."""
