"""Plots without menus, zoom or frames, in the colors of the theme."""

from __future__ import annotations

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont
from PyQt6.QtWidgets import QFrame, QSizePolicy

from app.ui.cards import scaled_font
from app.ui.theme import Theme

AXES = ("left", "bottom")


def quiet_plot(font: QFont) -> pg.PlotWidget:
    """Return an empty plot.

    Args:
        font: The font of the surrounding widget; that of the axes is a little smaller.
    """
    canvas = pg.PlotWidget(background=None)
    canvas.setMenuEnabled(False)
    canvas.setMouseEnabled(x=False, y=False)
    canvas.hideButtons()
    canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    canvas.setFrameShape(QFrame.Shape.NoFrame)
    # By itself, it would ask for the room of a picture.
    canvas.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
    for side in AXES:
        canvas.getAxis(side).setStyle(tickFont=scaled_font(font, 0.85), tickLength=0)
    return canvas


def apply_theme(canvas: pg.PlotWidget, theme: Theme) -> None:
    """Apply the colors of a theme to background and axes."""
    canvas.setBackground(QColor(theme.card))
    for side in AXES:
        axis = canvas.getAxis(side)
        axis.setPen(pg.mkPen(QColor(theme.border)))
        axis.setTextPen(pg.mkPen(QColor(theme.muted)))
