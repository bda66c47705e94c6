"""The menu bar: what can be done, with its shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QWidget

from app.control.arming import Cause
from app.control.hotkey import HOTKEY

if TYPE_CHECKING:
    from app.ui.window import MainWindow


class MainMenus:
    """The menus of the main window.

    Attributes:
        quit: Closes the window.
        mirror: Exchanges left and right in everything that is a picture.
        full_screen: Fills the screen.
        arm: Arms or disarms; None where gestures are only shown.
        about: Says what this is.
    """

    def __init__(self, window: MainWindow) -> None:
        """Fill the menu bar of `window`."""
        self._window = window
        self.arm: QAction | None = None
        self._build_file(self._menu("&File"))
        self._build_view(self._menu("&View"))
        if window.desk is not None:
            self._build_control(self._menu("&Control"))
        self._build_help(self._menu("&Help"))
        window.addAction(new_action(window, "Leave full screen", "Esc", window.escape))

    def _build_file(self, menu: QMenu) -> None:
        self.quit = add_action(menu, "&Quit", "Ctrl+Q", self._window.close)
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

    def _build_view(self, menu: QMenu) -> None:
        window = self._window
        self.mirror = add_toggle(menu, "&Mirror preview", "Ctrl+M", window.set_mirrored)
        self.mirror.setChecked(True)
        self.full_screen = add_toggle(menu, "&Full screen", "F11", window.set_full_screen)

    def _build_control(self, menu: QMenu) -> None:
        window = self._window
        desk = window.desk
        assert desk is not None  # otherwise there is no such menu
        self.arm = add_action(menu, "&Arm or disarm", HOTKEY, lambda: desk.toggle(Cause.HOTKEY))
        for number, name in enumerate(("Show the &network", "Show the &control")):
            show = partial(window.tabs.setCurrentIndex, number)
            add_action(menu, name, f"Ctrl+{number + 1}", show)

    def _build_help(self, menu: QMenu) -> None:
        self.about = add_action(menu, "&About AdaFuse Live", "", self._window.show_about)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def _menu(self, title: str) -> QMenu:
        menu = QMenu(title, self._window)
        bar = self._window.menuBar()
        assert bar is not None  # PyQt's types allow None; QMainWindow makes the bar on demand
        bar.addMenu(menu)
        return menu


def new_action(owner: QWidget, text: str, shortcut: str, slot: Callable[[], object]) -> QAction:
    """Return an action that is in no menu yet."""
    action = QAction(text, owner)
    if shortcut:
        action.setShortcut(QKeySequence(shortcut))
    action.triggered.connect(lambda _=False: slot())
    return action


def add_action(menu: QMenu, text: str, shortcut: str, slot: Callable[[], object]) -> QAction:
    """Put an entry into a menu."""
    action = new_action(menu, text, shortcut, slot)
    menu.addAction(action)
    return action


def add_toggle(menu: QMenu, text: str, shortcut: str, slot: Callable[[bool], None]) -> QAction:
    """Put an entry into a menu that is on or off."""
    action = QAction(text, menu)
    action.setCheckable(True)
    if shortcut:
        action.setShortcut(QKeySequence(shortcut))
    action.toggled.connect(slot)
    menu.addAction(action)
    return action
