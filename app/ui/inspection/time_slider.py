"""A slider over the time of a recording, with a mark at each gesture."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.ui.theme import Theme
from models.decision import Gesture

_KNOB = 7.0
_TRACK = 5.0
_MARK = 5.0
_NEAR_PX = 6


class TimeSlider(QWidget):
    """Shows the current time, and lets the mouse choose another; keys belong to the window."""

    time_chosen = pyqtSignal(float)
    """The mouse chose a time, in seconds."""

    def __init__(self, duration_s: float, gestures: Sequence[Gesture]) -> None:
        """Start at the beginning.

        Args:
            duration_s: Duration of the recording, in seconds.
            gestures: The gestures that fired in it.
        """
        super().__init__()
        self._duration_s = max(duration_s, 1e-9)
        self._gestures = tuple(gestures)
        self._time_s = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(
            "Time; the left and right arrow keys go from prediction to prediction, "
            "Page Up and Page Down from gesture to gesture"
        )
        self.set_time(0.0)

    def set_time(self, time_s: float) -> None:
        """Show another time, without a signal."""
        self._time_s = time_s
        self.setAccessibleDescription(f"{time_s:.2f} of {self._duration_s:.2f} seconds")
        self.update()

    def x_of(self, time_s: float) -> float:
        """Return the position of a time, in pixels."""
        room = self.width() - 2 * _KNOB
        return _KNOB + room * min(max(time_s / self._duration_s, 0.0), 1.0)

    def time_at(self, x: float) -> float:
        """Return the time at a position, in seconds."""
        room = max(1.0, self.width() - 2 * _KNOB)
        return self._duration_s * min(max((x - _KNOB) / room, 0.0), 1.0)

    def gesture_at(self, x: float) -> Gesture | None:
        """Return the gesture whose mark is nearest to a position, if one is near."""
        near = [
            (abs(self.x_of(gesture.time_s) - x), index)
            for index, gesture in enumerate(self._gestures)
        ]
        distance, index = min(near, default=(float("inf"), 0))
        return self._gestures[index] if distance <= _NEAR_PX else None

    def sizeHint(self) -> QSize:
        return QSize(300, 30)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 30)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.time_chosen.emit(self.time_at(event.position().x()))

    def event(self, event: QEvent | None) -> bool:
        """Show the gesture or the time under the mouse as a tooltip."""
        if isinstance(event, QHelpEvent):
            gesture = self.gesture_at(event.pos().x())
            time_s = self.time_at(event.pos().x())
            text = f"{time_s:.2f} s"
            if gesture is not None:
                text = f"{gesture.label} fired at {gesture.time_s:.2f} s"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = Theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2 - 3
        track = QRectF(_KNOB, middle - _TRACK / 2, self.width() - 2 * _KNOB, _TRACK)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(track, _TRACK / 2, _TRACK / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        knob = self.x_of(self._time_s)
        track.setRight(knob)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(track, _TRACK / 2, _TRACK / 2)
        painter.setBrush(QColor(theme.reuse_late))
        for gesture in self._gestures:
            x, top = self.x_of(gesture.time_s), middle + _TRACK
            tip = QPointF(x, top)
            base = QPointF(x - _MARK, top + 2 * _MARK), QPointF(x + _MARK, top + 2 * _MARK)
            painter.drawPolygon(QPolygonF([tip, *base]))
        painter.setPen(QPen(QColor(theme.card), 2))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(knob, middle), _KNOB, _KNOB)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(knob, middle), _KNOB - 1, _KNOB - 1)
