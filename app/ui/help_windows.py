"""What the menu "Help" opens; nothing of it holds up the live view."""

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
<p>Recognises hand gestures from a camera and shows what the network decided to compute.</p>
<p>The method is AdaFuse: Adaptive Temporal Fusion Network for Efficient Action Recognition
(Meng et al., ICLR 2021, <a href="https://arxiv.org/abs/2102.05775">arXiv 2102.05775</a>).</p>
<p>Apache-2.0. Built with PyQt6 (GPL), pyqtgraph, OpenCV and ONNX Runtime.</p>"""


class HelpWindows(QObject):
    """Makes them when they are first wanted.

    Attributes:
        guide: The gesture guide; None before it was ever open.
    """

    def __init__(self, window: QMainWindow, spec: ModelSpec, control: PolledControl | None) -> None:
        """Open nothing yet.

        Args:
            window: What they belong to.
            spec: The model that runs.
            control: The control; None where gestures are only shown.
        """
        super().__init__(window)
        self._window = window
        self._control = control
        self._gestures = _gestures(spec)
        self._mirrored = True
        self.guide: GestureGuide | None = None

    def show_model(self, spec: ModelSpec) -> None:
        """Explain the gestures of another model."""
        self._gestures = _gestures(spec)
        if self.guide is not None:
            self.guide.show_gestures(self._gestures)

    def set_mirrored(self, mirrored: bool) -> None:
        """Exchange left and right as the live view does."""
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
        """Say what this is."""
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About AdaFuse Live")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(_ABOUT)
        box.open()


def _gestures(spec: ModelSpec) -> tuple[str, ...]:
    """Return what a model can be asked for."""
    return tuple(label for label in spec.labels if label not in spec.silent_labels)


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
