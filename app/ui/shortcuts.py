"""Every keyboard shortcut of the window, read off its menus so that the list is complete."""

from __future__ import annotations

from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from app.ui.cards import role_label

FURTHER = {
    "Tab, Shift+Tab": "To the next control, to the one before",
    "Space": "Press the button or tick the box that has the keyboard",
    "Alt, F10": "To the menus",
    "Arrow keys": "Within a list, a menu or a field",
    "Left, Right": "In a recording: to the prediction before, to the one after",
    "Page Up, Page Down": "In a recording: to the gesture before, to the one after",
    "Home, End": "In a recording: to its beginning, to its end",
}
"""Keys that Qt or the window of a recording brings along."""


def shortcuts(window: QMainWindow) -> dict[str, str]:
    """Return what each shortcut of a window does, in the order of its menus."""
    found = {}
    bar = window.menuBar()
    menus = () if bar is None else (action.menu() for action in bar.actions())
    actions = [action for menu in menus if menu is not None for action in menu.actions()]
    for action in (*actions, *window.actions()):
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        if keys:
            found[keys] = action.text().replace("&", "").rstrip("…")
    return found


class ShortcutsDialog(QDialog):
    """Lists them beside each other."""

    def __init__(self, window: QMainWindow, parent: QWidget | None = None) -> None:
        """Create the dialog for the menus of `window`."""
        super().__init__(parent or window)
        self.setWindowTitle("Keyboard shortcuts")
        form = QFormLayout()
        form.setHorizontalSpacing(28)
        form.setVerticalSpacing(6)
        for keys, what in (shortcuts(window) | FURTHER).items():
            form.addRow(role_label(keys, "title"), QLabel(what))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 14)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addWidget(buttons)
