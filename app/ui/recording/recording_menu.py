"""The menu that starts and stops recordings, and how a window gets its menu and mark."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QMainWindow, QMenu, QMessageBox

from app.recording.recorder import Recorder, RecorderStatus
from app.recording.schema import SUFFIX
from app.recording.target import recordings_folder
from app.ui.actions import add_action
from app.ui.recording.polled_recorder import PolledRecorder, folder_refused
from app.ui.recording.recording_mark import RECORD_SHORTCUT, RecordingMark
from app.ui.window import MainWindow


class RecordingMenu(QMenu):
    """Records, records to a chosen file, and shows the folder.

    Attributes:
        record_action: Starts and stops a recording.
        record_to_action: Asks for the file first.
        folder_action: Shows the folder for recordings.
    """

    def __init__(self, recorder: PolledRecorder, window: QMainWindow) -> None:
        """Insert the menu into the menu bar of a window, before "Help".

        Args:
            recorder: Starts and stops recordings.
            window: The window.
        """
        super().__init__("&Recording", window)
        self._recorder = recorder
        self._window = window
        self.record_action = add_action(self, "&Record", RECORD_SHORTCUT, self._toggle)
        self.record_action.setCheckable(True)
        self.record_to_action = add_action(self, "Record &to a file…", "Ctrl+Shift+R", self._ask)
        self.folder_action = add_action(self, "Show &folder", "", self._show_folder)
        bar = window.menuBar()
        assert bar is not None  # PyQt's types allow None; QMainWindow makes the bar on demand
        # None, where there is no such menu, means at the end.
        bar.insertMenu(next((menu for menu in bar.actions() if menu.text() == "&Help"), None), self)
        recorder.status_changed.connect(self.show_status)
        recorder.refused.connect(self._warn)
        self.show_status(recorder.status)

    def show_status(self, status: RecorderStatus) -> None:
        """Check the entry while a recording is running."""
        recording = status.path is not None
        self.record_action.setChecked(recording)
        self.record_to_action.setEnabled(not recording)

    def _toggle(self) -> None:
        self._recorder.toggle()
        self.show_status(self._recorder.status)

    def _ask(self) -> None:
        """Ask for a file without blocking the live view."""
        try:
            proposal = self._recorder.new_path()
        except OSError:
            proposal = Path.home() / f"Recording{SUFFIX}"
        dialog = QFileDialog(self._window, "Record to", str(proposal.parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"Recordings (*{SUFFIX})")
        dialog.setDefaultSuffix(SUFFIX[1:])
        dialog.selectFile(proposal.name)
        dialog.fileSelected.connect(lambda name: self._recorder.record_to(Path(name)))
        dialog.open()

    def _show_folder(self) -> None:
        folder = recordings_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._warn(folder_refused(error))
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _warn(self, sentence: str) -> None:
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            "Recording",
            sentence,
            QMessageBox.StandardButton.Ok,
            self._window,
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def attach_recording(window: MainWindow, recorder: Recorder) -> PolledRecorder:
    """Add the recording menu and mark to a window.

    Args:
        window: The window.
        recorder: The recorder; it is not stopped from here.

    Returns:
        The object that the widgets use; the window owns it.
    """
    polled = PolledRecorder(recorder, window)
    RecordingMenu(polled, window)
    window.video.set_corner(RecordingMark(polled), left=True)
    window.stage.recorder = polled
    window.closed.connect(polled.close)
    polled.start()
    return polled
