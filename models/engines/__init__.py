"""Engines that run a model as a stream, all behind the protocol of `models.engines.base`."""
