"""Two views of every frame: the whole picture, small, and a crop around the hand."""
