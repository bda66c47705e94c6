"""The tabs above the pages, with a mark that shows when they have the keyboard."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QTabBar

from app.ui.theme import Theme


class PageTabs(QTabBar):
    """The style draws no such mark on a tab bar without a base line."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the tabs, and a frame in the accent colour around the current one."""
        super().paintEvent(event)
        if not self.hasFocus():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(Theme.of(self).accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = QRectF(self.tabRect(self.currentIndex())).adjusted(3, 3, -3, -3)
        painter.drawRoundedRect(frame, 4, 4)
