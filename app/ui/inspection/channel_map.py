"""The channel map: a row for every channel, a column for every step, colored by action."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.ui.cards import scaled_font
from app.ui.inspection.map_content import MapContent, indexed_image
from app.ui.theme import Theme

COLUMN_PX = 3
"""Width of a step, in device-independent pixels."""

_GAP = 6
_KEYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_PageUp: (-10, 0),
    Qt.Key.Key_PageDown: (10, 0),
}


class ChannelMap(QWidget):
    """Shows a `MapContent`; mouse or arrow keys point at a cell."""

    pointed = pyqtSignal(str)
    """Describes the cell that is pointed at; empty if none is."""

    def __init__(self) -> None:
        super().__init__()
        self._content: MapContent | None = None
        self._image: QImage | None = None
        self._first = 0
        self._dark: bool | None = None
        self._cell: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(200)
        self.setAccessibleName("Channel map: arrow keys point at a channel and a step")

    @property
    def content(self) -> MapContent | None:
        """The content on show."""
        return self._content

    @property
    def cell(self) -> tuple[int, int] | None:
        """The row and the column that are pointed at."""
        return self._cell

    def show_content(self, content: MapContent | None) -> None:
        """Show other content, or none."""
        before, self._content = self._content, content
        self._image = None
        if content is None or before is None or before.block != content.block:
            self._cell = None
        elif self._cell is not None:
            self._keep_cell(before, content)
        self._emit_pointed()
        self.update()

    def first_shown(self) -> int:
        """Return the index of the step at the left edge; those that do not fit are not shown."""
        content = self._content
        if content is None:
            return 0
        fit = self._fit()
        if content.position is None:
            return max(0, content.steps - fit)
        return max(0, min(content.position - fit // 2, content.steps - fit))

    def map_rect(self) -> QRectF:
        """Return the rectangle of the steps on show; in a live view, the newest is on the right."""
        area = self._area()
        content = self._content
        if content is None:
            return area
        width = COLUMN_PX * min(self._fit(), content.steps)
        left = area.right() - width if content.position is None else area.left()
        return QRectF(left, area.top(), width, area.height())

    def cell_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the row and the column at a point of the widget; None outside the map."""
        content, rect = self._content, self.map_rect()
        if content is None or content.channels == 0 or not rect.contains(point):
            return None
        line = int((point.y() - rect.top()) / rect.height() * content.channels)
        column = self.first_shown() + int((point.x() - rect.left()) / COLUMN_PX)
        return min(line, content.channels - 1), min(column, content.steps - 1)

    def sizeHint(self) -> QSize:
        return QSize(400, 240)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._point(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent | None) -> None:
        """Point at nothing, unless the map has the keyboard focus."""
        if not self.hasFocus():
            self._point(None)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._point(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        content = self._content
        step = None if event is None else _KEYS.get(Qt.Key(event.key()))
        if step is None or content is None or content.steps == 0 or content.channels == 0:
            super().keyPressEvent(event)
            return
        last = self.first_shown() + min(self._fit(), content.steps) - 1
        if self._cell is None:
            self._point((0, last if content.position is None else content.position))
            return
        line, column = self._cell[0] + step[0], self._cell[1] + step[1]
        inside = max(self.first_shown(), min(column, last))
        self._point((max(0, min(line, content.channels - 1)), inside))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = Theme.of(self)
        painter = QPainter(self)
        area, rect = self._area(), self.map_rect()
        painter.fillRect(area, QColor(theme.track))
        content = self._content
        if content is None or content.steps == 0:
            return
        # Where rows are finer than pixels, their colors are mixed instead of leaving rows out.
        fine = content.channels > rect.height() * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, fine)
        painter.drawImage(rect, self._picture(content, theme))
        self._paint_axis(painter, theme, content)
        if content.position is not None:
            x = rect.left() + COLUMN_PX * (content.position - self.first_shown() + 0.5)
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom() + 3))
        if self._cell is not None:
            self._paint_cell(painter, theme, content, self._cell)

    def _picture(self, content: MapContent, theme: Theme) -> QImage:
        """Return the picture of the steps on show, drawn again only if they differ."""
        first = self.first_shown()
        if self._image is None or self._first != first or self._dark != theme.dark:
            end = min(content.steps, first + self._fit())
            self._image = indexed_image(content.states[:, first:end][content.order], theme)
            self._first, self._dark = first, theme.dark
        return self._image

    def _paint_axis(self, painter: QPainter, theme: Theme, content: MapContent) -> None:
        font = scaled_font(self.font(), 0.85)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        area, rect = self._area(), self.map_rect()
        line = QRectF(area.left(), area.bottom() + 2, area.width(), self.height())
        first = content.times_s[self.first_shown()]
        end = min(content.steps, self.first_shown() + self._fit()) - 1
        if content.position is None:
            texts = (f"−{content.times_s[-1] - first:.0f} s", "now")
        else:
            texts = (f"{first:.1f} s", f"{content.times_s[end]:.1f} s")
        line.setLeft(rect.left())
        line.setRight(rect.right())
        if rect.width() > 80:
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, texts[0])
        # Under the last step, or as close to it as there is room.
        line.setLeft(area.left())
        needed = QFontMetricsF(font).horizontalAdvance(texts[1])
        line.setRight(max(rect.right(), area.left() + needed))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, texts[1])

    def _paint_cell(
        self, painter: QPainter, theme: Theme, content: MapContent, cell: tuple[int, int]
    ) -> None:
        rect, (line, column) = self.map_rect(), cell
        height = rect.height() / content.channels
        x = rect.left() + COLUMN_PX * (column - self.first_shown() + 0.5)
        y = rect.top() + height * (line + 0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in ((theme.card, 4.0), (theme.text, 1.5)):
            painter.setPen(QPen(QColor(color), width))
            painter.drawEllipse(QPointF(x, y), 6, 6)

    def _area(self) -> QRectF:
        """Return the rectangle of the whole map, above the axis."""
        axis = self.fontMetrics().height() + _GAP
        return QRectF(0, 0, self.width(), max(1, self.height() - axis))

    def _fit(self) -> int:
        return max(1, int(self._area().width()) // COLUMN_PX)

    def _keep_cell(self, before: MapContent, content: MapContent) -> None:
        """Keep pointing at the same channel, at the same distance from the newest step."""
        assert self._cell is not None  # checked by the caller
        line, column = self._cell
        if line >= before.channels or before.channels != content.channels:
            self._cell = None
            return
        if content.position is None:
            column += content.steps - before.steps
        self._cell = line, max(0, min(column, content.steps - 1))

    def _point(self, cell: tuple[int, int] | None) -> None:
        if cell != self._cell:
            self._cell = cell
            self._emit_pointed()
            self.update()

    def _emit_pointed(self) -> None:
        content, cell = self._content, self._cell
        known = content is not None and cell is not None
        text = content.describe(*cell) if content is not None and cell is not None else ""
        self.setAccessibleDescription(text if known else "")
        self.pointed.emit(text)
