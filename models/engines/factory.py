"""Chooses and opens an engine for a bundle, and says which one and why."""

from __future__ import annotations

import importlib.util
from typing import NamedTuple

from models.bundle import Bundle
from models.engines import ENGINE_KINDS
from models.engines.base import StreamingEngine
from models.errors import ModelError


class EngineChoice(NamedTuple):
    """An open engine.

    Attributes:
        engine: Ready to step.
        reason: One sentence that says why it was chosen.
    """

    engine: StreamingEngine
    reason: str


def create_engine(bundle: Bundle, kind: str = "auto", threads: int = 0) -> EngineChoice:
    """Open an engine.

    Args:
        bundle: The model.
        kind: One of `ENGINE_KINDS`.
        threads: Threads of one step; 0 lets the engine choose.

    Raises:
        ModelError: The engine is not available here, or the bundle does not fit.
    """
    if not bundle.spec.can_stream:
        raise ModelError(
            f"The model {bundle.spec.name} looks one frame ahead and cannot run live; "
            "train it with shift: one_way."
        )
    if kind == "sparse":
        raise ModelError("The sparse engine is not part of this version; use onnx, torch or auto.")
    if kind == "torch":
        return EngineChoice(_torch(bundle, threads), "asked for")
    if kind == "onnx":
        return _onnx(bundle, threads, "asked for")
    if kind == "auto":
        return _onnx(bundle, threads, "fastest dense engine, and needs no PyTorch")
    raise ModelError(f"There is no engine '{kind}'; choose one of {', '.join(ENGINE_KINDS)}.")


def _onnx(bundle: Bundle, threads: int, why: str) -> EngineChoice:
    from models.engines.onnx import OnnxEngine

    engine = OnnxEngine(bundle, threads)
    place = "on CUDA" if engine.device == "CUDA" else "on the CPU, CUDA is not available"
    return EngineChoice(engine, f"{why}; {place}")


def _torch(bundle: Bundle, threads: int) -> StreamingEngine:
    if importlib.util.find_spec("torch") is None:
        raise ModelError(
            "The torch engine needs PyTorch, which is not installed; use --engine onnx, "
            "or install the extra 'train'."
        )
    import torch

    from models.engines.torch import TorchEngine, load_network

    if threads:
        torch.set_num_threads(threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return TorchEngine(load_network(bundle), bundle.cost, device)
