"""The window of a recording: its pictures, predictions and fused blocks at any time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeyEvent
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.errors import AppError
from app.inspection.playback import Playback, last_at
from app.inspection.recording import InspectedModel, Recording
from app.ui.actions import add_action, add_toggle
from app.ui.cards import Card, ElidedLabel
from app.ui.inspection.inspect_page import InspectPage
from app.ui.inspection.still_view import RankingView, StillView
from app.ui.inspection.time_slider import TimeSlider

TICK_MS = 33
"""How often the picture changes while the recording plays, in milliseconds."""

EMPTY_TEXT = "This recording has no predictions."

_SIZE = (1280, 800)


class RecordingWindow(QMainWindow):
    """Shows one recording, which is closed with the window."""

    closed = pyqtSignal()
    """The window is about to close."""

    def __init__(
        self, recording: Recording, spec: InspectedModel, title: str, parent: QWidget | None = None
    ) -> None:
        """Start at the beginning of the recording.

        Args:
            recording: What to show; the window closes it.
            spec: The model that ran.
            title: Name of the recording.
            parent: The window that owns this one.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{title} – AdaFuse Live")
        self.playback = Playback(recording)
        self.picture = StillView()
        self.ranking = RankingView()
        self.fired = ElidedLabel()
        self.slider = TimeSlider(recording.duration_s, recording.gestures)
        self.play = QPushButton("&Play")
        self.time = QLabel()
        self.page = InspectPage(spec, self.playback.history)
        if not recording.predictions:
            self.page.note.setText(EMPTY_TEXT)
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._started_s = 0.0
        self._position: tuple[int, int] | None = None
        # The mouse may ask for more pictures than can be read from a file.
        self._update = QTimer(self)
        self._update.setSingleShot(True)
        self._update.timeout.connect(self._show_time)
        self._compose()
        self._build_menus()
        self.slider.time_chosen.connect(self.seek)
        self.play.clicked.connect(self.toggle_play)
        self.resize(*_SIZE)
        self._show_time()
        self.slider.setFocus()

    @property
    def playing(self) -> bool:
        """Whether the recording is playing."""
        return self._clock.isActive()

    def seek(self, time_s: float) -> None:
        """Go to a time, in seconds."""
        self.playback.seek(time_s)
        self._time_changed()

    def step(self, predictions: int) -> None:
        """Move by a number of predictions, forward or backward."""
        number = self.playback.number
        self.playback.seek_number(predictions - 1 if number is None else number + predictions)
        self._time_changed()

    def go_to_gesture(self, direction: int) -> None:
        """Go to the next gesture, or to the previous one if `direction` is negative."""
        gestures = self.playback.recording.gestures
        here = last_at(gestures, self.playback.time_s)
        number = -1 if here is None else here
        if direction > 0:
            number += 1
        elif here is not None and gestures[here].time_s == self.playback.time_s:
            number -= 1
        if 0 <= number < len(gestures):
            self.seek(gestures[number].time_s)

    def toggle_play(self) -> None:
        """Play, from the beginning if the recording has ended, or pause."""
        if self.playing:
            self._pause()
            return
        if self.playback.time_s >= self.playback.recording.duration_s:
            self.seek(0.0)
        self._started_s = monotonic() - self.playback.time_s
        self._clock.start()
        self.play.setText("&Pause")

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move in time, with the keys that no widget uses."""
        actions: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_Left: partial(self.step, -1),
            Qt.Key.Key_Right: partial(self.step, 1),
            Qt.Key.Key_PageUp: partial(self.go_to_gesture, -1),
            Qt.Key.Key_PageDown: partial(self.go_to_gesture, 1),
            Qt.Key.Key_Home: partial(self.seek, 0.0),
            Qt.Key.Key_End: partial(self.seek, self.playback.recording.duration_s),
            Qt.Key.Key_Space: self.toggle_play,
        }
        action = None if event is None else actions.get(Qt.Key(event.key()))
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self._clock.stop()
        self._update.stop()
        self.playback.recording.close()
        self.closed.emit()
        super().closeEvent(event)

    def _pause(self) -> None:
        self._clock.stop()
        self.play.setText("&Play")

    def _tick(self) -> None:
        time_s = monotonic() - self._started_s
        self.playback.seek(time_s)
        self._show_time()
        if time_s >= self.playback.recording.duration_s:
            self._pause()

    def _time_changed(self) -> None:
        self._started_s = monotonic() - self.playback.time_s
        self.slider.set_time(self.playback.time_s)
        self._update.start(0)

    def _show_time(self) -> None:
        """Show everything at the current time."""
        playback = self.playback
        self.slider.set_time(playback.time_s)
        self.time.setText(f"{playback.time_s:.2f} / {playback.recording.duration_s:.2f} s")
        try:
            self.picture.show_image(playback.recording.frame_at(playback.time_s))
        except AppError as error:
            self._pause()
            self.picture.show_image(None)
            self.fired.setText(str(error))
            return
        self.ranking.show_prediction(playback.prediction)
        self._show_gesture()
        position = playback.first, playback.column or 0
        if position != self._position:
            self._position = position
            self.page.set_position(position[1] if playback.history.steps else None)

    def _show_gesture(self) -> None:
        gestures = self.playback.recording.gestures
        number = last_at(gestures, self.playback.time_s)
        if number is None:
            self.fired.setText("No gesture has fired yet" if gestures else "No gesture fired")
        else:
            gesture = gestures[number]
            self.fired.setText(f"{gesture.label} fired at {gesture.time_s:.2f} s")

    def _compose(self) -> None:
        believed = Card("Prediction")
        believed.remark.hide()
        believed.heading.addWidget(self.fired)
        self.fired.setProperty("role", "muted")
        believed.body.addWidget(self.ranking)
        row = QHBoxLayout()
        for widget, stretch in ((self.play, 0), (self.slider, 1), (self.time, 0)):
            row.addWidget(widget, stretch)
        widest = f"{self.playback.recording.duration_s:.2f}"
        metrics = self.time.fontMetrics()
        self.time.setMinimumWidth(metrics.horizontalAdvance(f"{widest} / {widest} s"))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        column.addWidget(self.picture, 1)
        column.addLayout(row)
        column.addWidget(believed)
        sides = QSplitter()
        sides.addWidget(left)
        sides.addWidget(self.page)
        sides.setChildrenCollapsible(False)
        sides.setSizes([_SIZE[0] * 5 // 9, _SIZE[0] * 4 // 9])
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(sides)
        self.setCentralWidget(central)

    def _build_menus(self) -> None:
        bar = self.menuBar()
        assert bar is not None  # PyQt's types allow None; QMainWindow makes the bar on demand
        file_menu, view_menu = bar.addMenu("&File"), bar.addMenu("&View")
        assert file_menu is not None
        assert view_menu is not None
        add_action(file_menu, "&Close", "Ctrl+W", self.close)
        self.mirror_action = add_toggle(
            view_menu, "&Mirror picture", "Ctrl+M", self.picture.set_mirrored
        )
        self.mirror_action.setChecked(True)


def open_recording_window(
    recording: Recording,
    spec: InspectedModel,
    title: str = "Recording",
    *,
    mirrored: bool = True,
    parent: QWidget | None = None,
) -> RecordingWindow:
    """Show a recording in a window of its own; closing the window closes the recording.

    Args:
        recording: What to show.
        spec: The model that ran.
        title: Name of the recording.
        mirrored: Mirror the picture.
        parent: The window that owns it; with None, the caller keeps a reference to it.
    """
    window = RecordingWindow(recording, spec, title, parent)
    window.mirror_action.setChecked(mirrored)
    window.show()
    return window
