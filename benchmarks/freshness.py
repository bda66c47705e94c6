"""A source faster than the engine: how old the frame on screen gets, and whether memory grows."""

from __future__ import annotations

import time

import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

from app import native_libraries
from app.pipeline import Pipeline
from app.sources.base import Frame
from models.bundle import default_bundle_path, load_bundle
from models.decision import DecisionSettings
from models.engines.base import EngineState, StepResult, StreamingEngine
from models.engines.factory import create_engine
from models.spec import ModelSpec

SETTLING_S = 5.0
"""Caches fill and windows open; growth counts from here."""

SAMPLE_S = 1.0


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
    """The bundled model, held up to take a fixed time, asked for more often than it can answer."""

    name = "slowed"

    def __init__(self, engine: StreamingEngine, step_s: float) -> None:
        self._engine = engine
        self._step_s = step_s

    @property
    def spec(self) -> ModelSpec:
        """The model, wanting twice as many frames as the slowed engine can take."""
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
        seconds: How long to watch, after the first five seconds.
        fps: Frame rate of the source.
        step_s: Time of a step, in seconds.

    Returns:
        Frames by which the screen lags behind the source at each paint, age of the painted frame,
        growth of resident memory between the first and the last tenth, and time to close.
    """
    native_libraries.prepare(quiet=True)
    native_libraries.forget_cv2_qt_paths()
    engine = SlowEngine(create_engine(load_bundle(default_bundle_path())).engine, step_s)
    pipeline = Pipeline(lambda: FastSource(fps), engine, DecisionSettings())
    watch = _watch_window(pipeline, engine.spec, seconds)
    memory = np.array(watch.memory_mb)
    tenth = max(1, len(memory) // 10)
    snapshot = pipeline.snapshots.peek()
    return {
        "minutes": round(seconds / 60, 2),
        "paints": len(watch.behind),
        "frames_behind_max": max(watch.behind),
        "share_of_paints_over_two_behind": float(np.mean(np.array(watch.behind) > 2)),
        "age_ms_p50": round(float(np.percentile(watch.age_ms, 50)), 1),
        "age_ms_p99": round(float(np.percentile(watch.age_ms, 99)), 1),
        "samples_dropped": snapshot.dropped if snapshot is not None else None,
        "memory_mb": round(float(memory.max()), 1),
        "memory_growth_mb": round(float(memory[-tenth:].mean() - memory[:tenth].mean()), 2),
        "close_s": round(watch.close_s, 3),
    }


class _Watch:
    """What is noted while the window is open."""

    def __init__(self) -> None:
        self.behind: list[int] = []
        self.age_ms: list[float] = []
        self.memory_mb: list[float] = []
        self.close_s = 0.0


def _watch_window(pipeline: Pipeline, spec: ModelSpec, seconds: float) -> _Watch:
    from PyQt6.QtCore import QEvent, QObject, QTimer
    from PyQt6.QtWidgets import QApplication

    from app.ui.application import run_window
    from app.ui.video_view import VideoView
    from app.ui.window import MainWindow

    watch = _Watch()
    process = psutil.Process()

    class PaintLog(QObject):
        def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
            if not isinstance(watched, VideoView) or event is None:
                return False
            newest = pipeline.frames.peek()
            if event.type() is QEvent.Type.Paint and watched.frame and newest:
                watch.behind.append(newest.index - watched.frame.index)
                watch.age_ms.append((time.monotonic() - watched.frame.captured_at_s) * 1e3)
            return False

    application = QApplication.instance() or QApplication([])
    log = PaintLog()
    memory_timer = QTimer()
    memory_timer.timeout.connect(lambda: watch.memory_mb.append(process.memory_info().rss / 1e6))

    def window() -> MainWindow:
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))

    def begin() -> None:
        window().video.installEventFilter(log)
        memory_timer.start(round(SAMPLE_S * 1e3))

    def end() -> None:
        memory_timer.stop()
        watch.close_s = time.monotonic()
        window().close()

    QTimer.singleShot(round(SETTLING_S * 1e3), begin)
    QTimer.singleShot(round((SETTLING_S + seconds) * 1e3), end)
    run_window(pipeline, spec, "slowed", "slow on purpose", None)
    watch.close_s = time.monotonic() - watch.close_s
    del application
    return watch
