"""Menus that switch to another source, model or engine while everything runs."""
