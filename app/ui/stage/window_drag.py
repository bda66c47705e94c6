"""Moves and resizes a frameless window, by the window manager where there is one."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtWidgets import QApplication, QWidget

EDGE_PX = 14
"""Closer to its edge than this, a window is resized instead of moved."""


class WindowDrag:
    """Follows the mouse from press to release."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._pressed: QPoint | None = None
        self._edges = Qt.Edge(0)
        self._start = QRect()
        self._moving = False

    def press(self, place: QPoint, global_place: QPoint) -> None:
        """Remember where the mouse was pressed, in the window and on the screen."""
        self._pressed = global_place
        self._edges = edges_at(place, self._window.rect())
        self._start = self._window.geometry()
        self._moving = False

    def move(self, global_place: QPoint) -> None:
        """Follow the mouse; a press that hardly moves is a click."""
        if self._pressed is None:
            return
        way = global_place - self._pressed
        if not self._moving:
            if way.manhattanLength() < QApplication.startDragDistance():
                return
            self._moving = True
            if self._hand_over():
                self._pressed = None
                return
        if self._edges == Qt.Edge(0):
            self._window.move(self._start.topLeft() + way)
            return
        self._window.setGeometry(resized(self._start, self._edges, way, self._window.minimumSize()))

    def release(self) -> None:
        """Stop following the mouse."""
        self._pressed = None

    def _hand_over(self) -> bool:
        """Hand the drag over to the window manager; return whether it takes it."""
        handle = self._window.windowHandle()
        if handle is None:
            return False
        if self._edges == Qt.Edge(0):
            return handle.startSystemMove()
        return handle.startSystemResize(self._edges)


def edges_at(place: QPoint, area: QRect) -> Qt.Edge:
    """Return the edges of `area` that `place` is close to; none in its middle."""
    edges = Qt.Edge(0)
    if place.x() < area.left() + EDGE_PX:
        edges |= Qt.Edge.LeftEdge
    if place.x() > area.right() - EDGE_PX:
        edges |= Qt.Edge.RightEdge
    if place.y() < area.top() + EDGE_PX:
        edges |= Qt.Edge.TopEdge
    if place.y() > area.bottom() - EDGE_PX:
        edges |= Qt.Edge.BottomEdge
    return edges


def resized(start: QRect, edges: Qt.Edge, way: QPoint, smallest: QSize) -> QRect:
    """Return `start` with `edges` moved by `way`, never smaller than `smallest`."""
    place = QRect(start)
    if edges & Qt.Edge.LeftEdge:
        place.setLeft(min(start.left() + way.x(), start.right() - smallest.width() + 1))
    if edges & Qt.Edge.RightEdge:
        place.setRight(max(start.right() + way.x(), start.left() + smallest.width() - 1))
    if edges & Qt.Edge.TopEdge:
        place.setTop(min(start.top() + way.y(), start.bottom() - smallest.height() + 1))
    if edges & Qt.Edge.BottomEdge:
        place.setBottom(max(start.bottom() + way.y(), start.top() + smallest.height() - 1))
    return place
