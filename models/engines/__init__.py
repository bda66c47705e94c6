"""Engines that run a model as a stream, all behind the protocol of `models.engines.base`."""

ENGINE_KINDS = ("auto", "sparse", "onnx", "torch")
"""Values of `--engine`; "auto" picks the fastest."""
