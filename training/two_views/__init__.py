"""Training of networks of two views."""
