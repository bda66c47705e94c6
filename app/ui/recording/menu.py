"""The menu that begins and ends recordings, and everything else that a window needs for them."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QAction, QDesktopServices, QKeySequence
from PyQt6.QtWidgets import QFileDialog, QMainWindow, QMenu, QMessageBox

from app.recording.recorder import Recorder, RecorderStatus
from app.recording.schema import SUFFIX
from app.recording.target import recordings_folder
from app.ui.recording.desk import RecordingDesk
from app.ui.recording.mark import RECORD_SHORTCUT, RecordingMark
from app.ui.window import MainWindow


class RecordingMenu(QMenu):
    """Record, record to a file of one's choice, show the folder.

    Attributes:
        record_action: Begins and ends a recording.
        record_to_action: Asks for the file first.
        folder_action: Shows the folder for recordings.
    """

    def __init__(self, desk: RecordingDesk, window: QMainWindow) -> None:
        """Put the menu into the bar of a window, before the one for help.

        Args:
            desk: What it switches.
            window: The window.
        """
        super().__init__("&Recording", window)
        self._desk = desk
        self._window = window
        self.record_action = self._add("&Record", RECORD_SHORTCUT)
        self.record_action.setCheckable(True)
        self.record_action.triggered.connect(lambda _=False: self._toggle())
        self.record_to_action = self._add("Record &to a file…", "Ctrl+Shift+R")
        self.record_to_action.triggered.connect(lambda _=False: self._ask())
        self.folder_action = self._add("Show the &folder", "")
        self.folder_action.triggered.connect(lambda _=False: self._show_folder())
        bar = window.menuBar()
        assert bar is not None  # PyQt's types allow None; QMainWindow makes the bar on demand
        # None, where there is no such menu, means at the end.
        bar.insertMenu(next((menu for menu in bar.actions() if menu.text() == "&Help"), None), self)
        desk.status_changed.connect(self.show_status)
        desk.refused.connect(self._tell)
        self.show_status(desk.status)

    def show_status(self, status: RecorderStatus) -> None:
        """Tick the entry while something is recorded."""
        recording = status.path is not None
        self.record_action.setChecked(recording)
        self.record_to_action.setEnabled(not recording)

    def _add(self, text: str, shortcut: str) -> QAction:
        action = QAction(text, self)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        self.addAction(action)
        return action

    def _toggle(self) -> None:
        self._desk.toggle()
        self.show_status(self._desk.status)

    def _ask(self) -> None:
        """Ask for a file without holding up the live view."""
        try:
            proposal = self._desk.proposal()
        except OSError:
            proposal = Path.home() / f"Recording{SUFFIX}"
        dialog = QFileDialog(self._window, "Record to", str(proposal.parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"Recordings (*{SUFFIX})")
        dialog.setDefaultSuffix(SUFFIX[1:])
        dialog.selectFile(proposal.name)
        dialog.fileSelected.connect(lambda name: self._desk.start(Path(name)))
        dialog.open()

    def _show_folder(self) -> None:
        folder = recordings_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._tell(f"The folder {folder} cannot be made ({error.strerror}).")
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _tell(self, sentence: str) -> None:
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            "Recording",
            sentence,
            QMessageBox.StandardButton.Ok,
            self._window,
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def attach_recording(window: MainWindow, recorder: Recorder) -> RecordingDesk:
    """Put menu and mark into a window.

    Args:
        window: The window.
        recorder: The recorder; it is not stopped from here.

    Returns:
        What the widgets talk to; it belongs to the window.
    """
    desk = RecordingDesk(recorder, window)
    RecordingMenu(desk, window)
    window.video.set_corner(RecordingMark(desk), left=True)
    window.stage.recording = desk
    window.closed.connect(desk.dismiss)
    desk.poll()
    return desk
