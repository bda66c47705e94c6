"""What the window has for recording: a menu, and a mark that nobody can overlook."""
