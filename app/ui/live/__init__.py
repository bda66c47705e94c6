"""The live view: the camera's picture and the model's predictions."""
