"""Measures once which engine is fastest on this machine, and remembers it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.engines.base import EngineState
from models.engines.cache import cache_folder, read_cached, write_cached
from models.preprocess import network_input
from models.spec import ModelSpec

log = logging.getLogger(__name__)

WARM_UP_STEPS = 3
"""Steps of every engine that are not counted."""

MEASURED_STEPS = 12
"""Steps of every engine over which the median is taken."""

SOFTWARE = ("numba", "onnxruntime", "onnxruntime-gpu")
"""Packages whose update may change which engine is fastest."""


class Measurement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which engine is fastest.

    Attributes:
        engine: Its name.
        step_ms: Median time of a step of every engine, in milliseconds.
    """

    engine: str
    step_ms: dict[str, float]

    def __post_init__(self) -> None:
        """Reject an engine that was not measured."""
        if self.engine not in self.step_ms:
            raise ValueError("the fastest engine is not among the measured ones")

    @property
    def reason(self) -> str:
        """Why this engine, as the end of a sentence."""
        others = ", ".join(
            f"{milliseconds:.1f} ms with {name}"
            for name, milliseconds in self.step_ms.items()
            if name != self.engine
        )
        fastest = f"fastest here, {self.step_ms[self.engine]:.1f} ms a step"
        return f"{fastest} against {others}" if others else fastest


class _Stepped(Protocol):
    @property
    def state(self) -> EngineState: ...


class _Steps(Protocol):
    """What can be timed: an engine of any network."""

    def init_state(self) -> EngineState: ...

    def step(self, frame: NDArray[np.float32], state: EngineState) -> _Stepped: ...


def remembered(bundle: Bundle, threads: int) -> Measurement | None:
    """Return what an earlier start measured for the same model, machine and software."""
    return read_cached(measurement_path(bundle, threads), Measurement)


def measure(bundle: Bundle, threads: int, engines: Mapping[str, _Steps]) -> Measurement:
    """Time some steps of every engine in turn, and remember the result.

    Args:
        bundle: The model.
        threads: Threads that the user asked for.
        engines: Engines by name, all of the same bundle.
    """
    times: dict[str, list[float]] = {name: [] for name in engines}
    states = {name: engine.init_state() for name, engine in engines.items()}
    for step, frame in enumerate(moving_pictures(bundle.spec)):
        for name, engine in engines.items():
            started_s = time.perf_counter()
            states[name] = engine.step(frame, states[name]).state
            if step >= WARM_UP_STEPS:
                times[name].append(time.perf_counter() - started_s)
    step_ms = {name: round(statistics.median(t) * 1e3, 3) for name, t in times.items()}
    found = Measurement(min(step_ms, key=lambda name: step_ms[name]), step_ms)
    write_cached(measurement_path(bundle, threads), found)
    return found


def measurement_path(bundle: Bundle, threads: int, name: str = "engine") -> Path:
    """Return the file of a measurement, whose name is a digest of all that it depends on."""
    from models.engines.kernels.compiling import sources_digest
    from models.engines.kernels.host import UNIT, usable_cores

    installed = [_version(name) for name in SOFTWARE]
    key = (bundle.weights_digest, threads, UNIT, usable_cores(), sources_digest(), installed)
    digest = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    return cache_folder() / f"{name}-{digest}.json"


def _version(package: str) -> str | None:
    """Return a package's version without importing it; None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def moving_pictures(spec: ModelSpec) -> Iterator[NDArray[np.float32]]:
    """Yield frames of a smooth moving scene, as the policies of a trained model expect."""
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 256, (12, 16, 3), np.uint8)
    size = (2 * spec.input_width, 2 * spec.input_height)
    large = np.asarray(cv2.resize(scene, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    for step in range(WARM_UP_STEPS + MEASURED_STEPS):
        shift = step * spec.input_width // 20
        window = large[: spec.input_height, shift : shift + spec.input_width]
        yield network_input(np.ascontiguousarray(window), spec)
