"""How fast clips are read from disk, compared with the plain way."""
