"""The last frames that the network saw, as a strip from the oldest to the newest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.ui.image_drawing import draw_image, fitted
from app.ui.theme import Theme

_GAP = 6
_RADIUS = 5
_MARK = 3
_LARGEST_HEIGHT = 150


class ThumbnailStrip(QWidget):
    """One slot per frame of the ring buffer; the newest is on the right and marked."""

    def __init__(self, slots: int, aspect: float) -> None:
        """Create empty slots.

        Args:
            slots: Frames in the ring buffer.
            aspect: Width of a frame divided by its height.
        """
        super().__init__()
        self._images: tuple[NDArray[np.uint8], ...] = ()
        self._mirrored = True
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_shape(slots, aspect)

    def set_shape(self, slots: int, aspect: float) -> None:
        """Show the frames of another model from now on; see the constructor."""
        self._slots, self._aspect = slots, aspect
        self._images = ()
        self.setAccessibleName(f"The last {slots} frames that the network saw, oldest first")
        self.updateGeometry()
        self.update()

    @property
    def images(self) -> tuple[NDArray[np.uint8], ...]:
        """The frames on show, oldest first."""
        return self._images

    def show_images(self, images: tuple[NDArray[np.uint8], ...]) -> None:
        """Show BGR images, oldest first; if there are too many, the newest."""
        self._images = images[-self._slots :]
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the frames like the live view, or not."""
        self._mirrored = mirrored
        self.update()

    def heightForWidth(self, width: int) -> int:
        slot_width = (width - _GAP * (self._slots - 1)) / self._slots
        return max(36, min(_LARGEST_HEIGHT, round(slot_width / self._aspect)))

    def sizeHint(self) -> QSize:
        return QSize(760, self.heightForWidth(760))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._slots * 36, 36)

    def slot_rects(self) -> list[QRectF]:
        """Return the rectangle of each frame, oldest first: equal widths over the whole strip."""
        width = (self.width() - _GAP * (self._slots - 1)) / self._slots
        height = min(float(self.height()), width / self._aspect)
        top = (self.height() - height) / 2
        return [QRectF(index * (width + _GAP), top, width, height) for index in range(self._slots)]

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = Theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rects = self.slot_rects()
        empty = self._slots - len(self._images)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.track))
        for rect in rects[:empty]:
            painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        for rect, image in zip(rects[empty:], self._images, strict=True):
            self._paint_image(painter, rect, image)
        if self._images:
            painter.setPen(QPen(QColor(theme.accent), _MARK))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inset = _MARK / 2
            marked = rects[-1].adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(marked, _RADIUS, _RADIUS)

    def _paint_image(self, painter: QPainter, rect: QRectF, image: NDArray[np.uint8]) -> None:
        height, width = image.shape[:2]
        rounded = QPainterPath()
        rounded.addRoundedRect(rect, _RADIUS, _RADIUS)
        painter.save()
        painter.setClipPath(rounded)
        painter.fillRect(rect, QColor("#0d1014"))
        draw_image(painter, fitted(QSizeF(width, height), rect), image, mirrored=self._mirrored)
        painter.restore()
