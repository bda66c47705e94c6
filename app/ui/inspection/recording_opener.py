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
"""Time until people are told that it takes longer, in milliseconds."""

CLOSE_TIMEOUT_S = 2.0
"""Longest time that the end of the program waits for a file that hangs."""

Loaded = tuple[Recording, InspectedModel]


class RecordingLoader(Protocol):
    """Opens a file."""

    def __call__(self, path: Path, cancelled: Callable[[], bool], /) -> Loaded:
        """Open `path`, and look at `cancelled` now and then; called in a thread of its own.

        Raises:
            AppError: It cannot be opened, in one sentence.
        """
        ...


class RecordingOpener(QObject):
    """Opens recordings in windows beside the live one, which close with it."""

    def __init__(self, load: RecordingLoader, owner: QWidget) -> None:
        """Open nothing yet.

        Args:
            load: Opens a file.
            owner: The window that the others belong to.
        """
        super().__init__(owner)
        self._load = load
        self._owner = owner
        self._folder: Path | None = None
        self._reads: list[_BackgroundRead] = []
        self._windows: list[RecordingWindow] = []

    @property
    def windows(self) -> tuple[RecordingWindow, ...]:
        """The windows that are open."""
        return tuple(self._windows)

    @property
    def reading(self) -> int:
        """How many files are being read."""
        return len(self._reads)

    def ask(self, *, mirrored: bool) -> None:
        """Let people choose a file, at first where recordings are kept, and open it."""
        folder = self._folder or recordings_folder()
        start = folder if folder.is_dir() else Path.home()
        name, _ = QFileDialog.getOpenFileName(self._owner, TITLE, str(start))
        if name:
            self._folder = Path(name).parent
            self.open(Path(name), mirrored=mirrored)

    def open(self, path: Path, *, mirrored: bool) -> None:
        """Open a file in the background, or say why that cannot be done."""
        read = _BackgroundRead(partial(self._load, path), path.name, self._owner)
        self._reads.append(read)
        read.done.connect(partial(self._take, read, path.name, mirrored))
        read.start()

    def close(self) -> None:
        """Close all windows and their recordings, and open no more of them."""
        for read in self._reads:
            read.abandon()
        self._reads.clear()
        for window in self.windows:
            window.close()

    def _take(self, read: _BackgroundRead, title: str, mirrored: bool) -> None:
        """Show what was opened, or why it was not."""
        if read not in self._reads:
            return  # closed meanwhile
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
    """One file that is being read in a thread of its own, so that the windows go on."""

    done = pyqtSignal()
    """Reading is over, one way or the other."""

    def __init__(
        self, load: Callable[[Callable[[], bool]], Loaded], title: str, owner: QWidget
    ) -> None:
        super().__init__(owner)
        self._load = load
        self._cancelled = Flag()
        self._result: Loaded | str | None = None
        self._thread = Thread(target=self._run, name="open-recording", daemon=True)
        self._notice = QProgressDialog(f"Reading {title} …", "Cancel", 0, 0, owner)
        self._notice.setWindowTitle(TITLE)
        self._notice.setMinimumDuration(PATIENCE_MS)
        self._notice.canceled.connect(self._cancel)

    def start(self) -> None:
        """Begin to read."""
        self._notice.setValue(0)  # its clock runs from now on
        self._thread.start()

    def finish(self) -> Loaded | str | None:
        """Return what was read, or why it was not; None if it was cancelled."""
        self._thread.join(CLOSE_TIMEOUT_S)
        self._notice.canceled.disconnect()
        self._notice.close()
        self._notice.deleteLater()
        self.deleteLater()
        if not self._cancelled.is_set():
            return self._result
        if isinstance(self._result, tuple):
            self._result[0].close()
        return None

    def abandon(self) -> None:
        """Read no further, and let go of what was read."""
        self._cancelled.set()
        self.finish()

    def _cancel(self) -> None:
        self._cancelled.set()
        self.done.emit()

    def _run(self) -> None:
        try:
            self._result = self._load(self._cancelled.is_set)
        except Exception as error:  # whatever it is: nobody would hear of a thread that ends
            self._result = sentence(error)
        if not self._cancelled.is_set():
            self.done.emit()
