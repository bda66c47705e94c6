"""Watches the real window from outside: how old the frames are that it paints."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PyQt6.QtCore import QEvent, QObject, QTimer
from PyQt6.QtWidgets import QApplication

from app.control.controller import Controller
from app.live.pipeline import Pipeline
from app.ui.application import WindowServices, qt_application, run_window
from app.ui.live.video_view import VideoView
from app.ui.window import MainWindow

Paint = Callable[[float, int], None]
"""Called with the age of a painted frame, in milliseconds, and how many newer ones there are."""


class AgeHistogram:
    """Ages in bins of a millisecond: an hour of them takes no more memory than a minute."""

    LONGEST_MS = 5000

    def __init__(self) -> None:
        self._counts = np.zeros(self.LONGEST_MS + 1, np.int64)
        self.oldest_ms = 0.0

    def add(self, age_ms: float) -> None:
        """Count one age."""
        self._counts[min(self.LONGEST_MS, max(0, round(age_ms)))] += 1
        self.oldest_ms = max(self.oldest_ms, age_ms)

    @property
    def count(self) -> int:
        """Ages so far."""
        return int(self._counts.sum())

    def percentile_ms(self, percent: float) -> float | None:
        """Return the age that `percent` of the paints do not exceed; None without any."""
        if not self.count:
            return None
        return int(np.searchsorted(np.cumsum(self._counts), self.count * percent / 100))

    def share_over(self, limit_ms: int) -> float | None:
        """Return the share of ages above a limit; None without any."""
        return float(self._counts[limit_ms + 1 :].sum() / self.count) if self.count else None


class _PaintLog(QObject):
    """Reports each time that the live view is painted."""

    def __init__(self, pipeline: Pipeline, on_paint: Paint) -> None:
        super().__init__()
        self._pipeline = pipeline
        self._on_paint = on_paint

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        if not isinstance(watched, VideoView) or event is None:
            return False
        newest = self._pipeline.frames.peek()
        if event.type() is QEvent.Type.Paint and watched.frame and newest:
            age_ms = (time.monotonic() - watched.frame.captured_at_s) * 1e3
            self._on_paint(age_ms, newest.index - watched.frame.index)
        return False


def watch_window(
    pipeline: Pipeline,
    seconds: float,
    *,
    settling_s: float,
    on_paint: Paint,
    on_second: Callable[[], None],
    control: Controller | None = None,
) -> float:
    """Run a pipeline in the window for a while.

    Args:
        pipeline: Closed afterwards.
        seconds: Time to watch.
        settling_s: Time before that.
        on_paint: Called for every frame that is painted in that time.
        on_second: Called every second, from the start on.
        control: Turns gestures into keys; None for no keys.

    Returns:
        Time to close, in seconds.
    """
    application = qt_application()
    log = _PaintLog(pipeline, on_paint)
    every_second = QTimer()
    every_second.timeout.connect(on_second)
    every_second.start(1000)
    closing_s = 0.0

    def window() -> MainWindow:
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))

    def end() -> None:
        nonlocal closing_s
        closing_s = time.monotonic()
        every_second.stop()
        window().close()

    QTimer.singleShot(round(settling_s * 1e3), lambda: window().video.installEventFilter(log))
    QTimer.singleShot(round((settling_s + seconds) * 1e3), end)
    run_window(pipeline, pipeline.model, services=WindowServices(control=control))
    del application
    return time.monotonic() - closing_s
