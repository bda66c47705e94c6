"""From the pipeline's threads to Qt's signals: frames, predictions and how the source is doing."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Protocol

from PyQt6.QtCore import QObject, Qt, pyqtSignal

from app.live.frame_rate import FrameRateWatch, RateWarning
from app.live.mailbox import LatestSlot
from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import RunningModel, Snapshot
from app.sources.base import Frame
from app.ui.polled import PolledObject
from models.decision import DecisionSettings

POLL_INTERVAL_MS = 15
"""How often to look for something new, in milliseconds.

Nothing is painted unless something is new, so polling often costs next to nothing, and a frame of a
60 fps camera reaches the screen before the next but one has been captured.
"""

FPS_INTERVAL_S = 0.5
"""How often a changed frame rate is signaled, in seconds: it changes with every frame."""


class LivePipeline(Protocol):
    """What the window needs from `app.live.pipeline.Pipeline`."""

    @property
    def frames(self) -> LatestSlot[Frame]:
        """The newest frame of the source."""
        ...

    @property
    def snapshots(self) -> LatestSlot[Snapshot]:
        """The newest state of the recognition."""
        ...

    @property
    def status(self) -> PipelineStatus:
        """How the source is doing."""
        ...

    @property
    def model(self) -> RunningModel | None:
        """The running model; None if it never changes."""
        ...

    @property
    def stop_requested(self) -> bool:
        """Whether a signal handler, or anything else, has requested the end."""
        ...

    def start(self) -> None:
        """Start the threads."""
        ...

    def set_decision(self, decision: DecisionSettings) -> None:
        """Use other rules for gestures from the next sample on."""
        ...

    def set_block_timing(self, on: bool) -> None:
        """Measure the time of every fused block, or not."""
        ...

    def close(self) -> None:
        """Stop the threads; may be called again."""
        ...


class PolledPipeline(PolledObject[PipelineStatus | None]):
    """Signals what is new in a pipeline; a mere change of frame rate only twice a second."""

    frame_changed = pyqtSignal(object)
    """There is a newer `Frame`."""
    snapshot_changed = pyqtSignal(object)
    """There is a newer `Snapshot`."""
    model_changed = pyqtSignal(object)
    """Another `RunningModel` runs; emitted before its first snapshot."""
    rate_warning_changed = pyqtSignal(object)
    """The camera has become too slow for the model (`RateWarning`), or fast enough (None)."""

    stop_requested = pyqtSignal()
    """The end of the run was requested."""

    def __init__(self, pipeline: LivePipeline, parent: QObject | None = None) -> None:
        super().__init__(None, POLL_INTERVAL_MS, parent)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._pipeline = pipeline
        self._frame: Frame | None = None
        self._snapshot: Snapshot | None = None
        self._status_at_s = 0.0
        self._model = pipeline.model
        self._rate_watch = FrameRateWatch()
        self._rate_warning: RateWarning | None = None

    def poll(self) -> None:
        """Look once and emit what changed."""
        if self._pipeline.stop_requested:
            self.close()
            self.stop_requested.emit()
            return
        super().poll()
        self._poll_model()
        frame = self._pipeline.frames.peek()
        if frame is not None and frame is not self._frame:
            self._frame = frame
            self.frame_changed.emit(frame)
        snapshot = self._pipeline.snapshots.peek()
        if snapshot is not None and snapshot is not self._snapshot and self._is_current(snapshot):
            self._snapshot = snapshot
            self.snapshot_changed.emit(snapshot)

    def _poll_model(self) -> None:
        model = self._pipeline.model
        if model is not None and model is not self._model:
            self._model = model
            self.model_changed.emit(model)

    def _is_current(self, snapshot: Snapshot) -> bool:
        """Return whether a snapshot belongs to the last model that was signaled."""
        return snapshot.model is None or self._model is None or snapshot.model is self._model

    def _poll_rate(self, status: PipelineStatus, now_s: float) -> None:
        if self._model is None:
            return
        running = status.live and status.state is PipelineState.RUNNING
        needed_fps = 1 / self._model.spec.frame_interval_s
        warning = self._rate_watch.observe(status.fps if running else None, needed_fps, now_s)
        if warning != self._rate_warning:
            self._rate_warning = warning
            self.rate_warning_changed.emit(warning)

    def _read(self) -> PipelineStatus | None:
        before, status, now_s = self._status, self._pipeline.status, monotonic()
        self._poll_rate(status, now_s)
        if status == before:
            return before
        only_fps = before is not None and replace(before, fps=status.fps) == status
        if only_fps and now_s - self._status_at_s < FPS_INTERVAL_S:
            return before
        self._status_at_s = now_s
        return status
