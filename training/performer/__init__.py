"""A procedural person before a webcam: labelled gesture clips without anyone's face in them."""
