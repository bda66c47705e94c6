"""Chooses and opens an engine for a bundle, and says which one and why."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from models.bundle import Bundle
from models.engines import ENGINE_KINDS
from models.engines.base import StreamingEngine
from models.errors import ModelError

if TYPE_CHECKING:
    from models.engines.onnx import OnnxEngine

log = logging.getLogger(__name__)

Progress = Callable[[float], None]
"""Called with the fraction that is done, 0 to 1, while kernels are compiled."""


class OpenedEngine(NamedTuple):
    """An engine that is ready to step, and why it is this one.

    Attributes:
        engine: The engine.
        reason: Why it was chosen, as the end of a sentence.
        weights_digest: SHA-256 of the weights that it runs.
    """

    engine: StreamingEngine
    reason: str
    weights_digest: str = ""


def create_engine(
    bundle: Bundle, kind: str = "auto", threads: int = 0, progress: Progress | None = None
) -> OpenedEngine:
    """Open an engine.

    Args:
        bundle: The model.
        kind: One of `ENGINE_KINDS`.
        threads: Threads of one step; 0 lets the engine choose.
        progress: Called while the sparse engine's kernels are compiled, which takes a while once,
            at the first start on a machine.

    Raises:
        ModelError: The engine is not supported here, or the bundle does not fit.
    """
    if not bundle.spec.can_stream:
        raise ModelError(
            f"The model {bundle.spec.name} looks one frame ahead and cannot run live; "
            "train it with shift: one_way."
        )
    opened = _open(bundle, kind, threads, progress)
    return opened._replace(weights_digest=bundle.weights_digest)


def _open(bundle: Bundle, kind: str, threads: int, progress: Progress | None) -> OpenedEngine:
    """Open an engine; its `weights_digest` is still empty.

    Raises:
        ModelError: The engine is not supported here, or the bundle does not fit.
    """
    if kind == "torch":
        return OpenedEngine(_torch(bundle, threads), "asked for")
    if kind == "onnx":
        engine = _onnx(bundle, threads)
        return OpenedEngine(engine, f"asked for; {_device_note(engine)}")
    if kind == "sparse":
        return OpenedEngine(_sparse(bundle, threads, progress), "asked for")
    if kind == "auto":
        return _fastest(bundle, threads, progress)
    raise ModelError(f"There is no engine '{kind}'; choose one of {', '.join(ENGINE_KINDS)}.")


def _fastest(bundle: Bundle, threads: int, progress: Progress | None) -> OpenedEngine:
    """Open the engine that is fastest here: measured at the first start, remembered afterwards.

    PyTorch does not take part: on a CPU it has never been the fastest, and loading it takes longer
    than the rest of a start.
    """
    from models.engines import fastest
    from models.engines.planning.network_plan import problem

    unknown = problem(bundle)
    if unknown is not None:
        dense = _onnx(bundle, threads)
        return OpenedEngine(dense, f"the sparse engine {unknown}; {_device_note(dense)}")
    known = fastest.remembered(bundle, threads)
    if known is not None and known.engine == "sparse":
        return OpenedEngine(_sparse(bundle, threads, progress), known.reason)
    dense = _onnx(bundle, threads)
    if known is not None:
        return OpenedEngine(dense, f"{known.reason}; {_device_note(dense)}")
    sparse = _sparse(bundle, threads, progress)
    found = fastest.measure(bundle, threads, {"sparse": sparse, "onnx": dense})
    if found.engine == "sparse":
        return OpenedEngine(sparse, found.reason)
    return OpenedEngine(dense, f"{found.reason}; {_device_note(dense)}")


def _sparse(bundle: Bundle, threads: int, progress: Progress | None) -> StreamingEngine:
    from models.engines.planning.network_plan import check_supported
    from models.engines.planning.preparation import compile_kernels
    from models.engines.sparse import SparseEngine

    check_supported(bundle)
    compile_kernels(progress)
    return SparseEngine(bundle, threads)


def _onnx(bundle: Bundle, threads: int) -> OnnxEngine:
    from models.engines.onnx import OnnxEngine

    return OnnxEngine(bundle, threads)


def _device_note(engine: OnnxEngine) -> str:
    return "on CUDA" if engine.device == "CUDA" else "on the CPU, CUDA is not available"


def _torch(bundle: Bundle, threads: int) -> StreamingEngine:
    if importlib.util.find_spec("torch") is None:
        raise ModelError(
            "The torch engine needs PyTorch, which is not installed; use --engine sparse or onnx, "
            "or install the extra 'train'."
        )
    import torch

    from models.engines.torch import TorchEngine, load_network

    if threads:
        torch.set_num_threads(threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return TorchEngine(load_network(bundle), bundle.cost, device)
