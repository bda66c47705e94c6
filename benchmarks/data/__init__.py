"""How fast clips come from disk, beside the plain way of doing it."""
