"""The table of fused blocks, in which one is selected."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QModelIndex, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPalette, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.inspection.channel_state import ChannelState
from app.ui.inspection.block_model import BlockModel, Column
from app.ui.inspection.map_content import indexed_image
from app.ui.network.policy_bars import draw_stacked_bar
from app.ui.theme import Theme

_ROW_HEIGHT = 24
_MOST_ROWS = 8
_FEWEST_STEPS = 100
_MARGIN = 5
_SMALLEST_BAR = 66
_FIXED = {
    Column.NAME: "crop.layer1.0",
    Column.FLOPS: "00.0 / 000.0",
    Column.TIME: "00.00 / 0.00",
}
"""Columns of text, each with a text as wide as usual."""

_OUR_KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
    Qt.Key.Key_Space,
)


class BlockTable(QTableView):
    """Shows a `BlockModel`; mouse and arrow keys select a block."""

    block_selected = pyqtSignal(int)
    """The row of the block that is selected now."""

    def __init__(self, model: BlockModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(_Delegate(model, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Fused blocks")
        self.setWordWrap(False)
        self._set_headers()
        # The end tells blocks apart, as in "crop.features.12".
        self.setTextElideMode(Qt.TextElideMode.ElideLeft)
        model.modelReset.connect(self._select_first)
        selection = self.selectionModel()
        assert selection is not None  # a view with a model has one
        selection.currentRowChanged.connect(lambda now, _: self.block_selected.emit(now.row()))

    @property
    def selected(self) -> int | None:
        """The row of the selected block; None without blocks."""
        index = self.currentIndex()
        return index.row() if index.isValid() else None

    def sizeHint(self) -> QSize:
        model, header = self.model(), self.horizontalHeader()
        assert model is not None  # given at the start
        assert header is not None
        rows = min(_MOST_ROWS, max(1, model.rowCount()))
        return QSize(420, header.sizeHint().height() + rows * self._row_height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the same height: the page scrolls before the table does."""
        return QSize(300, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Hide the histories where they would take room from the figures."""
        super().resizeEvent(event)
        fixed = sum(self.columnWidth(column) for column in _FIXED)
        self.setColumnHidden(Column.HISTORY, self.width() < fixed + 2 * _SMALLEST_BAR)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Ignore keys that select no block: they may move a recording in time."""
        if event is not None and event.key() in _OUR_KEYS:
            event.ignore()
            return
        super().keyPressEvent(event)

    def _row_height(self) -> int:
        return max(_ROW_HEIGHT, self.fontMetrics().height() + 6)

    def _select_first(self) -> None:
        model = self.model()
        if model is not None and model.rowCount():
            self.selectRow(0)
        self.updateGeometry()

    def _set_headers(self) -> None:
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None  # PyQt's types allow None; a table makes both
        assert columns is not None
        rows.hide()
        rows.setDefaultSectionSize(self._row_height())
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
        columns.setMinimumSectionSize(40)
        metrics = self.fontMetrics()
        for column in Column:
            if column in _FIXED:
                columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                width = metrics.horizontalAdvance(_FIXED[column]) + 2 * _MARGIN + 6
                columns.resizeSection(column, width)
            else:
                columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)


class _Delegate(QStyledItemDelegate):
    """Draws bars and histories, and leaves text to Qt."""

    def __init__(self, model: BlockModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        widget = option.widget
        if painter is None or widget is None:
            return
        theme = Theme.of(widget)
        counts = self._model.counts(index)
        if counts is None:
            super().paint(painter, option, index)
        else:
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(option.rect, QColor(theme.track))
            area = QRectF(option.rect).adjusted(_MARGIN, 4, -_MARGIN, -4)
            painter.save()
            _draw_counts(painter, area, counts, theme)
            painter.restore()
        if index.column() == Column.NAME and option.state & QStyle.StateFlag.State_Selected:
            rect = option.rect
            painter.fillRect(rect.x(), rect.y(), 3, rect.height(), QColor(theme.accent))

    def initStyleOption(self, option: QStyleOptionViewItem | None, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        if option is None or option.widget is None:
            return
        # Rows are selected as a whole; a frame around one cell would suggest otherwise.
        option.state &= ~QStyle.StateFlag.State_HasFocus
        # The usual color of a selection is that of a kept channel.
        theme = Theme.of(option.widget)
        option.palette.setColor(QPalette.ColorRole.Highlight, QColor(theme.track))
        option.palette.setColor(QPalette.ColorRole.HighlightedText, QColor(theme.text))


def _draw_counts(painter: QPainter, area: QRectF, counts: NDArray[np.int32], theme: Theme) -> None:
    """Draw a bar for one step, or a stacked area for many."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if counts.ndim == 1:
        draw_stacked_bar(painter, area, counts.tolist(), theme)
        return
    painter.fillRect(area, QColor(theme.track))
    cells = stacked(counts, max(1, int(area.height())), max(1, int(area.width())))
    painter.drawImage(area, indexed_image(cells, theme))


def stacked(counts: NDArray[np.int32], lines: int, columns: int) -> NDArray[np.uint8]:
    """Return a stacked area, the first state at the bottom.

    Args:
        counts: Channels in each state at every step, of shape (4, N).
        lines: Height of the result, in cells.
        columns: Width of the result, in cells; with fewer columns than steps, a column is the sum
            of several steps.

    Returns:
        `ChannelState`s of shape (lines, columns); a short history fills only the right end.
    """
    steps = counts.shape[1]
    missing = max(0, (_FEWEST_STEPS - steps) * columns // _FEWEST_STEPS)
    begins = np.arange(columns - missing) * steps // max(1, columns - missing)
    ends = np.cumsum(np.add.reduceat(counts, begins, axis=1), axis=0)
    levels = (np.arange(lines)[::-1, None] + 0.5) / lines * np.maximum(ends[-1], 1)
    cells = np.sum(levels[:, None, :] >= ends[None, :-1, :], axis=1, dtype=np.uint8)
    return np.pad(cells, ((0, 0), (missing, 0)), constant_values=ChannelState.NOTHING)
