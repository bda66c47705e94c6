"""The windows of the menu "Help"; none of them blocks the live view."""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QVBoxLayout,
)

from app import __version__
from app.ui.cards import role_label
from app.ui.control.polled_control import PolledControl
from app.ui.gesture_guide import GestureGuide
from models.spec import ModelSpec

_ABOUT = f"""<h3>AdaFuse Live {__version__}</h3>
<p>Recognizes hand gestures from a camera and shows what the network decides to compute.</p>
<p>The method is AdaFuse: Adaptive Temporal Fusion Network for Efficient Action Recognition
(Meng et al., ICLR 2021, <a href="https://arxiv.org/abs/2102.05775">arXiv 2102.05775</a>).</p>
<p>Apache-2.0. Built with PyQt6 (GPL), pyqtgraph, OpenCV and ONNX Runtime.</p>"""


class HelpWindows(QObject):
    """Creates the windows when they are first needed.

    Attributes:
        guide: The gesture guide; None before it was first opened.
    """

    def __init__(self, window: QMainWindow, spec: ModelSpec, control: PolledControl | None) -> None:
        """Create it with no window open.

        Args:
            window: The window that they belong to.
            spec: The running model.
            control: The control; None where gestures are only shown.
        """
        super().__init__(window)
        self._window = window
        self._control = control
        self._gestures = _gestures(spec)
        self._mirrored = True
        self.guide: GestureGuide | None = None

    def show_model(self, spec: ModelSpec) -> None:
        """Show the gestures of another model."""
        self._gestures = _gestures(spec)
        if self.guide is not None:
            self.guide.show_gestures(self._gestures)

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the examples like the live view, or not."""
        self._mirrored = mirrored
        if self.guide is not None:
            self.guide.set_mirrored(mirrored)

    def show_guide(self) -> None:
        """Open the gesture guide beside the live view."""
        if self.guide is None:
            control = self._control
            action_of = None if control is None else control.action_of
            self.guide = GestureGuide(self._gestures, action_of, self._window)
            self.guide.set_mirrored(self._mirrored)
            if control is not None:
                control.settings_changed.connect(self.guide.refresh)
        self.guide.show()
        self.guide.raise_()
        self.guide.activateWindow()

    def show_shortcuts(self) -> None:
        """List the keyboard shortcuts."""
        dialog = ShortcutsDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_about(self) -> None:
        """Show the version, the method and the licenses."""
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About AdaFuse Live")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(_ABOUT)
        box.open()


def _gestures(spec: ModelSpec) -> tuple[str, ...]:
    """Return the gestures of a model: all labels but the silent ones."""
    return tuple(label for label in spec.labels if label not in spec.silent_labels)


FURTHER = {
    "Tab, Shift+Tab": "Next or previous control",
    "Space": "Press the focused button or toggle the focused check box",
    "Alt, F10": "Menus",
    "Arrow keys": "Move within a list, a menu or a field",
    "Left, Right": "In a recording: previous or next prediction",
    "Page Up, Page Down": "In a recording: previous or next gesture",
    "Home, End": "In a recording: beginning or end",
}
"""Keys that are in no menu: those of Qt and those of a recording's window."""


def shortcuts(window: QMainWindow) -> dict[str, str]:
    """Return every shortcut of a window and what it does, in the order of the menus."""
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
    """Lists the shortcuts of a window."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
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
