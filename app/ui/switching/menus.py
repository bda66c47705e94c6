"""The menus that switch sources and models, and what is said over the picture meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QFileDialog

from app.live.switcher import SwitchStatus
from app.sources.base import Frame
from app.sources.factory import DEMO
from app.sources.resolution import Resolution
from app.ui.switching.camera_menu import CameraMenu
from app.ui.switching.model_menu import ModelMenu
from app.ui.switching.switchboard import Switchboard

if TYPE_CHECKING:
    from app.ui.window import MainWindow

NOTICE_S = 8.0
"""How long a notice stays over the picture, in seconds."""

_VIDEOS = "Videos (*.mp4 *.mkv *.webm *.avi *.mov *.m4v)"


class SwitchMenus(QObject):
    """Camera and model, for the menu bar of the main window.

    Attributes:
        camera: The cameras by name.
        model: The models and engines.
    """

    def __init__(self, window: MainWindow, switchboard: Switchboard) -> None:
        """Create the menus; the window puts them into its bar."""
        super().__init__(window)
        self._window = window
        self._switchboard = switchboard
        self._size: Resolution | None = None
        self.camera = CameraMenu(switchboard, window)
        self.model = ModelMenu(switchboard, window)
        switchboard.status_changed.connect(self._show_switch)
        switchboard.failed.connect(
            lambda why: window.video.show_notice("Nothing was switched", why, NOTICE_S)
        )

    def open_video(self) -> QFileDialog:
        """Ask for a video file; the live view goes on meanwhile."""
        dialog = QFileDialog(self._window, "Open a video file")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters((_VIDEOS, "All files (*)"))
        dialog.fileSelected.connect(self._switchboard.use_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def play_demo(self) -> None:
        """Show the bundled clip, again and again."""
        self._switchboard.use_file(DEMO)

    def show_frame(self, frame: Frame) -> None:
        """Say which size the pictures have, aloud if a camera was asked for another."""
        height, width = frame.image.shape[:2]
        came = Resolution(width, height)
        if came == self._size:
            return
        self._size = came
        self.camera.resolutions.show_size(came)
        shown = self._switchboard.status.camera
        asked = None if shown is None else shown.resolution
        if asked is not None and asked != came:
            self._window.video.show_notice(
                f"The camera gives {came}", f"It does not take {asked}.", NOTICE_S
            )

    def _show_switch(self, status: SwitchStatus) -> None:
        if status.busy:
            done = "" if status.fraction is None else f"{status.fraction:.0%}"
            self._window.video.show_notice(status.busy, done)
        elif not status.failure:
            self._window.video.show_notice("")
