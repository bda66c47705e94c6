"""The current prediction as a plate over the live view."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.live.snapshot import Prediction
from app.ui.cards import scaled_font

PLATE = QColor(13, 16, 20, 205)
"""Plate under white text, dark enough for a contrast of 4.5:1 over a white wall."""
TEXT = QColor("#ffffff")
QUIET_TEXT = QColor("#ccd2da")
BAR = QColor("#56b4e9")
BAR_TRACK = QColor(255, 255, 255, 60)

UNSURE_BELOW = 0.5
"""Probability below which another label may be as likely: it is muted, too."""

_MARGIN = 14
_BAR_HEIGHT = 6
_WAITING = "Waiting for the first prediction…"


def is_quiet(label: str, confidence: float | None, silent_labels: Collection[str]) -> bool:
    """Return whether a prediction is no gesture, or not a certain one."""
    return confidence is None or label in silent_labels or confidence < UNSURE_BELOW


class PredictionOverlay(QWidget):
    """A plate with the current label, its confidence in percent and as a bar."""

    def __init__(
        self, labels: Sequence[str], silent_labels: Sequence[str], parent: QWidget | None = None
    ) -> None:
        """Create the plate, wide enough for the longest label, so that it never jumps.

        Args:
            labels: All labels of the model.
            silent_labels: Labels that never fire; they are muted.
            parent: The view under the plate.
        """
        super().__init__(parent)
        self._labels = tuple(labels)
        self._silent = frozenset(silent_labels)
        self._label = _WAITING
        self._confidence: float | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_WAITING)
        self._label_font = scaled_font(self.font(), 1.5, bold=True)
        self._quiet_font = scaled_font(self.font(), 1.5)

    def set_labels(self, labels: Sequence[str], silent_labels: Sequence[str]) -> None:
        """Wait for the first prediction of another model."""
        self._labels, self._silent = tuple(labels), frozenset(silent_labels)
        self._label, self._confidence = _WAITING, None
        self.setAccessibleName(_WAITING)
        self.updateGeometry()
        self.update()

    @property
    def label(self) -> str:
        """The label on the plate."""
        return self._label

    @property
    def confidence_text(self) -> str:
        """The confidence on the plate, such as "87%"; empty before the first prediction."""
        return "" if self._confidence is None else f"{self._confidence:.0%}"

    def show_prediction(self, prediction: Prediction) -> None:
        """Show a prediction."""
        self._label, self._confidence = prediction.label, prediction.confidence
        self.setAccessibleName(f"{self._label}, {self.confidence_text}")
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._label_font)
        widest = max(metrics.horizontalAdvance(text) for text in (*self._labels, _WAITING))
        width = widest + metrics.horizontalAdvance("  100%") + 2 * _MARGIN
        return QSize(width, metrics.height() + _BAR_HEIGHT + 2 * _MARGIN)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(PLATE)
        painter.drawRoundedRect(QRectF(self.rect()), 10, 10)
        inner = self.rect().adjusted(_MARGIN, _MARGIN - 4, -_MARGIN, -_MARGIN)
        quiet = is_quiet(self._label, self._confidence, self._silent)
        painter.setFont(self._quiet_font if quiet else self._label_font)
        metrics = painter.fontMetrics()
        painter.setPen(QUIET_TEXT if quiet else TEXT)
        confidence = self.confidence_text
        text_area = inner.adjusted(0, 0, 0, -_BAR_HEIGHT - 4)
        painter.drawText(text_area, Qt.AlignmentFlag.AlignRight, confidence)
        room = inner.width() - metrics.horizontalAdvance(f"  {confidence}" if confidence else "")
        label = metrics.elidedText(self._label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(text_area, Qt.AlignmentFlag.AlignLeft, label)
        self._paint_bar(painter, QRectF(inner))

    def _paint_bar(self, painter: QPainter, inner: QRectF) -> None:
        bar = QRectF(inner.left(), inner.bottom() - _BAR_HEIGHT, inner.width(), _BAR_HEIGHT)
        radius = _BAR_HEIGHT / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(BAR_TRACK)
        painter.drawRoundedRect(bar, radius, radius)
        if self._confidence:
            bar.setWidth(max(float(_BAR_HEIGHT), bar.width() * min(1.0, self._confidence)))
            painter.setBrush(BAR)
            painter.drawRoundedRect(bar, radius, radius)
