"""Switches between the main window and the stage overlay: one of them is on the screen."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QRect, pyqtSignal
from PyQt6.QtWidgets import QMainWindow

from app.control.arming import Cause
from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import Snapshot
from app.sources.base import Frame
from app.ui.control.polled_control import PolledControl
from app.ui.live.prediction_overlay import is_quiet
from app.ui.recording.polled_recorder import PolledRecorder
from app.ui.recording.recording_mark import RecordingMark
from app.ui.stage.stage_overlay import StageOverlay
from models.spec import ModelSpec


class StageMode(QObject):
    """Creates the overlay when it is first needed, and feeds it while it is on the screen.

    Attributes:
        overlay: The overlay; None before it was first shown.
        recorder: Knows whether a recording is running; None where none can be made.
        correctable: Whether gestures can be said to be wrong (`nothing`).
        geometry: The last place and size of the overlay; None for the usual corner.
    """

    nothing = pyqtSignal()
    """The gesture that fired last was nothing."""

    def __init__(self, window: QMainWindow, control: PolledControl | None) -> None:
        """Start with the window on the screen.

        Args:
            window: The window that the overlay replaces.
            control: The control; None where gestures are only shown.
        """
        super().__init__(window)
        self._window = window
        self._control = control
        self._mirrored = True
        self._frame: Frame | None = None
        self._status = PipelineStatus(PipelineState.STARTING)
        self.overlay: StageOverlay | None = None
        self.recorder: PolledRecorder | None = None
        self.correctable = False
        self.geometry: QRect | None = None

    @property
    def active(self) -> bool:
        """Whether the overlay is on the screen."""
        return self.overlay is not None and self.overlay.isVisible()

    def enter(self) -> None:
        """Show the overlay instead of the window."""
        if self.overlay is None:
            self.overlay = self._new_overlay()
        overlay = self.overlay
        overlay.set_mirrored(self._mirrored)
        overlay.show_status(self._status)
        if self._frame is not None:
            overlay.show_frame(self._frame)
        overlay.place(self.geometry)
        overlay.show()
        self._window.hide()

    def leave(self) -> None:
        """Show the window again."""
        if self.overlay is None or not self.active:
            return
        self.geometry = self.overlay.geometry()
        self._window.show()
        self.overlay.hide()
        self._window.raise_()
        self._window.activateWindow()

    def close(self) -> None:
        """Delete the overlay; its place is remembered."""
        if self.overlay is None:
            return
        if self.active:
            self.geometry = self.overlay.geometry()
        self.overlay.hide()
        self.overlay.deleteLater()
        self.overlay = None

    def show_frame(self, frame: Frame) -> None:
        """Show a newer frame."""
        self._frame = frame
        if self.overlay is not None and self.active:
            self.overlay.show_frame(frame)

    def show_snapshot(self, snapshot: Snapshot, spec: ModelSpec) -> None:
        """Show the newest prediction of a model."""
        if self.overlay is not None and self.active:
            prediction = snapshot.prediction
            quiet = is_quiet(prediction.label, prediction.confidence, spec.silent_labels)
            self.overlay.show_prediction(prediction, quiet=quiet)

    def show_status(self, status: PipelineStatus) -> None:
        """Show how the source is doing."""
        self._status = status
        if self.overlay is not None:
            self.overlay.show_status(status)

    def say(self, sentence: str) -> None:
        """Say something for a while, if the overlay is on the screen."""
        if self.overlay is not None and self.active:
            self.overlay.say(sentence)

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the picture, or not."""
        self._mirrored = mirrored
        if self.overlay is not None:
            self.overlay.set_mirrored(mirrored)

    def _new_overlay(self) -> StageOverlay:
        overlay = StageOverlay(controlled=self._control is not None, correctable=self.correctable)
        overlay.left.connect(self.leave)
        overlay.quit.connect(self._window.close)
        overlay.nothing.connect(self.nothing)
        if self.recorder is not None:
            mark = RecordingMark(self.recorder)
            overlay.set_mark(mark)
            mark.show_status(self.recorder.status)
        control = self._control
        if control is not None:
            overlay.toggled.connect(lambda: control.toggle(Cause.BUTTON))
            overlay.escaped.connect(lambda: control.disarm(Cause.ESCAPE))
            control.status_changed.connect(overlay.show_control)
            overlay.show_control(control.controller.status)
        return overlay
