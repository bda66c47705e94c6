"""The cost of a block over time, executed and dense, in multiply-adds and milliseconds."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.inspection.figures import BlockTimes, times_at, usual_times
from app.inspection.history import BlockHistory
from app.ui.cards import Card, ElidedLabel
from app.ui.formatting import UNKNOWN
from app.ui.inspection.block_model import UNTIMED
from app.ui.plots import apply_theme, quiet_plot
from app.ui.theme import Theme

_HEADROOM = 1.12


class CostPanel(Card):
    """Two plots with their figures; the dashed lines show the dense block."""

    def __init__(self) -> None:
        super().__init__("Cost of the block")
        self.flops = ElidedLabel()
        self.time = ElidedLabel()
        self.flops_plot = HistoryPlot("Multiply-adds of the block over time")
        self.time_plot = HistoryPlot("Milliseconds of the block over time")
        for label, plot in ((self.flops, self.flops_plot), (self.time, self.time_plot)):
            label.setProperty("role", "muted")
            self.body.addWidget(label)
            self.body.addWidget(plot, 1)
        self.body.setSpacing(3)

    def show_block(self, block: BlockHistory, step: int, dense_ms: float | None) -> None:
        """Show a block at one of the remembered steps.

        Args:
            block: The block.
            step: Index of the step that counts as now.
            dense_ms: Milliseconds of its convolutions with every channel kept, if measured.
        """
        costs, dense = block.multiply_adds / 1e6, block.dense_multiply_adds / 1e6
        self.flops.setText(
            f"{costs[step]:.2f} MFLOPs now, {costs.mean():.2f} on average, of {dense:.2f} dense"
        )
        self.flops_plot.show_values(costs, dense, step)
        usual = usual_times(block, dense_ms)
        self.flops.setToolTip(self.flops.text())
        self.time.setText(UNTIMED if usual is None else self._times(block, usual, step))
        self.time_plot.setVisible(usual is not None)
        if usual is not None:
            self.time_plot.show_values(block.milliseconds.sum(axis=0), dense_ms, step)

    def _times(self, block: BlockHistory, usual: BlockTimes, step: int) -> str:
        now = times_at(block, usual.dense_ms, step)
        shown = UNKNOWN if now is None else f"{now.executed_ms:.3f}"
        dense = "; dense not measured" if usual.dense_ms is None else ""
        if usual.dense_ms is not None:
            dense = f", of {usual.dense_ms:.3f} dense"
        self.time.setToolTip(
            f"Usually {usual.convolutions_ms:.3f} ms for the fused convolutions and "
            f"{usual.policy_ms:.3f} ms for the policy.\nDense means the fused convolutions only, "
            "with every channel kept, measured once."
        )
        return f"{shown} ms now, {usual.executed_ms:.3f} usually{dense}"


class HistoryPlot(QWidget):
    """A line over the remembered steps, a dashed line for dense, and a mark at a step."""

    def __init__(self, name: str) -> None:
        """Create an empty plot.

        Args:
            name: Accessible name.
        """
        super().__init__()
        self.setAccessibleName(name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        # Created when there is something to show, because it would slow down the start.
        self._canvas: pg.PlotWidget = None

    def _make_canvas(self) -> None:
        self._canvas = quiet_plot(self.font())
        self._canvas.hideAxis("bottom")
        self._line = self._canvas.plot(antialias=True, connect="finite")
        self._dense = pg.InfiniteLine(angle=0, movable=False)
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        for item in (self._dense, self._mark):
            item.hide()
            self._canvas.addItem(item)
        axis = self._canvas.getAxis("left")
        axis.setWidth(self.fontMetrics().horizontalAdvance("000.0") + 8)
        layout = self.layout()
        assert layout is not None  # created above
        layout.addWidget(self._canvas)
        self._apply_theme()

    def sizeHint(self) -> QSize:
        return QSize(380, 84)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 64)

    def show_values(self, values: NDArray[np.floating], dense: float | None, step: int) -> None:
        """Show a value for every step, and mark a step unless it is the last.

        Args:
            values: Of shape (N,); NaN where there is none.
            dense: The value of the dense block; None if not known.
            step: Index of the step that counts as now.
        """
        if self._canvas is None:
            self._make_canvas()
        self._line.setData(np.arange(len(values)), values)
        self._dense.setVisible(dense is not None)
        if dense is not None:
            self._dense.setValue(dense)
        self._mark.setVisible(step != len(values) - 1)
        self._mark.setValue(step)
        # Steps that another program delayed must not flatten all others.
        usual = float(np.nanquantile(values, 0.9)) if len(values) else 0.0
        top = max(usual, dense or 0.0) or 1.0
        self._canvas.setXRange(0, max(1, len(values) - 1), padding=0)
        self._canvas.setYRange(0, top * _HEADROOM, padding=0)
        digits = 0 if top >= 100 else 1 if top >= 10 else 2
        ticks = [(tick, f"{tick:.{digits}f}") for tick in (top / 2, top)]
        self._canvas.getAxis("left").setTicks([ticks])

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        changed = event is not None and event.type() == QEvent.Type.PaletteChange
        if changed and self._canvas is not None:
            self._apply_theme()

    def _apply_theme(self) -> None:
        theme = Theme.of(self)
        fill = QColor(theme.keep)
        fill.setAlphaF(0.18)
        self._line.setPen(pg.mkPen(QColor(theme.keep), width=1))
        self._line.setFillLevel(0)
        self._line.setBrush(fill)
        self._dense.setPen(pg.mkPen(QColor(theme.muted), width=1, style=Qt.PenStyle.DashLine))
        self._mark.setPen(pg.mkPen(QColor(theme.text), width=1.5))
        apply_theme(self._canvas, theme)
