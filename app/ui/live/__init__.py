"""What the camera shows and what the model says of it, as it happens."""
