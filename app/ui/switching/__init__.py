"""Menus that switch to another source, model or engine during a run."""
