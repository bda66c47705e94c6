"""How long channels keep the same action, as bars and in words."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent
from PyQt6.QtGui import QColor, QFontMetrics
from PyQt6.QtWidgets import QVBoxLayout

from app.inspection.run_lengths import BIN_NAMES, RunLengths
from app.ui.cards import Card, role_label, scaled_font
from app.ui.formatting import percent
from app.ui.plots import apply_theme, quiet_plot
from app.ui.theme import Theme
from models.trace import Action

_BAR_WIDTH = 0.26

EXPLAINED = (
    "A run is a series of steps at which a channel has the same action; a run that goes on beyond\n"
    "the remembered steps counts with its visible length. Bars show shares of each action's runs.\n"
    "Channels that never change are those of the paper's Fig. 4, which need no policy at all."
)


class RunsPanel(Card):
    """The distribution of each action's run lengths, their medians, and the unchanging channels."""

    def __init__(self, frame_interval_s: float) -> None:
        """Create an empty panel.

        Args:
            frame_interval_s: Seconds between two steps.
        """
        super().__init__("How long actions last")
        self._interval_s = frame_interval_s
        self.medians = role_label("", "muted")
        self.static = role_label("", "muted")
        # Created when there is something to show, because it would slow down the start.
        self._canvas: pg.PlotWidget = None
        self._bars: dict[Action, pg.BarGraphItem] = {}
        self._plot = QVBoxLayout()
        self.body.addLayout(self._plot, 1)
        self.body.addWidget(self.medians)
        self.body.addWidget(self.static)
        self.setToolTip(EXPLAINED)
        self.remark.setText("runs, in steps")

    def set_interval(self, frame_interval_s: float) -> None:
        """Set the seconds between two steps."""
        self._interval_s = frame_interval_s

    def show_runs(self, runs: RunLengths) -> None:
        """Show the runs of the remembered steps."""
        if self._canvas is None:
            self._canvas = self._make_canvas()
            self._bars = {action: self._make_bars(action) for action in Action}
            self._plot.addWidget(self._canvas)
            self._apply_theme()
        totals = np.maximum(1, runs.counts.sum(axis=1, keepdims=True))
        shares = 100 * runs.counts / totals
        for action, bars in self._bars.items():
            bars.setOpts(height=shares[action])
        self._canvas.setYRange(0, max(10.0, float(shares.max()) * 1.1), padding=0)
        medians = ", ".join(
            f"{action.name.lower()} {self._length(runs.medians[action])}" for action in Action
        )
        self.medians.setText(f"Median: {medians}")
        always = ", ".join(
            f"{action.name.lower()} {percent(runs.always[action])}" for action in Action
        )
        span_s = runs.steps * self._interval_s
        self.static.setText(
            f"{percent(runs.static)} of the channels never changed in {span_s:.0f} s\n"
            f"(always {always})"
        )
        self._canvas.setAccessibleDescription(f"{self.medians.text()}. {self.static.text()}.")

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        changed = event is not None and event.type() == QEvent.Type.PaletteChange
        if changed and self._canvas is not None:
            self._apply_theme()

    def _length(self, steps: float) -> str:
        if math.isnan(steps):
            return "–"
        return f"{steps:g} ({steps * self._interval_s:.1f} s)"

    def _make_canvas(self) -> pg.PlotWidget:
        canvas = quiet_plot(self.font())
        canvas.setAccessibleName("Run lengths of keep, reuse and skip")
        canvas.setMinimumHeight(110)
        canvas.setXRange(-0.6, len(BIN_NAMES) - 0.4, padding=0)
        canvas.setYRange(0, 100, padding=0)
        metrics = QFontMetrics(scaled_font(self.font(), 0.85))
        canvas.getAxis("bottom").setTicks([list(enumerate(BIN_NAMES))])
        canvas.getAxis("bottom").setHeight(metrics.height() + 6)
        canvas.getAxis("left").setTicks([[(n, f"{n}%") for n in (0, 25, 50, 75, 100)]])
        canvas.getAxis("left").setWidth(metrics.horizontalAdvance("100%") + 8)
        return canvas

    def _make_bars(self, action: Action) -> pg.BarGraphItem:
        places = np.arange(len(BIN_NAMES)) + (action - 1) * _BAR_WIDTH
        bars = pg.BarGraphItem(x=places, height=np.zeros(len(BIN_NAMES)), width=_BAR_WIDTH)
        self._canvas.addItem(bars)
        return bars

    def _apply_theme(self) -> None:
        theme = Theme.of(self)
        colors = {
            Action.KEEP: theme.keep,
            Action.REUSE: theme.reuse_cached,
            Action.SKIP: theme.skip,
        }
        for action, bars in self._bars.items():
            bars.setOpts(brush=QColor(colors[action]), pen=QColor(theme.card))
        apply_theme(self._canvas, theme)
