"""How long a dense step takes on this machine, against which the saved milliseconds are counted.

Measured once for a model, a machine and its software, and remembered.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import msgspec
import numpy as np

from models.bundle import Bundle
from models.engines.base import StreamingEngine
from models.engines.cache import read_cached, write_cached
from models.engines.fastest import (
    WARM_UP_STEPS,
    measurement_path,
    moving_pictures,
    remembered,
)
from models.trace import BlockPhase

ShouldStop = Callable[[], bool]
"""Asked before each step whether to break off."""

_NAME = "dense"
_ENGINE = "onnx"


class DenseReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times with every channel kept.

    Attributes:
        step_ms: A whole step with ONNX Runtime, in milliseconds.
        block_ms: The fused convolutions of each block with the sparse engine, in milliseconds;
            empty if that engine was not measured.
    """

    step_ms: float
    block_ms: tuple[float, ...] = ()


def remembered_reference(
    bundle: Bundle, threads: int, *, with_blocks: bool
) -> DenseReference | None:
    """Return what was measured before; None unless it includes all that is asked for."""
    known = read_cached(measurement_path(bundle, threads, _NAME), DenseReference)
    if known is None or not with_blocks:
        return None if known is None else DenseReference(known.step_ms)
    return known if len(known.block_ms) == len(bundle.cost.sites) else None


def measure_reference(
    bundle: Bundle, threads: int, *, with_blocks: bool, should_stop: ShouldStop
) -> DenseReference | None:
    """Measure, and remember the result.

    Args:
        bundle: The model.
        threads: Threads that the user asked for.
        with_blocks: Whether to measure the blocks as well, with the sparse engine.
        should_stop: Whether to break off, asked before each step.

    Returns:
        The times; None if the measurement was broken off.
    """
    chosen = remembered(bundle, threads)
    step_ms = None if chosen is None else chosen.step_ms.get(_ENGINE)
    if step_ms is None:
        step_ms = _step_ms(bundle, threads, should_stop)
    block_ms = _block_ms(bundle, threads, should_stop) if with_blocks else ()
    if step_ms is None or block_ms is None:
        return None
    found = DenseReference(step_ms, block_ms)
    write_cached(measurement_path(bundle, threads, _NAME), found)
    return found


def _step_ms(bundle: Bundle, threads: int, should_stop: ShouldStop) -> float | None:
    """Time ONNX Runtime, which computes every channel and sets some to zero afterwards."""
    from models.engines.onnx import OnnxEngine

    engine: StreamingEngine = OnnxEngine(bundle, threads)
    state, times_s = engine.init_state(), []
    for frame in moving_pictures(bundle.spec):
        if should_stop():
            return None
        started_s = time.perf_counter()
        state = engine.step(frame, state).state
        times_s.append(time.perf_counter() - started_s)
    return round(statistics.median(times_s[WARM_UP_STEPS:]) * 1e3, 3)


def _block_ms(bundle: Bundle, threads: int, should_stop: ShouldStop) -> tuple[float, ...] | None:
    """Time the fused convolutions of each block with every channel kept."""
    from models.engines.sparse import SparseEngine

    engine = SparseEngine(bundle, threads)
    engine.keep_everything()
    engine.times_blocks = True
    state, times_ms = engine.init_state(), []
    for frame in moving_pictures(bundle.spec):
        if should_stop():
            return None
        result = engine.step(frame, state)
        state = result.state
        assert result.trace.block_ms is not None  # asked for above
        times_ms.append(result.trace.block_ms)
    measured = np.stack(times_ms[WARM_UP_STEPS:])
    medians = np.median(measured[..., BlockPhase.CONVOLUTIONS], axis=0)
    return tuple(np.round(medians.astype(np.float64), 4).tolist())
