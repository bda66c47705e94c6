"""Asks which recording to look at, and keeps the windows that show them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.errors import AppError
from app.inspection.recording import InspectedModel, Recording
from app.ui.inspection.session_window import SessionWindow, open_recording_window
from models.errors import ModelError

RecordingLoader = Callable[[Path], tuple[Recording, InspectedModel]]
"""Opens a file; says in one sentence, as an `AppError` or a `ModelError`, why it cannot."""


class RecordingWindows(QObject):
    """Opens recordings beside the live window; they close with it."""

    def __init__(self, load: RecordingLoader, owner: QWidget) -> None:
        """Open nothing yet.

        Args:
            load: Opens a file.
            owner: The window that the others belong to.
        """
        super().__init__(owner)
        self._load = load
        self._owner = owner
        self._windows: list[SessionWindow] = []

    @property
    def windows(self) -> tuple[SessionWindow, ...]:
        """The windows that are open."""
        return tuple(self._windows)

    def ask(self, *, mirrored: bool) -> None:
        """Let people choose a file, and open it."""
        name, _ = QFileDialog.getOpenFileName(self._owner, "Open recording", str(Path.home()))
        if name:
            self.open(Path(name), mirrored=mirrored)

    def open(self, path: Path, *, mirrored: bool) -> None:
        """Open a file, or say why that cannot be done."""
        try:
            recording, spec = self._load(path)
            window = open_recording_window(
                recording, spec, path.name, mirrored=mirrored, parent=self._owner
            )
        except (AppError, ModelError) as error:
            box = QMessageBox(
                QMessageBox.Icon.Warning, "Open recording", str(error), parent=self._owner
            )
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.open()
            return
        self._windows.append(window)
        window.closed.connect(lambda: self._windows.remove(window))

    def close(self) -> None:
        """Close all windows and their recordings."""
        for window in self.windows:
            window.close()
