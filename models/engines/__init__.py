"""Engines that run a model as a stream, all behind the protocol of `models.engines.base`."""

ENGINE_KINDS = ("auto", "sparse", "onnx", "torch")
"""What may be asked for; "auto" picks what is fastest."""
