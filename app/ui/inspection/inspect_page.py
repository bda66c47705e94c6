"""The page "Inspect": everything about the fused blocks, live or in a recording."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.inspection.history import BlockHistory, PolicyHistory
from app.inspection.recording import InspectedModel
from app.inspection.run_lengths import run_lengths
from app.inspection.totals import RunTotals
from app.live.snapshot import RunningModel, Snapshot
from app.ui.cards import Card, ElidedLabel, role_label
from app.ui.formatting import totals_explained, totals_text
from app.ui.inspection.block_model import BlockModel
from app.ui.inspection.block_table import BlockTable
from app.ui.inspection.cost_panel import CostPanel
from app.ui.inspection.export_menu import ExportButton, ExportSubject
from app.ui.inspection.map_card import MapCard
from app.ui.inspection.runs_panel import RunsPanel
from app.ui.network.policy_panel import DENSE_TEXT, WAITING_TEXT
from models.engines.dense_reference import DenseReference

WIDE_PX = 760
"""Width in pixels from which there are two columns."""

_RIGHT_CARDS = (1, 2)
"""Indices of the cards in the right column: the map, and how long actions last."""


class InspectPage(QScrollArea):
    """The table of blocks and details of the selected one; while hidden, it only remembers."""

    opened = pyqtSignal()
    """The page was shown: times of blocks are needed."""

    def __init__(self, spec: InspectedModel, history: PolicyHistory | None = None) -> None:
        """Create the page.

        Args:
            spec: The model to inspect.
            history: The steps to inspect; None starts an empty one, which `show_snapshot` fills.
        """
        super().__init__()
        self.history = history or PolicyHistory()
        self._spec = spec
        self._position: int | None = None
        self._totals = RunTotals()
        self._running: RunningModel | None = None
        self._reference: DenseReference | None = None
        self.model = BlockModel(self.history, self)
        self.table = BlockTable(self.model)
        self.totals = ElidedLabel()
        self.note = role_label(WAITING_TEXT if spec.fuses else DENSE_TEXT, "muted")
        self.map_card = MapCard()
        self.runs = RunsPanel(spec.frame_interval_s)
        self.cost = CostPanel()
        self.export = ExportButton(self._export_subject)
        self._cards: tuple[tuple[QWidget, int], ...] = ()
        self._sides = QHBoxLayout()
        self._columns = QVBoxLayout(), QVBoxLayout()
        self._wide: bool | None = None
        self._build()
        self.table.block_selected.connect(lambda _: self._refresh_block())
        self.map_card.order_changed.connect(self._refresh_block)

    @property
    def block(self) -> BlockHistory | None:
        """The selected block; None without blocks."""
        row = self.table.selected
        blocks = self.history.blocks
        return blocks[row] if row is not None and row < len(blocks) else None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Remember the newest step, and show it while the page is visible."""
        self.history.add(snapshot.prediction)
        self._totals, self._running = snapshot.totals, snapshot.model
        if self.isVisible():
            self.refresh()

    def show_model(self, spec: InspectedModel) -> None:
        """Forget the previous model, and inspect another one."""
        self._spec = spec
        self._totals = RunTotals()
        self.history.clear()
        self.note.setText(WAITING_TEXT if spec.fuses else DENSE_TEXT)
        self.runs.set_interval(spec.frame_interval_s)
        self.refresh()

    def set_position(self, position: int | None) -> None:
        """Go to one of the remembered steps of a recording; None goes to the newest."""
        self._position = position
        self.refresh()

    def set_dense_reference(self, reference: DenseReference | None) -> None:
        """Compare with these times of a dense step from now on."""
        if reference is not self._reference:
            self._reference = reference
            self.model.set_dense_ms(reference.block_ms if reference else ())
            if self.isVisible():
                self.refresh()

    def refresh(self) -> None:
        """Show what the history holds now."""
        self.model.refresh(self._position)
        reference = self._reference
        self.totals.setVisible(bool(self._totals.steps))
        if self._totals.steps:
            dense_ms = reference.step_ms if reference else None
            text = totals_text(self._totals, dense_ms, self._running)
            self.totals.setText(text)
            self.totals.setToolTip(f"{text}.\n{totals_explained(dense_ms, self._running)}")
        has_blocks = bool(self.history.blocks)
        self.note.setVisible(not has_blocks)
        self.table.setVisible(has_blocks)
        self.export.setEnabled(has_blocks)
        self._refresh_block()

    def minimumSizeHint(self) -> QSize:
        """Return the width of the cards, which only scroll vertically."""
        content, bar = self.widget(), self.verticalScrollBar()
        if content is None or bar is None:
            return super().minimumSizeHint()
        width = content.minimumSizeHint().width() + bar.sizeHint().width()
        return QSize(min(width, WIDE_PX // 2), 200)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Leave all keys to the window: in a recording, they move in time."""
        if event is not None:
            event.ignore()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with the steps since it was hidden."""
        super().showEvent(event)
        self.refresh()
        self.opened.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange(wide=self.width() >= WIDE_PX)

    def _refresh_block(self) -> None:
        block, row = self.block, self.table.selected
        if block is None or row is None or self.history.steps == 0:
            self.map_card.show_nothing()
            return
        self.map_card.show_block(self.history, block, self._position)
        self.runs.show_runs(run_lengths(block.states, self.history.follows))
        step = self.history.steps - 1 if self._position is None else self._position
        self.cost.show_block(block, step, self.model.dense_ms(row))
        for card in (self.runs, self.cost):
            card.setAccessibleDescription(f"Of block {block.name}")

    def _export_subject(self) -> ExportSubject | None:
        block = self.block
        if block is None or self.history.steps == 0:
            return None
        dense_ms = [self.model.dense_ms(row) for row in range(len(self.history.blocks))]
        order = self.map_card.channel_order(self.history, block, live=self._position is None)
        return ExportSubject(self._spec.name, self.history, block, order, dense_ms)

    def _build(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        blocks = Card("Fused blocks")
        blocks.heading.addWidget(self.export)
        blocks.body.addWidget(self.totals)
        blocks.body.addWidget(self.table)
        blocks.body.addWidget(self.note)
        self.table.hide()
        self.totals.setProperty("role", "muted")
        self.totals.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._cards = ((blocks, 0), (self.map_card, 3), (self.runs, 2), (self.cost, 2))
        content = QWidget()
        content.setLayout(self._sides)
        self._sides.setContentsMargins(0, 0, 0, 0)
        for column in self._columns:
            column.setSpacing(8)
            self._sides.addLayout(column, 1)
        self._arrange(wide=False)
        self.setWidget(content)

    def _arrange(self, *, wide: bool) -> None:
        """Arrange the cards in one column or two."""
        if wide == self._wide:
            return
        self._wide = wide
        left, right = self._columns
        for number, (card, stretch) in enumerate(self._cards):
            column = right if wide and number in _RIGHT_CARDS else left
            column.addWidget(card, stretch)
        self._sides.setSpacing(8 if wide else 0)
        self._sides.setStretch(1, 1 if wide else 0)
