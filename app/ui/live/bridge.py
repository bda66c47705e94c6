"""From the pipeline's threads to Qt's signals: the one place that knows both worlds.

The window pulls. Frames that are pushed into Qt's event queue pile up as soon as the window is
slower than the camera (measured: eight seconds behind after five); a timer that looks at the newest
frame never falls behind.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Protocol

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from app.live.frame_rate import FrameRateWatch, RateWarning
from app.live.mailbox import LatestSlot
from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import RunningModel, Snapshot
from app.sources.base import Frame
from models.decision import DecisionSettings

POLL_INTERVAL_MS = 15
"""How often to look for news, in milliseconds.

Nothing is painted without news, so looking often costs next to nothing, and a frame of a 60 fps
camera reaches the screen before the next but one has been captured.
"""

FPS_INTERVAL_S = 0.5
"""How often a changed frame rate is news, in seconds: it changes with every frame."""


class LivePipeline(Protocol):
    """What the window needs of `app.live.pipeline.Pipeline`."""

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
        """What runs; None if it will never be another."""
        ...

    @property
    def stop_requested(self) -> bool:
        """Whether somebody, such as a signal handler, asked for the end."""
        ...

    def start(self) -> None:
        """Start the threads."""
        ...

    def set_decision(self, decision: DecisionSettings) -> None:
        """Decide by other settings from the next sample on."""
        ...

    def set_block_timing(self, on: bool) -> None:
        """Let traces tell how long each fused block takes, or not."""
        ...

    def close(self) -> None:
        """Stop the threads; may be called again."""
        ...


class Bridge(QObject):
    """Turns what is new in a pipeline into signals, in the window's thread."""

    frame_changed = pyqtSignal(object)
    """A newer `Frame` is there."""
    snapshot_changed = pyqtSignal(object)
    """A newer `Snapshot` is there."""
    status_changed = pyqtSignal(object)
    """The `PipelineStatus` differs; a frame rate alone is news twice a second."""

    model_changed = pyqtSignal(object)
    """Another `RunningModel` runs; told before its first snapshot."""
    rate_warning_changed = pyqtSignal(object)
    """The camera has become too slow for the model (`RateWarning`), or fast enough (None)."""

    stop_requested = pyqtSignal()
    """Somebody asked for the end."""

    def __init__(self, pipeline: LivePipeline, parent: QObject | None = None) -> None:
        """Create the bridge at rest.

        Args:
            pipeline: Where to look. It is never started or closed from here.
            parent: Owner in Qt's tree.
        """
        super().__init__(parent)
        self._pipeline = pipeline
        self._frame: Frame | None = None
        self._snapshot: Snapshot | None = None
        self._status: PipelineStatus | None = None
        self._status_at_s = 0.0
        self._model = pipeline.model
        self._rate_watch = FrameRateWatch()
        self._rate_warning: RateWarning | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.poll)

    def start(self) -> None:
        """Begin to look, at once and from then on by timer."""
        self.poll()
        self._timer.start()

    def stop(self) -> None:
        """Look no more: no signal is emitted afterwards."""
        self._timer.stop()

    def poll(self) -> None:
        """Look once and emit what changed."""
        if self._pipeline.stop_requested:
            self.stop()
            self.stop_requested.emit()
            return
        self._poll_status()
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
        """Return whether a snapshot is of the model that the window knows to run."""
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

    def _poll_status(self) -> None:
        status, now_s = self._pipeline.status, monotonic()
        self._poll_rate(status, now_s)
        if status == self._status:
            return
        only_fps = self._status is not None and replace(self._status, fps=status.fps) == status
        if only_fps and now_s - self._status_at_s < FPS_INTERVAL_S:
            return
        self._status, self._status_at_s = status, now_s
        self.status_changed.emit(status)
