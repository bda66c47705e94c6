"""One stacked bar per fused block: the shares of kept, reused and skipped channels."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.inspection.channel_state import COUNTED_STATES
from app.ui.cards import scaled_font
from app.ui.formatting import percent
from app.ui.theme import Theme
from models.trace import BlockTrace

SMALLEST_ROW = 13
"""Smallest height of a row at which the name of a block is readable, in pixels."""

_LARGEST_ROW = 56
_THICKEST_BAR = 22.0
_COMFORTABLE_HEIGHT = 370
_NAME_GAP = 10


def state_counts(block: BlockTrace) -> tuple[int, int, int, int]:
    """Return the channels in each of `COUNTED_STATES`."""
    return block.kept, block.reused_cached, block.reused_late, block.skipped


def draw_stacked_bar(painter: QPainter, bar: QRectF, counts: Sequence[int], theme: Theme) -> None:
    """Fill `bar` from left to right with the colors of `COUNTED_STATES`, in proportion to `counts`.

    Nothing is drawn if all counts are zero.
    """
    total = sum(counts)
    if total == 0:
        return
    painter.save()
    rounded = QPainterPath()
    rounded.addRoundedRect(bar, 3, 3)
    painter.setClipPath(rounded)
    before = 0
    for count, state in zip(counts, COUNTED_STATES, strict=True):
        left = bar.left() + bar.width() * before / total
        right = bar.left() + bar.width() * (before + count) / total
        segment = QRectF(left, bar.top(), right - left, bar.height())
        painter.fillRect(segment, theme.state_color(state))
        before += count
    painter.restore()


def block_tooltip(block: BlockTrace) -> str:
    """Return the figures of a block as rich text."""
    rows = "".join(
        f"<tr><td>{state.words.capitalize()}&nbsp;&nbsp;</td><td align='right'>{count}</td>"
        f"<td align='right'>&nbsp;&nbsp;{percent(count / max(1, block.channels))}</td></tr>"
        for state, count in zip(COUNTED_STATES, state_counts(block), strict=True)
    )
    cost = block.multiply_adds / max(1, block.dense_multiply_adds)
    return (
        f"<b>{block.name}</b>, {block.channels} channels<table>{rows}</table>"
        f"{block.multiply_adds / 1e6:.1f} of {block.dense_multiply_adds / 1e6:.1f} MFLOPs "
        f"({percent(cost)})"
    )


class PolicyBars(QWidget):
    """The bars of all fused blocks, from the input at the top."""

    def __init__(self) -> None:
        super().__init__()
        self._blocks: Sequence[BlockTrace] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Keep, reuse and skip per block")

    @property
    def blocks(self) -> Sequence[BlockTrace]:
        """The blocks on show."""
        return self._blocks

    def show_blocks(self, blocks: Sequence[BlockTrace]) -> None:
        """Show the newest step."""
        if len(blocks) != len(self._blocks):
            self.updateGeometry()
        self._blocks = blocks
        self.setAccessibleDescription(
            "; ".join(
                f"{block.name}: keep {block.kept}, reuse {block.reused}, skip {block.skipped}"
                for block in blocks
            )
        )
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(220, SMALLEST_ROW * max(1, len(self._blocks)))

    def sizeHint(self) -> QSize:
        """Return the same size for every network, so that no panel jumps."""
        return QSize(380, _COMFORTABLE_HEIGHT)

    def bar_rect(self, index: int) -> QRectF:
        """Return the rectangle of one block's bar."""
        row = self._row_height()
        thickness = min(_THICKEST_BAR, max(7.0, row * 0.62))
        left = self._names_width() + _NAME_GAP
        top = index * row + (row - thickness) / 2
        return QRectF(left, top, max(0.0, self.width() - left), thickness)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = Theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._name_font())
        painter.setPen(QColor(theme.muted))
        metrics, row = painter.fontMetrics(), self._row_height()
        width = self._names_width()
        for index, block in enumerate(self._blocks):
            area = QRectF(0, index * row, width, row)
            name = metrics.elidedText(block.name, Qt.TextElideMode.ElideLeft, width)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, name)
            draw_stacked_bar(painter, self.bar_rect(index), state_counts(block), theme)

    def event(self, event: QEvent | None) -> bool:
        """Show the figures of the block under the mouse as a tooltip."""
        if isinstance(event, QHelpEvent):
            index = int(event.pos().y() / self._row_height())
            if 0 <= index < len(self._blocks):
                QToolTip.showText(event.globalPos(), block_tooltip(self._blocks[index]), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _row_height(self) -> float:
        rows = max(1, len(self._blocks))
        return min(float(_LARGEST_ROW), self.height() / rows)

    def _name_font(self) -> QFont:
        font = scaled_font(self.font(), 0.95)
        if QFontMetrics(font).height() > self._row_height():
            font.setPixelSize(max(9, int(self._row_height() * 0.78)))
        return font

    def _names_width(self) -> int:
        metrics = QFontMetrics(self._name_font())
        widest = 2 + max((metrics.horizontalAdvance(b.name) for b in self._blocks), default=0)
        return min(widest, self.width() // 3)
