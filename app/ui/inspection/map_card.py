"""The channel map with its order, its legend and what is under the mouse."""

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
"""Steps after which the order of a live map is found anew: lines that jump cannot be followed."""

HINT = "Point at the map, or use the arrow keys in it"


class MapCard(Card):
    """One block's map."""

    order_changed = pyqtSignal()
    """People chose another order."""

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

    def show_block(self, history: PolicyHistory, block: BlockHistory, place: int | None) -> None:
        """Show a block.

        Args:
            history: It belongs to.
            block: The block.
            place: Number of the step where a viewer stands; None for the newest, as it comes.
        """
        self.remark.setText(f"{block.name}, {block.channels} channels")
        order = self.channel_order(history, block, live=place is None)
        # A view of the history would change under the map's feet.
        self.map.show_content(
            MapContent(block.name, block.states.copy(), history.times_s.copy(), order, place)
        )

    def show_nothing(self) -> None:
        """Show that there is no block."""
        self.remark.setText("")
        self.map.show_content(None)

    def channel_order(
        self, history: PolicyHistory, block: BlockHistory, *, live: bool = False
    ) -> NDArray[np.intp]:
        """Return the numbers of the channels from top to bottom."""
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
