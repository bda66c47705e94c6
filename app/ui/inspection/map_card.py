"""The channel map with its order, its legend and a description of the cell pointed at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel

from app.inspection.history import BlockHistory, PolicyHistory
from app.inspection.ordering import ChannelOrder, channel_order
from app.ui.cards import Card, ElidedLabel
from app.ui.control.entry_fields import CalmComboBox
from app.ui.inspection.channel_map import ChannelMap
from app.ui.inspection.map_content import MapContent
from app.ui.network.policy_panel import Legend

ORDER_STEPS = 40
"""Steps after which a live map is sorted again: rows that jump are hard to follow."""

HINT = "Point at the map, or use the arrow keys in it"


class MapCard(Card):
    """The channel map of one block."""

    order_changed = pyqtSignal()
    """The user chose another order."""

    def __init__(self) -> None:
        super().__init__("Channel map")
        self.map = ChannelMap()
        self.order = CalmComboBox()
        self.order.addItems([order.value for order in ChannelOrder])
        self.order.setAccessibleName("Order of the channels")
        self.pointed = ElidedLabel(HINT)
        self.pointed.setProperty("role", "muted")
        self._order: NDArray[np.intp] = np.empty(0, np.intp)
        self._ordered: tuple[str, ChannelOrder, int] | None = None
        self.map.pointed.connect(lambda text: self.pointed.setText(text or HINT))
        self.order.currentIndexChanged.connect(lambda _: self.order_changed.emit())
        self._build()

    def show_block(self, history: PolicyHistory, block: BlockHistory, position: int | None) -> None:
        """Show a block.

        Args:
            history: The history that it belongs to.
            block: The block.
            position: Index of the current step of a recording; None for the newest, in a live view.
        """
        self.remark.setText(f"{block.name}, {block.channels} channels")
        order = self.channel_order(history, block, live=position is None)
        # A copy: a view of the history would change while the map shows it.
        self.map.show_content(
            MapContent(block.name, block.states.copy(), history.times_s.copy(), order, position)
        )

    def show_nothing(self) -> None:
        """Show no block."""
        self.remark.setText("")
        self.map.show_content(None)

    def channel_order(
        self, history: PolicyHistory, block: BlockHistory, *, live: bool = False
    ) -> NDArray[np.intp]:
        """Return the channels from top to bottom."""
        chosen = list(ChannelOrder)[self.order.currentIndex()]
        age = history.written // ORDER_STEPS if live else int(history.indices[0])
        key = (block.name, chosen, age)
        if key != self._ordered or len(self._order) != block.channels:
            self._order, self._ordered = channel_order(block.states, chosen), key
        return self._order

    def _build(self) -> None:
        row = QHBoxLayout()
        label = QLabel("&Channels")
        label.setBuddy(self.order)
        row.addWidget(label)
        row.addWidget(self.order)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(Legend())
        self.body.addWidget(self.map, 1)
        self.body.addWidget(self.pointed)
