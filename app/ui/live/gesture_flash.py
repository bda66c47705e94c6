"""A gesture that fired: large over the live view, gone after a moment."""

from __future__ import annotations

from PyQt6.QtCore import QMarginsF, QRectF, Qt, QVariantAnimation
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from app.ui.live.prediction_overlay import PLATE, TEXT
from models.decision import Gesture

FADE_MS = 1200
"""How long a gesture stays, in milliseconds: fully visible for the first third, then fading."""

_LARGEST_PX = 64


class GestureFlash(QWidget):
    """Covers the picture and shows the last gesture while it fades."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create it invisible."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._label = ""
        self._opacity = 0.0
        self._fade = QVariantAnimation(self)
        self._fade.setDuration(FADE_MS)
        self._fade.setStartValue(1.0)
        self._fade.setKeyValueAt(1 / 3, 1.0)
        self._fade.setEndValue(0.0)
        self._fade.valueChanged.connect(self._set_opacity)
        self._fade.finished.connect(self.hide)
        self.hide()

    @property
    def label(self) -> str:
        """The gesture on show; empty when it has faded."""
        return self._label if self._opacity > 0 else ""

    def flash(self, gesture: Gesture) -> None:
        """Show a gesture from now on."""
        self._fade.stop()
        self._label = gesture.label
        self.setAccessibleName(f"Gesture: {gesture.label}")
        self._set_opacity(1.0)
        self.show()
        self.raise_()
        self._fade.start()

    def _set_opacity(self, opacity: float) -> None:
        self._opacity = opacity
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the gesture's name on a plate, as large as the picture allows."""
        font = self._fitting_font()
        metrics = QFontMetricsF(font)
        plate = QRectF(0, 0, metrics.horizontalAdvance(self._label), metrics.height())
        plate = plate.marginsAdded(QMarginsF(28, 14, 28, 14))
        plate.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(self._opacity)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(PLATE)
        painter.drawRoundedRect(plate, 16, 16)
        painter.setFont(font)
        painter.setPen(TEXT)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._label)

    def _fitting_font(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(_LARGEST_PX)
        wanted = QFontMetricsF(font).horizontalAdvance(self._label)
        room = 0.8 * self.width()
        if wanted > room > 0:
            font.setPixelSize(max(12, int(_LARGEST_PX * room / wanted)))
        return font
