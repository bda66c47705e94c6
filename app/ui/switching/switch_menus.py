"""The menus that switch sources and models, and their notices over the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QFileDialog, QMenu, QWidget

from app.live.switcher import SwitchStatus
from app.sources.base import Frame
from app.sources.camera_device import USUAL_RESOLUTIONS, CameraDevice, Resolution
from app.sources.factory import DEMO
from app.teaching.people import People
from app.ui.actions import add_action, add_choice
from app.ui.switching.person_menu import PersonMenu
from app.ui.switching.polled_switcher import PolledSwitcher
from models import DEFAULT_MODEL
from models.engines import ENGINE_KINDS

ShowNotice = Callable[[str, str, float | None], None]
"""Shows a headline and a sentence over the picture, for some seconds or until the next notice."""

NOTICE_S = 8.0
"""How long a notice stays over the picture, in seconds."""

_VIDEOS = "Videos (*.mp4 *.mkv *.webm *.avi *.mov *.m4v)"


class SwitchMenus(QObject):
    """The menus for camera and model, and the notices about what is being switched.

    Attributes:
        camera: The cameras by name.
        model: The models and engines.
        person: Whose gestures run; None if nobody's are kept.
    """

    def __init__(
        self,
        switcher: PolledSwitcher,
        show_notice: ShowNotice,
        window: QWidget,
        people: People | None = None,
    ) -> None:
        """Create the menus, in no menu bar yet.

        Args:
            switcher: Switches what is chosen.
            show_notice: Shows over the picture what is being switched.
            window: Owns the menus and the dialogs.
            people: The persons whose sets are kept; None if nobody's are.
        """
        super().__init__(window)
        self._window = window
        self._switcher = switcher
        self._show_notice = show_notice
        self._size: Resolution | None = None
        self.camera = CameraMenu(switcher, window)
        self.model = ModelMenu(switcher, window)
        switcher.status_changed.connect(self._show_switch)
        switcher.failed.connect(lambda why: show_notice("Could not switch", why, NOTICE_S))
        self.person = None
        if people is not None:  # after the connections above: its notices follow a switch
            self.person = PersonMenu(
                people, switcher, lambda what, why: show_notice(what, why, NOTICE_S), window
            )

    def open_video(self) -> QFileDialog:
        """Ask for a video file without blocking the live view."""
        dialog = QFileDialog(self._window, "Open a video file")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters((_VIDEOS, "All files (*)"))
        dialog.fileSelected.connect(self._switcher.use_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def play_demo(self) -> None:
        """Play the bundled clip in a loop."""
        self._switcher.use_file(DEMO)

    def show_frame(self, frame: Frame) -> None:
        """Show the size of the pictures, with a notice if another was requested from the camera."""
        height, width = frame.image.shape[:2]
        size = Resolution(width, height)
        if size == self._size:
            return
        self._size = size
        self.camera.resolutions.show_size(size)
        shown = self._switcher.status.camera
        asked = None if shown is None else shown.resolution
        if asked is not None and asked != size:
            self._show_notice(
                f"The camera delivers {size}", f"It does not support {asked}.", NOTICE_S
            )

    def _show_switch(self, status: SwitchStatus) -> None:
        if status.busy:
            done = "" if status.fraction is None else f"{status.fraction:.0%}"
            self._show_notice(status.busy, done, None)
        elif not status.failure:
            self._show_notice("", "", None)


_LOOKING = "Looking for cameras…"
_NONE = "No camera is connected"
_OWN_CHOICE = "The camera’s own"


class CameraMenu(QMenu):
    """One entry per camera; the current one is checked."""

    def __init__(self, switcher: PolledSwitcher, parent: QWidget | None = None) -> None:
        super().__init__("&Camera", parent)
        self._switcher = switcher
        self._group: QActionGroup | None = None
        self.resolutions = ResolutionMenu(switcher, self)
        self.aboutToShow.connect(lambda: switcher.watch_cameras(True))
        self.aboutToHide.connect(lambda: switcher.watch_cameras(False))
        switcher.cameras_changed.connect(self._rebuild)
        switcher.status_changed.connect(self._rebuild)
        self._rebuild()

    def _rebuild(self) -> None:
        """List the connected cameras; the active entry stays active."""
        active = self.activeAction()
        active_text = "" if active is None else active.text()
        self.clear()
        if self._group is not None:
            self._group.deleteLater()
        self._group = QActionGroup(self)
        for device in self._switcher.cameras or ():
            self._add_camera(device, self._group)
        if not self._switcher.cameras:
            looking = self._switcher.cameras is None
            self.addAction(_LOOKING if looking else _NONE).setEnabled(False)  # type: ignore[union-attr]
        self.addSeparator()
        self.addMenu(self.resolutions)
        for action in self.actions():
            if active_text and action.text() == active_text:
                self.setActiveAction(action)

    def _add_camera(self, device: CameraDevice, group: QActionGroup) -> None:
        shown = self._switcher.status.camera
        add_choice(
            self,
            group,
            # An ampersand in a name is not a shortcut.
            f"{device.name} ({device.index})".replace("&", "&&"),
            lambda: self._switcher.use_camera(device),
            chosen=shown is not None and shown.index == device.index,
        )


class ResolutionMenu(QMenu):
    """The usual sizes, below the size that the camera delivers."""

    def __init__(self, switcher: PolledSwitcher, parent: QWidget | None = None) -> None:
        super().__init__("&Resolution", parent)
        current = self.addAction("")
        assert current is not None  # PyQt's types allow None
        self._current = current
        self._current.setEnabled(False)
        self._current.setVisible(False)
        self._group = QActionGroup(self)
        sizes: tuple[Resolution | None, ...] = (None, *USUAL_RESOLUTIONS)
        for size in sizes:
            add_choice(
                self,
                self._group,
                _OWN_CHOICE if size is None else str(size),
                lambda size=size: switcher.use_resolution(size),  # type: ignore[misc]
                chosen=size == switcher.resolution,
            )

    def show_size(self, size: Resolution) -> None:
        """Show the size of the pictures."""
        self._current.setText(f"Current size: {size}")
        self._current.setVisible(True)


_ENGINES = {
    "auto": "Fastest on this machine",
    "sparse": "sparse: computes only what the policy asks for",
    "onnx": "onnx: dense, on the CPU or on CUDA",
    "torch": "torch: the reference, needs PyTorch",
}


class ModelMenu(QMenu):
    """The bundled model, recently chosen models, and the engines."""

    def __init__(self, switcher: PolledSwitcher, parent: QWidget | None = None) -> None:
        super().__init__("&Model", parent)
        self._switcher = switcher
        self._groups: list[QActionGroup] = []
        switcher.status_changed.connect(self.rebuild)
        self.aboutToShow.connect(self.rebuild)
        self.rebuild()

    def rebuild(self) -> None:
        """Check the running model and engine."""
        if self._groups and self.isVisible():
            return  # entries must not move under the mouse
        self.clear()
        for group in self._groups:
            group.deleteLater()
        self._groups = [QActionGroup(self), QActionGroup(self)]
        models, engines = self._groups
        chosen = self._switcher.status.chosen
        names = dict.fromkeys((DEFAULT_MODEL, chosen.model, *self._switcher.recent_models))
        for model in names:
            title = "&Bundled model" if model == DEFAULT_MODEL else _title(model)
            action = add_choice(
                self,
                models,
                title,
                lambda model=model: self._switcher.use_model(model),  # type: ignore[misc]
                chosen=model == chosen.model,
            )
            action.setToolTip(model)
        add_action(self, "&Open model…", "Ctrl+Shift+M", self.open_model)
        self.addSeparator()
        self.addSection("Engine")
        for kind in ENGINE_KINDS:
            add_choice(
                self,
                engines,
                _ENGINES[kind],
                lambda kind=kind: self._switcher.use_engine(kind),  # type: ignore[misc]
                chosen=kind == chosen.engine,
            )

    def open_model(self) -> QFileDialog:
        """Ask for the folder of a bundle without blocking the live view."""
        dialog = QFileDialog(self.parentWidget(), "Open a model: choose the folder of its bundle")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._switcher.use_model)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog


def _title(model: str) -> str:
    """Return a bundle's name with its parent folder, which distinguishes equal names."""
    path = Path(model)
    return str(Path(path.parent.name) / path.name).replace("&", "&&")
