"""A procedural person before a webcam: labeled gesture clips without anyone's face in them."""
