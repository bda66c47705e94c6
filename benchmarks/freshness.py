"""A source faster than the engine: how old the frame on screen gets, and whether memory grows."""

from __future__ import annotations

import time

import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

from app.live.pipeline import Pipeline
from app.live.run import Run
from app.process import native_libraries
from app.sources.base import Frame
from models.bundle import load_bundle, zoo_path
from models.decision import DecisionSettings
from models.engines.base import EngineState, StepResult, StreamingEngine
from models.engines.factory import create_engine
from models.spec import ModelSpec

SETTLING_S = 5.0
"""Caches fill and windows open; growth counts from here."""


class FastSource:
    """A synthetic live camera of 640x480 pixels."""

    name = "synthetic camera"
    live = True

    def __init__(self, fps: float) -> None:
        self.fps: float | None = fps
        self._period_s = 1 / fps
        self._origin_s = time.monotonic()
        self._index = 0
        rng = np.random.default_rng(0)
        self._image = rng.integers(0, 256, (480, 640, 3), np.uint8)

    def read(self) -> Frame | None:
        """Wait for the next frame's time; every frame is a new image, as a camera's is."""
        due_s = self._origin_s + self._index * self._period_s
        time.sleep(max(0.0, due_s - time.monotonic()))
        now_s = time.monotonic()
        image = np.roll(self._image, self._index % 640, axis=1)
        frame = Frame(image, now_s - self._origin_s, self._index, now_s)
        self._index += 1
        return frame

    def close(self) -> None:
        """Nothing to release."""


class SlowEngine:
    """A bundled model, delayed to a fixed time per step and called faster than that."""

    name = "slowed"

    def __init__(self, engine: StreamingEngine, step_s: float) -> None:
        self._engine = engine
        self._step_s = step_s

    @property
    def spec(self) -> ModelSpec:
        """The model, at twice the cadence that the slowed engine can keep up with."""
        return msgspec.structs.replace(self._engine.spec, frame_interval_s=self._step_s / 2)

    def init_state(self) -> EngineState:
        """Return the state before the first frame."""
        return self._engine.init_state()

    def step(self, frame: NDArray[np.float32], state: EngineState) -> StepResult:
        """Run one frame and wait until the fixed time is over."""
        due_s = time.monotonic() + self._step_s
        result = self._engine.step(frame, state)
        time.sleep(max(0.0, due_s - time.monotonic()))
        return result


def measure_freshness(seconds: float, fps: float, step_s: float) -> dict[str, object]:
    """Run the window over a fast source and a slow engine.

    Args:
        seconds: Time to watch, after the first five seconds.
        fps: Frame rate of the source.
        step_s: Time of a step, in seconds.

    Returns:
        Frames by which the screen lags behind the source at each paint, age of the painted frame,
        growth of resident memory between the first and the last tenth, and time to close.
    """
    native_libraries.prepare(quiet=True)
    native_libraries.forget_cv2_qt_paths()
    from benchmarks.window_watch import watch_window

    engine = SlowEngine(create_engine(load_bundle(zoo_path("one_view"))).engine, step_s)
    pipeline = Pipeline(lambda: FastSource(fps), Run(engine, DecisionSettings()))
    process = psutil.Process()
    paints: list[tuple[float, int]] = []
    all_memory_mb: list[float] = []
    close_s = watch_window(
        pipeline,
        seconds,
        settling_s=SETTLING_S,
        on_paint=lambda age_ms, behind: paints.append((age_ms, behind)),
        on_second=lambda: all_memory_mb.append(process.memory_info().rss / 1e6),
    )
    ages_ms, behind = np.array(paints).T
    memory = np.array(all_memory_mb[round(SETTLING_S) :] or all_memory_mb)
    tenth = max(1, len(memory) // 10)
    snapshot = pipeline.snapshots.peek()
    return {
        "minutes": round(seconds / 60, 2),
        "paints": len(paints),
        "frames_behind_max": int(behind.max()),
        "share_of_paints_over_two_behind": float(np.mean(behind > 2)),
        "age_ms_p50": round(float(np.percentile(ages_ms, 50)), 1),
        "age_ms_p99": round(float(np.percentile(ages_ms, 99)), 1),
        "samples_dropped": snapshot.dropped if snapshot is not None else None,
        "memory_mb": round(float(memory.max()), 1),
        "memory_growth_mb": round(float(memory[-tenth:].mean() - memory[:tenth].mean()), 2),
        "close_s": round(close_s, 3),
    }
