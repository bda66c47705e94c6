"""Menu entries: plain ones, toggles and choices."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QMenu, QWidget


def new_action(owner: QWidget, text: str, shortcut: str, slot: Callable[[], object]) -> QAction:
    """Return an action that is in no menu yet; `shortcut` may be empty."""
    action = QAction(text, owner)
    if shortcut:
        action.setShortcut(QKeySequence(shortcut))
    action.triggered.connect(lambda _=False: slot())
    return action


def add_action(menu: QMenu, text: str, shortcut: str, slot: Callable[[], object]) -> QAction:
    """Add an entry to a menu."""
    action = new_action(menu, text, shortcut, slot)
    menu.addAction(action)
    return action


def add_toggle(menu: QMenu, text: str, shortcut: str, slot: Callable[[bool], None]) -> QAction:
    """Add an entry that is on or off to a menu."""
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
    """Add one of several choices to a menu; the chosen one is marked."""
    action = new_action(menu, text, "", slot)
    action.setCheckable(True)
    action.setChecked(chosen)
    group.addAction(action)
    menu.addAction(action)
    return action
