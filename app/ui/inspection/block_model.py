"""The fused blocks as a Qt table model."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from app.inspection.channel_state import COUNTED_STATES
from app.inspection.figures import BlockTimes, times_at
from app.inspection.history import BlockHistory, PolicyHistory
from app.ui.formatting import UNKNOWN, percent

UNTIMED = "Only the sparse and the torch engine measure the time of a block."


class Column(IntEnum):
    """The columns of the table."""

    NAME = 0
    NOW = 1
    HISTORY = 2
    FLOPS = 3
    TIME = 4


_ROLES = frozenset(
    (
        *(Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.TextAlignmentRole),
        *(Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole),
    )
)

_HEADINGS = {
    Column.NAME: ("Block", "Name of the fused block in its backbone"),
    Column.NOW: ("Now", "Keep, reuse from cache, reuse late and skip at this step"),
    Column.HISTORY: ("Over time", "The same over the remembered steps, newest on the right"),
    Column.FLOPS: (
        "MFLOPs",
        "Multiply-adds of the block's fused convolutions at this step, and with every channel kept",
    ),
    Column.TIME: (
        "ms",
        "Milliseconds of the block at this step, including its policy, and of its fused\n"
        "convolutions with every channel kept, measured once on this machine if this engine\n"
        "can leave channels out",
    ),
}


class BlockModel(QAbstractTableModel):
    """Reads a `PolicyHistory`; `refresh` announces newer steps."""

    def __init__(self, history: PolicyHistory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._position: int | None = None
        self._dense_ms: tuple[float, ...] = ()
        self._shown: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[BlockHistory, ...]:
        """The blocks in the table, in the order of the rows."""
        return tuple(self._history.blocks)

    def dense_ms(self, row: int) -> float | None:
        """Return the milliseconds of a block's dense convolutions, if they were measured."""
        return self._dense_ms[row] if len(self._dense_ms) == len(self._history.blocks) else None

    def set_dense_ms(self, dense_ms: tuple[float, ...]) -> None:
        """Set the measured times of all blocks, see `dense_ms`; empty for none."""
        self._dense_ms = dense_ms

    def refresh(self, position: int | None = None) -> None:
        """Notify the views of newer steps or another position.

        Args:
            position: Index of the remembered step that counts as now; None for the newest.
        """
        self._position = position
        names = tuple(block.name for block in self._history.blocks)
        if names != self._shown:
            self.beginResetModel()
            self._shown = names
            self.endResetModel()
        elif names:
            last = self.index(len(names) - 1, len(Column) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def counts(self, index: QModelIndex) -> NDArray[np.int32] | None:
        """Return the counts that a cell draws, where it draws any.

        Not a role of `data`: Qt would convert them to a list.

        Returns:
            The counts of one step, of shape (4,), or of many, of shape (4, N).
        """
        if index.row() >= len(self._history.blocks):
            return None
        return self._counts(self._history.blocks[index.row()], Column(index.column()))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        heading, explained = _HEADINGS[Column(section)]
        if role == Qt.ItemDataRole.DisplayRole:
            return heading
        return explained if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows, or its explanation."""
        # Qt asks for a dozen roles of every painted cell, eight times a second.
        if role not in _ROLES or not index.isValid() or index.row() >= len(self._history.blocks):
            return None
        block, column = self._history.blocks[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.row(), block, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= Column.FLOPS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._explained(index.row(), block, column)
        return None

    def _step(self) -> int:
        return self._history.steps - 1 if self._position is None else self._position

    def _times(self, row: int, block: BlockHistory) -> BlockTimes | None:
        return times_at(block, self.dense_ms(row), self._step())

    def _text(self, row: int, block: BlockHistory, column: Column) -> str | None:
        if column is Column.NAME:
            return block.name
        if column is Column.FLOPS:
            executed = block.multiply_adds[self._step()]
            return f"{executed / 1e6:.1f} / {block.dense_multiply_adds / 1e6:.1f}"
        if column is Column.TIME:
            times = self._times(row, block)
            if times is None:
                return UNKNOWN
            dense = UNKNOWN if times.dense_ms is None else f"{times.dense_ms:.2f}"
            return f"{times.executed_ms:.2f} / {dense}"
        return None

    def _counts(self, block: BlockHistory, column: Column) -> NDArray[np.int32] | None:
        if column is Column.NOW:
            return block.counts[:, self._step()]
        return block.counts if column is Column.HISTORY else None

    def _explained(self, row: int, block: BlockHistory, column: Column) -> str | None:
        if column in (Column.NOW, Column.HISTORY):
            counts = self._counts(block, column)
            assert counts is not None  # of these two columns
            shares = counts.reshape(4, -1).mean(axis=1) / max(1, block.channels)
            pairs = zip(COUNTED_STATES, shares, strict=True)
            return ", ".join(f"{state.words} {percent(share)}" for state, share in pairs)
        if column is Column.NAME:
            return f"{block.name}, {block.channels} channels"
        if column is Column.FLOPS:
            executed = block.multiply_adds[self._step()]
            share = executed / max(1, block.dense_multiply_adds)
            return f"{self._text(row, block, column)} MFLOPs, {percent(share)} of dense"
        times = self._times(row, block)
        if times is None:
            return UNTIMED
        dense = "not measured" if times.dense_ms is None else f"{times.dense_ms:.3f} ms"
        return (
            f"convolutions {times.convolutions_ms:.3f} ms, policy {times.policy_ms:.3f} ms; "
            f"dense convolutions {dense}"
        )
