"""Between the recorder, which any thread may use, and the widgets that show and switch it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.errors import AppError
from app.recording.recorder import Recorder, RecorderStatus
from app.recording.target import new_path, recordings_folder

POLL_INTERVAL_MS = 100
"""How often to look how long a recording is, and whether it still goes on."""


class RecordingDesk(QObject):
    """Everything that the widgets may ask of the recorder, and what they hear from it."""

    status_changed = pyqtSignal(object)
    """The `RecorderStatus` differs; its time counts in whole seconds."""
    saved = pyqtSignal(object)
    """A recording is complete: its `Path`."""
    refused = pyqtSignal(str)
    """A recording cannot be begun: one sentence."""

    def __init__(self, recorder: Recorder, parent: QObject | None = None) -> None:
        """Look at the recorder from now on.

        Args:
            recorder: The recorder. It is not stopped from here.
            parent: Owner in Qt's tree.
        """
        super().__init__(parent)
        self._recorder = recorder
        self._status = RecorderStatus()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()

    @property
    def status(self) -> RecorderStatus:
        """What was told last."""
        return self._status

    @property
    def recording(self) -> bool:
        """Whether a recording is under way."""
        return self._recorder.status.path is not None

    def poll(self) -> None:
        """Look once, and tell what changed."""
        status = self._recorder.status
        status = replace(status, elapsed_s=float(int(status.elapsed_s)))
        if status == self._status:
            return
        before, self._status = self._status, status
        self.status_changed.emit(status)
        if before.path is not None and status.path != before.path and not status.failure:
            self.saved.emit(before.path)

    def toggle(self) -> None:
        """End the recording, or begin one under a name of its own."""
        if self.recording:
            self.stop()
        else:
            self.start_somewhere()

    def start_somewhere(self) -> None:
        """Record to a new file in the folder for recordings."""
        try:
            self.start(self.proposal())
        except OSError as error:
            folder = recordings_folder()
            self.refused.emit(f"The folder {folder} cannot be made ({error.strerror}).")

    def proposal(self) -> Path:
        """Return a new file in the folder for recordings, which is made if need be.

        Raises:
            OSError: The folder cannot be made.
        """
        folder = recordings_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return new_path(folder, datetime.now().astimezone())

    def start(self, path: Path) -> None:
        """Record to a file."""
        try:
            self._recorder.start(path)
        except AppError as error:
            self.refused.emit(str(error))
        self.poll()

    def stop(self) -> None:
        """End the recording."""
        self._recorder.stop()
        self.poll()

    def dismiss(self) -> None:
        """Look no more: the window is about to disappear."""
        self._timer.stop()
