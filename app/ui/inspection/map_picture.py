"""A channel map as a picture for a paper or a talk: title, map, axes and legend."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QImage, QPainter

from app.inspection.channel_state import COUNTED_STATES
from app.inspection.export import write_whole
from app.ui.inspection.map_content import MapContent, indexed_image
from app.ui.theme import LIGHT

COLUMN_PX = (4, 16)
"""Smallest and largest width of a step, in pixels."""

SMALLEST_HEIGHT = 320
"""Smallest height of the map, in pixels."""

_MARGIN = 24
_LINE = 26
_LEFT = 70
_USUAL_WIDTH = 640


def map_picture(content: MapContent, title: str) -> QImage:
    """Return the picture; every channel is at least one pixel high.

    Args:
        content: What to draw, with all of its steps.
        title: Title above the map.
    """
    line_px = max(1, -(-SMALLEST_HEIGHT // max(1, content.channels)))
    smallest, largest = COLUMN_PX
    column_px = max(smallest, min(largest, _USUAL_WIDTH // max(1, content.steps)))
    width = max(column_px * content.steps, _USUAL_WIDTH)
    height = line_px * content.channels
    size = (_LEFT + width + _MARGIN, 2 * _MARGIN + 3 * _LINE + height)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.card))
    painter = QPainter(image)
    font = QFont(painter.font())
    font.setPixelSize(15)
    painter.setFont(font)
    painter.setPen(QColor(LIGHT.text))
    painter.drawText(QRectF(_MARGIN, _MARGIN - 6, size[0], _LINE), title)
    rect = QRectF(_LEFT, _MARGIN + _LINE, column_px * content.steps, height)
    painter.drawImage(rect, indexed_image(content.states[content.order], LIGHT))
    _draw_axes(painter, content, rect)
    _draw_legend(painter, rect.bottom() + _LINE + 6)
    painter.end()
    return image


def write_map_picture(path: Path, content: MapContent, title: str) -> None:
    """Write the picture as a PNG file, completely or not at all.

    Raises:
        ExportError: The file cannot be written.
    """
    image = map_picture(content, title)

    def write(new: Path) -> None:
        if not image.save(str(new), "PNG"):
            raise OSError

    write_whole(path, write)


def _draw_axes(painter: QPainter, content: MapContent, rect: QRectF) -> None:
    painter.setPen(QColor(LIGHT.muted))
    right = Qt.AlignmentFlag.AlignRight
    labels = QRectF(0, rect.top() - 3, _LEFT - 8, _LINE)
    painter.drawText(labels, right, str(content.order[0]))
    labels.moveBottom(rect.bottom() + 6)
    painter.drawText(labels, right | Qt.AlignmentFlag.AlignBottom, str(content.order[-1]))
    painter.save()
    painter.translate(26, rect.center().y())
    painter.rotate(-90)
    painter.drawText(QRectF(-60, -18, 120, 20), Qt.AlignmentFlag.AlignHCenter, "channel")
    painter.restore()
    times = QRectF(rect.left(), rect.bottom() + 4, max(rect.width(), 240), _LINE)
    painter.drawText(times, f"{content.times_s[0]:.1f} s")
    painter.drawText(times, right, f"{content.times_s[-1]:.1f} s")


def _draw_legend(painter: QPainter, top: float) -> None:
    left = float(_LEFT)
    for state in COUNTED_STATES:
        name = state.words.capitalize()
        painter.fillRect(QRectF(left, top + 4, 13, 13), LIGHT.state_color(state))
        width = painter.fontMetrics().horizontalAdvance(name)
        painter.drawText(QRectF(left + 19, top, width + 4, _LINE), name)
        left += width + 44
