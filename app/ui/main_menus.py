"""The menu bar of the main window: what can be done, with its shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QMenuBar

from app.control.hotkey import HOTKEY, OVERLAY_HOTKEY
from app.ui.actions import add_action, add_toggle
from app.ui.inspection.detachable import DETACH_KEY
from app.ui.switching.switch_menus import SwitchMenus

PAGE_KEYS = {"Network": "Ctrl+1", "Control": "Ctrl+2", "Inspect": "Ctrl+3", "Log": "Ctrl+4"}
"""A page has the same key whether there is a control or not."""

Command = Callable[[], object]
Toggle = Callable[[bool], None]


@dataclass(frozen=True)
class MenuCommands:
    """What the entries of the menus do.

    Attributes:
        open_recording: Asks for a recording to look at.
        quit: Closes the window.
        set_mirrored: Mirrors the preview, or not.
        set_full_screen: Fills the screen, or not.
        show_overlay: Shows the stage overlay instead of the window.
        show_page: For the title of every page what shows it.
        set_detached: Moves the page Inspect into its own window, or back.
        arm_or_disarm: Switches the control; None where gestures are only shown.
        show_guide: Opens the gesture guide.
        show_shortcuts: Lists the keyboard shortcuts.
        show_about: Names the version, the method and the licenses.
    """

    open_recording: Command
    quit: Command
    set_mirrored: Toggle
    set_full_screen: Toggle
    show_overlay: Command
    show_page: Mapping[str, Command]
    set_detached: Toggle
    arm_or_disarm: Command | None
    show_guide: Command
    show_shortcuts: Command
    show_about: Command


class MainMenus:
    """Fills the menu bar.

    Attributes:
        open_recording: Asks for a recording to look at; hidden where none can be opened.
        mirror: Mirrors the preview.
        full_screen: Fills the screen.
        detach: Moves the page Inspect into its own window.
        about: Names the version, the method and the licenses.
    """

    def __init__(
        self, bar: QMenuBar, commands: MenuCommands, switching: SwitchMenus | None
    ) -> None:
        """Fill `bar`.

        Args:
            bar: An empty menu bar.
            commands: What the entries do.
            switching: Switches sources and models; None where they cannot be switched.
        """
        self._bar = bar
        self._build_file(self._menu("&File"), commands, switching)
        self._build_view(self._menu("&View"), commands)
        if switching is not None:
            bar.addMenu(switching.camera)
            bar.addMenu(switching.model)
            if switching.person is not None:
                bar.addMenu(switching.person)
        if commands.arm_or_disarm is not None:
            add_action(self._menu("&Control"), "&Arm or disarm", HOTKEY, commands.arm_or_disarm)
        self._build_help(self._menu("&Help"), commands)

    def _build_file(
        self, menu: QMenu, commands: MenuCommands, switching: SwitchMenus | None
    ) -> None:
        if switching is not None:
            add_action(menu, "&Open video file…", "Ctrl+O", switching.open_video)
            add_action(menu, "Play the &demo clip", "", switching.play_demo)
        self.open_recording = add_action(
            menu, "Open &recording…", "Ctrl+L", commands.open_recording
        )
        self.open_recording.setVisible(False)
        menu.addSeparator()
        leave = add_action(menu, "&Quit", "Ctrl+Q", commands.quit)
        leave.setMenuRole(QAction.MenuRole.QuitRole)

    def _build_view(self, menu: QMenu, commands: MenuCommands) -> None:
        self.mirror = add_toggle(menu, "&Mirror preview", "Ctrl+M", commands.set_mirrored)
        self.mirror.setChecked(True)
        self.full_screen = add_toggle(menu, "&Full screen", "F11", commands.set_full_screen)
        add_action(menu, "Stage &overlay", OVERLAY_HOTKEY, commands.show_overlay)
        menu.addSeparator()
        for page, show in commands.show_page.items():
            add_action(menu, f"Show &{page.lower()}", PAGE_KEYS[page], show)
        self.detach = add_toggle(
            menu, "Inspect in its o&wn window", DETACH_KEY, commands.set_detached
        )

    def _build_help(self, menu: QMenu, commands: MenuCommands) -> None:
        add_action(menu, "&Gesture guide", "F1", commands.show_guide)
        add_action(menu, "&Keyboard shortcuts", "Ctrl+?", commands.show_shortcuts)
        self.about = add_action(menu, "&About AdaFuse Live", "", commands.show_about)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def _menu(self, title: str) -> QMenu:
        menu = QMenu(title, self._bar)
        self._bar.addMenu(menu)
        return menu
