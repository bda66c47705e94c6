"""Recording from the window: a menu, and a mark that is hard to miss."""
