"""The cost of a step, compared with the same network without AdaFuse."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel

from app.live.snapshot import Snapshot
from app.ui.cards import Card, ElidedLabel, role_label, scaled_font
from app.ui.formatting import (
    UNKNOWN,
    gflops_digits,
    saving_text,
    totals_explained,
    totals_text,
)
from app.ui.network.flops_plot import FlopsPlot


class FlopsPanel(Card):
    """The cost of the newest step as a large figure, and the last seconds as a plot."""

    def __init__(self, *, dense_model: bool) -> None:
        """Create the panel.

        Args:
            dense_model: The model has no policy networks, so nothing can be saved.
        """
        super().__init__("Cost per frame")
        self._dense_model = dense_model
        self.figure = QLabel(UNKNOWN)
        self.figure.setFont(scaled_font(self.font(), 2.6, bold=True))
        self.unit = role_label("GFLOPs", "muted")
        self.against = role_label("", "muted")
        self.saving = role_label("", "title")
        self.totals = ElidedLabel()
        self.totals.setProperty("role", "muted")
        if dense_model:
            self.totals.hide()
        self._dense_step_ms: float | None = None
        self.plot = FlopsPlot()
        self._build()
        self.setToolTip(
            "One FLOP is one multiply-add, as in the paper. The dashed line is the same network\n"
            "with every channel computed; the live figure includes the policy networks."
        )

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the newest step."""
        trace = snapshot.prediction.trace
        digits = gflops_digits(trace.dense_gflops)
        self.figure.setText(f"{trace.gflops:.{digits}f}")
        self.against.setText(f"of {trace.dense_gflops:.{digits}f} GFLOPs dense")
        self.unit.hide()
        if self._dense_model:
            self.saving.setText("Nothing to save")
        else:
            self.saving.setText(saving_text(trace.gflops, trace.dense_gflops))
        self.figure.setAccessibleName(f"{self.figure.text()} GFLOPs {self.against.text()}")
        self.plot.add(snapshot.prediction.time_s, trace.gflops, trace.dense_gflops)
        text = totals_text(snapshot.totals, self._dense_step_ms, snapshot.model)
        explained = totals_explained(self._dense_step_ms, snapshot.model)
        self.totals.setText(text)
        self.totals.setToolTip(f"{text}.\n{explained}")

    def set_dense_step_ms(self, dense_step_ms: float | None) -> None:
        """Set the time of a dense step to compare with; None for none."""
        self._dense_step_ms = dense_step_ms

    def show_model(self, *, dense_model: bool) -> None:
        """Wait for the first step of another model; the plot goes on for comparison."""
        self._dense_model = dense_model
        self.figure.setText(UNKNOWN)
        self.against.setText("")
        self.saving.setText("")
        self.unit.show()

    def _build(self) -> None:
        baseline = Qt.AlignmentFlag.AlignBaseline
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.figure, 0, baseline)
        row.addWidget(self.unit, 0, baseline)
        row.addWidget(self.against, 0, baseline)
        row.addStretch(1)
        row.addWidget(self.saving, 0, baseline)
        self.body.setSpacing(2)
        self.body.addLayout(row)
        self.heading.addWidget(self.totals)
        self.body.addWidget(self.plot, 1)
