"""How long a dense step takes on this machine, against which the saved milliseconds are counted.

Measured once for a model, a machine and its software, and remembered.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from models.bundle import Bundle
from models.engines.cache import read_cached, write_cached
from models.engines.fastest import (
    WARM_UP_STEPS,
    measurement_path,
    moving_pictures,
    remembered,
)
from models.trace import BlockPhase
from models.two_views.bundle import AnyBundle, TwoViewBundle

if TYPE_CHECKING:
    from models.engines.onnx import OnnxEngine
    from models.engines.sparse import SparseEngine

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
    bundle: AnyBundle, threads: int, *, with_blocks: bool
) -> DenseReference | None:
    """Return what was measured before; None unless it includes all that is asked for."""
    known = [
        _remembered(part.bundle, threads, with_blocks=with_blocks)
        for part in _parts(bundle, threads)
    ]
    return _together(known)


def measure_reference(
    bundle: AnyBundle, threads: int, *, with_blocks: bool, should_stop: ShouldStop
) -> DenseReference | None:
    """Measure, and remember the result.

    Args:
        bundle: The model; of one of two views, both networks are measured, one after the other.
        threads: Threads that the user asked for.
        with_blocks: Whether to measure the blocks as well, with the sparse engine.
        should_stop: Whether to break off, asked before each step.

    Returns:
        The times; None if the measurement was broken off.
    """
    return _together(
        [
            _remembered(part.bundle, threads, with_blocks=with_blocks)
            or _measured(part, threads, with_blocks, should_stop)
            for part in _parts(bundle, threads)
        ]
    )


class _Part(NamedTuple):
    """One network of a model, and what opens its engines."""

    bundle: Bundle
    onnx: Callable[[], OnnxEngine]
    sparse: Callable[[], SparseEngine]


def _parts(bundle: AnyBundle, threads: int) -> list[_Part]:
    from models.engines.onnx import OnnxEngine
    from models.engines.sparse import SparseEngine
    from models.two_views.onnx_whole import HAND_OUTPUTS
    from models.two_views.sparse_whole import LOCATOR

    def part(network: Bundle, extra: tuple[str, ...] = (), aside: str | None = None) -> _Part:
        return _Part(
            network,
            lambda: OnnxEngine(network, threads, extra),
            lambda: SparseEngine(network, threads, aside),
        )

    if isinstance(bundle, TwoViewBundle):
        return [part(bundle.whole, HAND_OUTPUTS, LOCATOR), part(bundle.crop)]
    return [part(bundle)]


def _together(parts: Sequence[DenseReference | None]) -> DenseReference | None:
    """Return the times of a whole model; None if those of a network are missing."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    blocks = chain.from_iterable(part.block_ms for part in known)
    return DenseReference(sum(part.step_ms for part in known), tuple(blocks))


def _remembered(bundle: Bundle, threads: int, *, with_blocks: bool) -> DenseReference | None:
    known = read_cached(measurement_path(bundle, threads, _NAME), DenseReference)
    if known is None or not with_blocks:
        return None if known is None else DenseReference(known.step_ms)
    return known if len(known.block_ms) == len(bundle.cost.sites) else None


def _measured(
    part: _Part, threads: int, with_blocks: bool, should_stop: ShouldStop
) -> DenseReference | None:
    """Measure one network, and remember the result."""
    chosen = remembered(part.bundle, threads)
    step_ms = None if chosen is None else chosen.step_ms.get(_ENGINE)
    if step_ms is None:
        step_ms = _step_ms(part, should_stop)
    block_ms = _block_ms(part, should_stop) if with_blocks else ()
    if step_ms is None or block_ms is None:
        return None
    found = DenseReference(step_ms, block_ms)
    write_cached(measurement_path(part.bundle, threads, _NAME), found)
    return found


def _step_ms(part: _Part, should_stop: ShouldStop) -> float | None:
    """Time ONNX Runtime, which computes every channel and sets some to zero afterwards."""
    engine = part.onnx()
    state, times_s = engine.init_state(), []
    for frame in moving_pictures(part.bundle.spec):
        if should_stop():
            return None
        started_s = time.perf_counter()
        state = engine.step(frame, state).state
        times_s.append(time.perf_counter() - started_s)
    return round(statistics.median(times_s[WARM_UP_STEPS:]) * 1e3, 3)


def _block_ms(part: _Part, should_stop: ShouldStop) -> tuple[float, ...] | None:
    """Time the fused convolutions of each block with every channel kept."""
    engine = part.sparse()
    engine.keep_everything()
    engine.times_blocks = True
    state, times_ms = engine.init_state(), []
    for frame in moving_pictures(part.bundle.spec):
        if should_stop():
            return None
        result = engine.step(frame, state)
        state = result.state
        assert result.trace.block_ms is not None  # asked for above
        times_ms.append(result.trace.block_ms)
    measured = np.stack(times_ms[WARM_UP_STEPS:])
    medians = np.median(measured[..., BlockPhase.CONVOLUTIONS], axis=0)
    return tuple(np.round(medians.astype(np.float64), 4).tolist())
