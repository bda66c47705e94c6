"""Asks for a recording, reads it in the background, and keeps the windows that show recordings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Protocol

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QProgressDialog, QWidget

from app.errors import sentence
from app.inspection.recording import InspectedModel, Recording
from app.recording.target import recordings_folder
from app.ui.inspection.recording_window import RecordingWindow, open_recording_window

TITLE = "Open recording"

PATIENCE_MS = 400
"""Time until a dialog shows that a file is still being read, in milliseconds."""

CLOSE_TIMEOUT_S = 2.0
"""Longest time that closing waits for a file that hangs, in seconds."""

Loaded = tuple[Recording, InspectedModel]


class RecordingLoader(Protocol):
    """Opens a recording."""

    def __call__(self, path: Path, canceled: Callable[[], bool], /) -> Loaded:
        """Open `path`, and check `canceled` now and then; called in its own thread.

        Raises:
            AppError: The file cannot be opened; one sentence.
        """
        ...


class RecordingOpener(QObject):
    """Opens recordings in windows beside the live one, which close with it."""

    def __init__(self, load: RecordingLoader, owner: QWidget) -> None:
        """Create it with no window open.

        Args:
            load: Opens a recording.
            owner: The window that owns the others.
        """
        super().__init__(owner)
        self._load = load
        self._owner = owner
        self._folder: Path | None = None
        self._reads: list[_BackgroundRead] = []
        self._windows: list[RecordingWindow] = []

    @property
    def windows(self) -> tuple[RecordingWindow, ...]:
        """The open windows."""
        return tuple(self._windows)

    @property
    def reading(self) -> int:
        """How many files are being read."""
        return len(self._reads)

    def ask(self, *, mirrored: bool) -> None:
        """Ask for a file, at first in the folder for recordings, and open it."""
        folder = self._folder or recordings_folder()
        start = folder if folder.is_dir() else Path.home()
        name, _ = QFileDialog.getOpenFileName(self._owner, TITLE, str(start))
        if name:
            self._folder = Path(name).parent
            self.open(Path(name), mirrored=mirrored)

    def open(self, path: Path, *, mirrored: bool) -> None:
        """Open a file in the background, or report why it cannot be opened."""
        read = _BackgroundRead(partial(self._load, path), path.name, self._owner)
        self._reads.append(read)
        read.done.connect(partial(self._take, read, path.name, mirrored))
        read.start()

    def close(self) -> None:
        """Close all windows and their recordings, and stop opening files."""
        for read in self._reads:
            read.abandon()
        self._reads.clear()
        for window in self.windows:
            window.close()

    def _take(self, read: _BackgroundRead, title: str, mirrored: bool) -> None:
        """Show the recording, or report why it cannot be opened."""
        if read not in self._reads:
            return  # closed in the meantime
        self._reads.remove(read)
        loaded = read.finish()
        if isinstance(loaded, str):
            self._warn(loaded)
        elif loaded is not None:
            recording, spec = loaded
            window = open_recording_window(
                recording, spec, title, mirrored=mirrored, parent=self._owner
            )
            self._windows.append(window)
            window.closed.connect(lambda: self._windows.remove(window))

    def _warn(self, message: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, TITLE, message, parent=self._owner)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


class _BackgroundRead(QObject):
    """Reads one file in its own thread, so that the windows stay responsive."""

    done = pyqtSignal()
    """Reading has ended, has failed or was canceled."""

    def __init__(
        self, load: Callable[[Callable[[], bool]], Loaded], title: str, owner: QWidget
    ) -> None:
        super().__init__(owner)
        self._load = load
        self._canceled = Flag()
        self._result: Loaded | str | None = None
        self._thread = Thread(target=self._run, name="open-recording", daemon=True)
        self._notice = QProgressDialog(f"Reading {title} …", "Cancel", 0, 0, owner)
        self._notice.setWindowTitle(TITLE)
        self._notice.setMinimumDuration(PATIENCE_MS)
        self._notice.canceled.connect(self._cancel)

    def start(self) -> None:
        """Start reading."""
        self._notice.setValue(0)  # starts its clock
        self._thread.start()

    def finish(self) -> Loaded | str | None:
        """Return the recording, or why it cannot be opened; None if reading was canceled."""
        self._thread.join(CLOSE_TIMEOUT_S)
        self._notice.canceled.disconnect()
        self._notice.close()
        self._notice.deleteLater()
        self.deleteLater()
        if not self._canceled.is_set():
            return self._result
        if isinstance(self._result, tuple):
            self._result[0].close()
        return None

    def abandon(self) -> None:
        """Stop reading, and close what was read."""
        self._canceled.set()
        self.finish()

    def _cancel(self) -> None:
        self._canceled.set()
        self.done.emit()

    def _run(self) -> None:
        try:
            self._result = self._load(self._canceled.is_set)
        except Exception as error:  # of any kind: a thread that dies would report nothing
            self._result = sentence(error)
        if not self._canceled.is_set():
            self.done.emit()
