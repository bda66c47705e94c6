"""The page "Control", which scrolls where the window is small."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.live.snapshot import Snapshot
from app.ui.control.arming_card import ArmingCard
from app.ui.control.bindings_card import BindingsCard
from app.ui.control.meter_card import MeterCard
from app.ui.control.polled_control import PolledControl


class ControlPage(QScrollArea):
    """Arming, the live meter and the bindings, from top to bottom."""

    def __init__(self, control: PolledControl) -> None:
        super().__init__()
        self.arming = ArmingCard(control)
        self.meter = MeterCard()
        self.bindings = BindingsCard(control)
        control.status_changed.connect(self.meter.show_status)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        # Tab goes to the widgets on the page, and the page scrolls along.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Control")
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for card in (self.arming, self.meter, self.bindings):
            layout.addWidget(card)
        layout.addStretch(1)
        self.setWidget(content)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show why the newest prediction fired or not."""
        if snapshot.verdict is not None:
            self.meter.show_verdict(snapshot.verdict)
