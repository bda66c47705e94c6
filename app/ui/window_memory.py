"""The window opens where it was closed, and as it was."""

from __future__ import annotations

import msgspec
from PyQt6.QtCore import QRect, QSize
from PyQt6.QtGui import QGuiApplication

from app.settings import Settings, WindowGeometry
from app.ui.window import MainWindow

GRIP_PX = 80
"""How much of the window must lie on a screen, in each direction, to be grabbed."""

FARTHEST_PX = 32_767
"""The largest coordinate of X11 and Windows."""


def restore(window: MainWindow, settings: Settings) -> None:
    """Give a window that is not shown yet its last place, size and mirroring."""
    window.mirror_action.setChecked(settings.mirrored)
    overlay = settings.overlay
    if overlay is not None:
        window.stage.geometry = QRect(overlay.x, overlay.y, overlay.width, overlay.height)
    geometry = settings.window
    if geometry is None or not _sensible(geometry):
        window.resize(_at_most_screen(window.size()))
        return
    window.resize(_at_most_screen(QSize(geometry.width, geometry.height)))
    place = QRect(geometry.x, geometry.y, geometry.width, geometry.height)
    if _within_reach(place):
        window.move(place.topLeft())
    if geometry.maximized:
        window.showMaximized()


def remembered(window: MainWindow, settings: Settings) -> Settings:
    """Return `settings` with the place, size and mirroring of a window."""
    free = not (window.isMaximized() or window.isFullScreen())
    # Otherwise the geometry that it would return to.
    place = QRect(window.pos(), window.size()) if free else window.normalGeometry()
    geometry = WindowGeometry(
        x=place.x(),
        y=place.y(),
        width=place.width(),
        height=place.height(),
        maximized=window.isMaximized(),
    )
    stage = window.stage.geometry
    overlay = (
        settings.overlay
        if stage is None
        else WindowGeometry(stage.x(), stage.y(), stage.width(), stage.height())
    )
    return msgspec.structs.replace(
        settings, mirrored=window.mirror_action.isChecked(), window=geometry, overlay=overlay
    )


def _sensible(geometry: WindowGeometry) -> bool:
    """Return whether a window can have this place and size; a file may hold anything."""
    numbers = (geometry.x, geometry.y, geometry.width, geometry.height)
    return all(abs(number) <= FARTHEST_PX for number in numbers) and min(numbers[2:]) > 0


def _at_most_screen(size: QSize) -> QSize:
    """Return `size`, limited to the screen."""
    screen = QGuiApplication.primaryScreen()
    return size if screen is None else size.boundedTo(screen.availableSize())


def _within_reach(place: QRect) -> bool:
    """Return whether the upper edge is on a screen; the screen may have been unplugged."""
    handle = QRect(place.left(), place.top(), place.width(), GRIP_PX)
    for screen in QGuiApplication.screens():
        seen = handle.intersected(screen.availableGeometry())
        if seen.width() >= GRIP_PX and seen.height() >= GRIP_PX // 2:
            return True
    return False
