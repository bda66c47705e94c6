"""From the recorder, which any thread may use, to the widgets that show and switch it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from app.errors import AppError
from app.recording.recorder import Recorder, RecorderStatus
from app.recording.target import new_path, recordings_folder
from app.ui.polled import PolledObject

POLL_INTERVAL_MS = 100
"""How often to look how long a recording is and whether it still runs, in milliseconds."""


class PolledRecorder(PolledObject[RecorderStatus]):
    """Shows the widgets what is recorded, in whole seconds, and starts and stops it for them."""

    saved = pyqtSignal(object)
    """A recording is complete: its `Path`."""
    refused = pyqtSignal(str)
    """A recording cannot be started; the sentence says why."""

    def __init__(self, recorder: Recorder, parent: QObject | None = None) -> None:
        super().__init__(RecorderStatus(), POLL_INTERVAL_MS, parent)
        self._recorder = recorder

    @property
    def recording(self) -> bool:
        """Whether a recording is under way."""
        return self._recorder.status.path is not None

    def poll(self) -> None:
        """Look once and emit what changed."""
        before = self.status
        super().poll()
        ended = before.path is not None and self.status.path != before.path
        # After `status_changed`, which hides what `saved` shows.
        if ended and not self.status.failure:
            self.saved.emit(before.path)

    def toggle(self) -> None:
        """Stop the recording, or start one under a new name."""
        if self.recording:
            self.stop()
        else:
            self.start_new()

    def start_new(self) -> None:
        """Record to a new file in the folder for recordings."""
        try:
            self.record_to(self.new_path())
        except OSError as error:
            self.refused.emit(folder_refused(error))

    def new_path(self) -> Path:
        """Return a new file in the folder for recordings, which is created if need be.

        Raises:
            OSError: The folder cannot be created.
        """
        folder = recordings_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return new_path(folder, datetime.now().astimezone())

    def record_to(self, path: Path) -> None:
        """Record to a file."""
        try:
            self._recorder.start(path)
        except AppError as error:
            self.refused.emit(str(error))
        self.poll()

    def stop(self) -> None:
        """Stop the recording."""
        self._recorder.stop()
        self.poll()

    def _read(self) -> RecorderStatus:
        status = self._recorder.status
        return replace(status, elapsed_s=float(int(status.elapsed_s)))


def folder_refused(error: OSError) -> str:
    """Return why the folder for recordings cannot be created, as one sentence."""
    return f"The folder {recordings_folder()} cannot be created ({error.strerror})."
