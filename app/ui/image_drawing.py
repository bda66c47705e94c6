"""Draws NumPy images with Qt: mirrored or not, with their aspect ratio."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSizeF, Qt
from PyQt6.QtGui import QImage, QPainter


def to_qimage(image: NDArray[np.uint8]) -> QImage:
    """Return a Qt image that shares the memory of a BGR image of shape (H, W, 3).

    The caller keeps `image` alive as long as the result is used.
    """
    if not image.flags.c_contiguous:
        raise ValueError("an image must be contiguous to be shown without a copy")
    height, width = image.shape[:2]
    # PyQt accepts any buffer; its type stubs know only bytes.
    data = cast(bytes, image.data)
    return QImage(data, width, height, image.strides[0], QImage.Format.Format_BGR888)


def fitted(size: QSizeF, area: QRectF) -> QRectF:
    """Return the largest centered rectangle in `area` with the aspect ratio of `size`."""
    inner = size.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    rect = QRectF(area.topLeft(), inner)
    rect.moveCenter(area.center())
    return rect


def covering(size: QSizeF, area: QRectF) -> QRectF:
    """Return the smallest centered rectangle with the aspect ratio of `size` that covers `area`."""
    outer = size.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    rect = QRectF(area.topLeft(), outer)
    rect.moveCenter(area.center())
    return rect


def draw_image(
    painter: QPainter, area: QRectF, image: NDArray[np.uint8], *, mirrored: bool
) -> None:
    """Draw a BGR image over `area`, mirrored or not."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if mirrored:
        painter.translate(area.left() + area.right(), 0.0)
        painter.scale(-1.0, 1.0)
    contiguous = np.ascontiguousarray(image)
    painter.drawImage(area, to_qimage(contiguous))
    painter.restore()
