"""Widgets that inspect the fused blocks, live and in a recording."""
