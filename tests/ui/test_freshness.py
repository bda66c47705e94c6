"""A fast camera and a slow engine: what is on the screen stays new."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QObject, QTimer
from PyQt6.QtWidgets import QApplication

from app.live.pipeline import Pipeline
from app.live.run import Run
from app.ui.application import run_window
from app.ui.live.video_view import VideoView
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from tests.ui.scripted import ScriptedEngine, SteadySource, a_spec

CAMERA_FPS = 60.0


class PaintLog(QObject):
    """Notes, each time the live view is painted, how far its frame is behind the newest."""

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__()
        self._pipeline = pipeline
        self.behind: list[int] = []
        self.age_s: list[float] = []

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(watched, VideoView) and event is not None:
            newest = self._pipeline.frames.peek()
            if event.type() is QEvent.Type.Paint and watched.frame and newest:
                self.behind.append(newest.index - watched.frame.index)
                self.age_s.append(time.monotonic() - watched.frame.captured_at_s)
        return False


@pytest.mark.usefixtures("qapp")
def test_the_frame_on_screen_is_never_older_than_two_frames() -> None:
    spec = a_spec(frame_interval_s=1 / CAMERA_FPS)
    pipeline = Pipeline(
        lambda: SteadySource(CAMERA_FPS),
        Run(ScriptedEngine(spec, delay_s=0.05), DecisionSettings()),
    )
    log = PaintLog(pipeline)
    closed_s = 0.0

    def window() -> MainWindow:
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))

    def watch() -> None:
        window().video.installEventFilter(log)

    def close() -> None:
        nonlocal closed_s
        snapshot = pipeline.snapshots.peek()
        assert snapshot is not None
        assert snapshot.dropped > 0  # the engine is indeed too slow
        closed_s = time.monotonic()
        window().close()

    QTimer.singleShot(800, watch)
    QTimer.singleShot(4000, close)
    assert run_window(pipeline, pipeline.model) == 0

    assert time.monotonic() - closed_s < 1.0
    assert len(log.behind) > 60
    # A busy machine may stop the whole process for a moment, which is no queue: a queue would grow.
    assert np.quantile(log.behind, 0.95) <= 2
    assert max(log.behind) < CAMERA_FPS / 4
    assert sorted(log.age_s)[len(log.age_s) // 2] < 2 / CAMERA_FPS
