"""The cost of every step over the last seconds, compared with the dense network."""

from __future__ import annotations

from collections import deque

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QColor, QFontMetrics
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.ui.cards import scaled_font
from app.ui.formatting import gflops_digits
from app.ui.plots import apply_theme, quiet_plot
from app.ui.theme import Theme

WINDOW_S = 20.0
"""Time span of the plot, in seconds."""

HEADROOM = 1.35
"""Top of the plot relative to the highest line, so that the label of the dense line fits."""

_ABOVE = ((0.0, 0.85), (0.0, 0.85))
_TICKS = ((-15, "−15 s"), (-10, "−10 s"), (-5, "−5 s"))


class FlopsPlot(QWidget):
    """A running line of GFLOPs over time; the dashed line is the dense network."""

    def __init__(self) -> None:
        super().__init__()
        self._points: deque[tuple[float, float]] = deque()
        self._dense = 0.0
        self._canvas = self._make_canvas()
        self._line = self._canvas.plot(antialias=True)
        self._dense_line = pg.InfiniteLine(
            angle=0, movable=False, label="dense", labelOpts={"position": 0.02, "anchors": _ABOVE}
        )
        self._dense_line.label.setFont(scaled_font(self.font(), 0.85))
        self._dense_line.hide()
        self._canvas.addItem(self._dense_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._canvas)
        self.setMinimumHeight(70)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("GFLOPs of the last 20 seconds")
        self._apply_theme()

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """The steps on show, oldest first: seconds on the source's clock, and GFLOPs."""
        return tuple(self._points)

    def add(self, time_s: float, gflops: float, dense_gflops: float) -> None:
        """Add the newest step.

        Args:
            time_s: Time of its frame on the source's clock, in seconds. A time before the previous
                one clears the plot: the source was switched or has jumped back.
            gflops: Its cost.
            dense_gflops: The cost of the dense network.
        """
        if self._points and time_s < self._points[-1][0]:
            self._points.clear()
        self._points.append((time_s, gflops))
        while self._points[0][0] < time_s - WINDOW_S:
            self._points.popleft()
        self._dense = dense_gflops
        self._redraw()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._apply_theme()

    def _redraw(self) -> None:
        newest = self._points[-1][0]
        self._line.setData(
            [time_s - newest for time_s, _ in self._points], [cost for _, cost in self._points]
        )
        self._dense_line.setValue(self._dense)
        self._dense_line.show()
        top = HEADROOM * max(self._dense, *(cost for _, cost in self._points))
        self._canvas.setYRange(0, top or 1.0, padding=0)
        digits = gflops_digits(self._dense)
        ticks = [(value, f"{value:.{digits}f}") for value in (self._dense / 2, self._dense)]
        axis = self._canvas.getAxis("left")
        axis.setTicks([[(0.0, "0"), *ticks]])
        axis.setWidth(self._tick_metrics().horizontalAdvance(ticks[-1][1]) + 8)

    def _tick_metrics(self) -> QFontMetrics:
        return QFontMetrics(scaled_font(self.font(), 0.85))

    def _make_canvas(self) -> pg.PlotWidget:
        canvas = quiet_plot(self.font())
        canvas.setXRange(-WINDOW_S, 0, padding=0)
        canvas.setYRange(0, 1, padding=0)
        canvas.getAxis("bottom").setTicks([list(_TICKS)])
        canvas.getAxis("left").setTicks([[]])
        canvas.getAxis("bottom").setHeight(self._tick_metrics().height() + 6)
        canvas.getAxis("left").setWidth(self._tick_metrics().horizontalAdvance("0.00") + 8)
        return canvas

    def _apply_theme(self) -> None:
        theme = Theme.of(self)
        line, fill = QColor(theme.keep), QColor(theme.keep)
        fill.setAlphaF(0.18)
        self._line.setPen(pg.mkPen(line, width=2))
        self._line.setFillLevel(0)
        self._line.setBrush(fill)
        self._dense_line.setPen(pg.mkPen(QColor(theme.muted), width=1, style=Qt.PenStyle.DashLine))
        self._dense_line.label.setColor(QColor(theme.muted))
        apply_theme(self._canvas, theme)
