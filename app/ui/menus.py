"""The menu bar: what can be done, with its shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QMenu, QMenuBar, QWidget

from app.control.arming import Cause
from app.control.hotkey import HOTKEY, OVERLAY_HOTKEY
from app.ui.inspection.detachable import DETACH_KEY

if TYPE_CHECKING:
    from app.ui.window import MainWindow

PAGE_KEYS = {"Network": "Ctrl+1", "Control": "Ctrl+2", "Inspect": "Ctrl+3"}
"""A page has the same key whether there is a control or not."""


class MainMenus:
    """The menus of the main window.

    Attributes:
        quit: Closes the window.
        open_video: Asks for a video file; None where the source cannot be switched.
        open_recording: Asks for a recording to look at; hidden where nobody can open one.
        detach: Puts the page Inspect into a window of its own.
        mirror: Exchanges left and right in everything that is a picture.
        full_screen: Fills the screen.
        overlay: Shows the stage overlay instead of the window.
        arm: Arms or disarms; None where gestures are only shown.
        guide: Opens the gesture guide.
        shortcuts: Lists the keyboard shortcuts.
        about: Says what this is.
    """

    def __init__(self, window: MainWindow) -> None:
        """Fill the menu bar of `window`."""
        self._window = window
        self.arm: QAction | None = None
        self.open_video: QAction | None = None
        self._build_file(self._menu("&File"))
        self._build_view(self._menu("&View"))
        switch = window.switch_menus
        if switch is not None:
            self._bar.addMenu(switch.camera)
            self._bar.addMenu(switch.model)
        if window.control is not None:
            self._build_control(self._menu("&Control"))
        self._build_help(self._menu("&Help"))
        leave = (
            "Leave the full screen" if window.control is None else "Disarm, leave the full screen"
        )
        window.addAction(new_action(window, leave, "Esc", window.escape))

    @property
    def _bar(self) -> QMenuBar:
        bar = self._window.menuBar()
        assert bar is not None  # PyQt's types allow None; QMainWindow makes the bar on demand
        return bar

    def _build_file(self, menu: QMenu) -> None:
        switch = self._window.switch_menus
        if switch is not None:
            self.open_video = add_action(menu, "&Open video file…", "Ctrl+O", switch.open_video)
            add_action(menu, "Play the &demo clip", "", switch.play_demo)
        self.open_recording = add_action(
            menu, "Open &recording…", "Ctrl+L", self._window.open_recording
        )
        self.open_recording.setVisible(False)
        menu.addSeparator()
        self.quit = add_action(menu, "&Quit", "Ctrl+Q", self._window.close)
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

    def _build_view(self, menu: QMenu) -> None:
        window = self._window
        self.mirror = add_toggle(menu, "&Mirror preview", "Ctrl+M", window.set_mirrored)
        self.mirror.setChecked(True)
        self.full_screen = add_toggle(menu, "&Full screen", "F11", window.set_full_screen)
        self.overlay = add_action(menu, "Stage &overlay", OVERLAY_HOTKEY, window.show_overlay)
        menu.addSeparator()
        for number in range(window.tabs.count()):
            page = window.tabs.tabText(number)
            show = partial(window.tabs.setCurrentIndex, number)
            add_action(menu, f"Show &{page.lower()}", PAGE_KEYS[page], show)
        place = window.inspect_place
        self.detach = add_toggle(
            menu, "Inspect in a window of its o&wn", DETACH_KEY, place.set_detached
        )
        place.detached_changed.connect(self.detach.setChecked)

    def _build_control(self, menu: QMenu) -> None:
        window = self._window
        control = window.control
        assert control is not None  # otherwise there is no such menu
        self.arm = add_action(menu, "&Arm or disarm", HOTKEY, lambda: control.toggle(Cause.HOTKEY))

    def _build_help(self, menu: QMenu) -> None:
        window = self._window
        self.guide = add_action(menu, "&Gesture guide", "F1", window.help.show_guide)
        self.shortcuts = add_action(
            menu, "&Keyboard shortcuts", "Ctrl+?", window.help.show_shortcuts
        )
        self.about = add_action(menu, "&About AdaFuse Live", "", window.help.show_about)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def _menu(self, title: str) -> QMenu:
        menu = QMenu(title, self._window)
        self._bar.addMenu(menu)
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


def add_choice(
    menu: QMenu, group: QActionGroup, text: str, slot: Callable[[], object], *, chosen: bool
) -> QAction:
    """Put an entry into a menu that is one of several, of which one is marked."""
    action = new_action(menu, text, "", slot)
    action.setCheckable(True)
    action.setChecked(chosen)
    group.addAction(action)
    menu.addAction(action)
    return action
