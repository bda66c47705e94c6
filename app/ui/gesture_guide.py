"""The gesture guide: every gesture of the running model, with an example clip."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, QSizeF, Qt, QTimer
from PyQt6.QtGui import QColor, QHideEvent, QPainter, QPainterPath, QPaintEvent, QShowEvent
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.sources.base import SourceError
from app.ui.cards import role_label, scaled_font
from app.ui.gesture_clips import FPS, load_clip
from app.ui.image_drawing import draw_image, fitted
from app.ui.live.video_view import SURROUND

log = logging.getLogger(__name__)

_NO_EXAMPLE = "There is no example of this gesture."
_HINTS = {
    True: "Shown as in a mirror: do what you see, with either hand.",
    False: "Shown as the camera sees it, with left and right swapped; use either hand.",
}


class GestureGuide(QDialog):
    """A list on the left, the example on the right; it does not block the live view."""

    def __init__(
        self,
        gestures: Sequence[str],
        action_of: Callable[[str], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Create the guide with the first gesture selected.

        Args:
            gestures: The gestures of the running model.
            action_of: Returns what a gesture does, in a few words; None without a control.
            parent: The window that the guide belongs to.
        """
        super().__init__(parent)
        self.setWindowTitle("Gesture guide")
        self._action_of = action_of
        self.list = QListWidget()
        self.list.setAccessibleName("Gestures")
        self.player = ClipPlayer()
        self.name = QLabel()
        self.name.setFont(scaled_font(self.font(), 1.4, bold=True))
        self.action = role_label("", "muted")
        self.hint = role_label(_HINTS[True], "muted")
        self.list.currentTextChanged.connect(self._show)
        self._build()
        self.show_gestures(gestures)

    def show_gestures(self, gestures: Sequence[str]) -> None:
        """List the gestures of another model; the selected one stays selected."""
        current = self.list.currentItem()
        chosen = "" if current is None else current.text()
        self.list.clear()
        self.list.addItems(gestures)
        self.list.setCurrentRow(gestures.index(chosen) if chosen in gestures else 0)

    def refresh(self) -> None:
        """Show what the gesture does now, after its binding may have changed."""
        current = self.list.currentItem()
        if current is not None:
            self._show_action(current.text())

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the example like the live view, or not."""
        self.player.set_mirrored(mirrored)
        self.hint.setText(_HINTS[mirrored])

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.refresh()
        self.player.play()

    def hideEvent(self, event: QHideEvent | None) -> None:
        self.player.stop()
        super().hideEvent(event)

    def _show(self, gesture: str) -> None:
        self.name.setText(gesture)
        self.player.show_clip(gesture)
        self._show_action(gesture)

    def _show_action(self, gesture: str) -> None:
        self.action.setVisible(self._action_of is not None and bool(gesture))
        if self._action_of is not None and gesture:
            self.action.setText(f"Bound to: {self._action_of(gesture)}")

    def _build(self) -> None:
        self.list.setSpacing(1)
        for label in (self.action, self.hint):
            label.setWordWrap(True)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.player, 1)
        right.addWidget(self.name)
        right.addWidget(self.action)
        right.addWidget(self.hint)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(14)
        layout.addWidget(self.list, 2)
        layout.addLayout(right, 3)
        self.resize(780, 480)


class ClipPlayer(QWidget):
    """Plays one example in a loop."""

    def __init__(self) -> None:
        super().__init__()
        self._frames: tuple[NDArray[np.uint8], ...] = ()
        self._index = 0
        self._mirrored = True
        self._timer = QTimer(self)
        self._timer.setInterval(round(1000 / FPS))
        self._timer.timeout.connect(self._next)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)

    @property
    def playing(self) -> bool:
        """Whether the example is playing."""
        return self._timer.isActive()

    @property
    def index(self) -> int:
        """Index of the frame on show, from 0."""
        return self._index

    def show_clip(self, gesture: str) -> None:
        """Show the example of a gesture, from its beginning."""
        try:
            self._frames = load_clip(gesture) if gesture else ()
        except SourceError as error:
            log.warning("%s", error)
            self._frames = ()
        self._index = 0
        self.setAccessibleName(f"Example of {gesture}" if self._frames else _NO_EXAMPLE)
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the example, or not."""
        self._mirrored = mirrored
        self.update()

    def play(self) -> None:
        """Resume playing."""
        self._timer.start()

    def stop(self) -> None:
        """Stop playing."""
        self._timer.stop()

    def sizeHint(self) -> QSize:
        return QSize(420, 315)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        if self._frames:
            height, width = self._frames[0].shape[:2]
            area = fitted(QSizeF(width, height), area)
        rounded = QPainterPath()
        rounded.addRoundedRect(area, 10, 10)
        painter.setClipPath(rounded)
        painter.fillRect(area, SURROUND)
        if self._frames:
            draw_image(painter, area, self._frames[self._index], mirrored=self._mirrored)
            return
        painter.setPen(QColor("#ccd2da"))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, _NO_EXAMPLE)

    def _next(self) -> None:
        if self._frames:
            self._index = (self._index + 1) % len(self._frames)
            self.update()
