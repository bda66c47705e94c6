"""The cameras by name, up to date while the menu is open, and the size of their pictures."""

from __future__ import annotations

from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QMenu, QWidget

from app.sources.camera import CameraDevice
from app.sources.resolution import USUAL, Resolution
from app.ui.menus import add_choice
from app.ui.switching.switchboard import Switchboard

_LOOKING = "Looking for cameras…"
_NONE = "No camera is connected"
_OWN_CHOICE = "The camera’s own"


class CameraMenu(QMenu):
    """One entry a camera, the one that is shown marked."""

    def __init__(self, switchboard: Switchboard, parent: QWidget | None = None) -> None:
        """Create the menu.

        Args:
            switchboard: Opens what is chosen.
            parent: Owner in Qt's tree.
        """
        super().__init__("&Camera", parent)
        self._switchboard = switchboard
        self._group: QActionGroup | None = None
        self.resolutions = ResolutionMenu(switchboard, self)
        self.aboutToShow.connect(lambda: switchboard.watch_cameras(True))
        self.aboutToHide.connect(lambda: switchboard.watch_cameras(False))
        switchboard.cameras_changed.connect(self._rebuild)
        switchboard.status_changed.connect(self._rebuild)
        self._rebuild()

    def _rebuild(self) -> None:
        """Show what is connected now; the entry under the keyboard stays under it."""
        active = self.activeAction()
        active_text = "" if active is None else active.text()
        self.clear()
        if self._group is not None:
            self._group.deleteLater()
        self._group = QActionGroup(self)
        for device in self._switchboard.cameras or ():
            self._add_camera(device, self._group)
        if not self._switchboard.cameras:
            looking = self._switchboard.cameras is None
            self.addAction(_LOOKING if looking else _NONE).setEnabled(False)  # type: ignore[union-attr]
        self.addSeparator()
        self.addMenu(self.resolutions)
        for action in self.actions():
            if active_text and action.text() == active_text:
                self.setActiveAction(action)

    def _add_camera(self, device: CameraDevice, group: QActionGroup) -> None:
        shown = self._switchboard.status.camera
        add_choice(
            self,
            group,
            # An ampersand in a name is no shortcut.
            f"{device.name} ({device.index})".replace("&", "&&"),
            lambda: self._switchboard.use_camera(device),
            chosen=shown is not None and shown.index == device.index,
        )


class ResolutionMenu(QMenu):
    """The usual sizes; what the camera makes of it is said above them."""

    def __init__(self, switchboard: Switchboard, parent: QWidget | None = None) -> None:
        """Create the menu."""
        super().__init__("&Resolution", parent)
        came = self.addAction("")
        assert came is not None  # PyQt's types allow None
        self._came = came
        self._came.setEnabled(False)
        self._came.setVisible(False)
        self._group = QActionGroup(self)
        sizes: tuple[Resolution | None, ...] = (None, *USUAL)
        for size in sizes:
            add_choice(
                self,
                self._group,
                _OWN_CHOICE if size is None else str(size),
                lambda size=size: switchboard.use_resolution(size),  # type: ignore[misc]
                chosen=size == switchboard.resolution,
            )

    def show_size(self, came: Resolution) -> None:
        """Say which size the pictures have."""
        self._came.setText(f"Pictures are {came}")
        self._came.setVisible(True)
