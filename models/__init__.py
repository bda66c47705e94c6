"""Networks and engines of AdaFuse Live; they know nothing of the app or of training.

Importing this package imports nothing heavy: PyTorch and ONNX Runtime are loaded only by the
modules that need them.
"""

DEFAULT_MODEL = "default"
"""What command lines call the model that comes with the project."""
