"""What the menu "Help" opens; nothing of it holds up the live view."""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QMainWindow, QMessageBox

from app import __version__
from app.ui.control.desk import ControlDesk
from app.ui.guide import GestureGuide
from app.ui.shortcuts import ShortcutsDialog
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

    def __init__(self, window: QMainWindow, spec: ModelSpec, desk: ControlDesk | None) -> None:
        """Open nothing yet.

        Args:
            window: What they belong to.
            spec: The model that runs.
            desk: The control; None where gestures are only shown.
        """
        super().__init__(window)
        self._window = window
        self._desk = desk
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
            desk = self._desk
            action_of = None if desk is None else desk.action_of
            self.guide = GestureGuide(self._gestures, action_of, self._window)
            self.guide.set_mirrored(self._mirrored)
            if desk is not None:
                desk.settings_changed.connect(self.guide.refresh)
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
