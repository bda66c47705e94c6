"""What a model of two views sees of the hand, beside the frames that it sees whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.ui.image_drawing import draw_image, fitted
from app.ui.theme import Theme
from models.two_views.stream import HandView

_RADIUS = 5
_MARK = 2
_SIDE = 84


class HandSquare(QWidget):
    """The newest square around the hand; hidden until a model with two views gives one."""

    def __init__(self) -> None:
        super().__init__()
        self._hand: HandView | None = None
        self._mirrored = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.hide()

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """The square on show."""
        return None if self._hand is None else self._hand.square

    def show_hand(self, hand: HandView | None) -> None:
        """Show a newer square, or nothing for a model of one view."""
        self._hand = hand
        self.setVisible(hand is not None)
        if hand is not None:
            found = "the hand was found" if hand.seen else "no hand was found"
            self.setAccessibleName(f"What the second view sees: {found}")
            self.setToolTip(
                f"The second view; a hand is there with {hand.presence:.0%}"
                + (". The first view rests, and costs nothing" if hand.rested else "")
            )
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the square like the live view, or not."""
        self._mirrored = mirrored
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        return QSize(_SIDE, 36)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._hand is None:
            return
        theme = Theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = fitted(QSizeF(1, 1), QRectF(self.rect()))
        rounded = QPainterPath()
        rounded.addRoundedRect(place, _RADIUS, _RADIUS)
        painter.save()
        painter.setClipPath(rounded)
        draw_image(painter, place, self._hand.square, mirrored=self._mirrored)
        painter.restore()
        painter.setPen(QPen(QColor(theme.accent if self._hand.seen else theme.track), _MARK))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = _MARK / 2
        painter.drawRoundedRect(place.adjusted(inset, inset, -inset, -inset), _RADIUS, _RADIUS)
