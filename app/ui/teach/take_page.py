"""The page on which takes are made: the example, the live picture, the countdown, the takes."""

from __future__ import annotations

from collections import Counter
from html import escape

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QShortcut
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.teaching.course import TAKES, Course, Flaw, Phase, ShownTake
from app.ui.cards import role_label, scaled_font
from app.ui.gesture_guide import ClipPlayer
from app.ui.image_drawing import draw_image, fitted, to_qimage
from app.ui.live.video_view import SURROUND

SUGGESTIONS = (
    "Talk, as you would to your audience.",
    "Take a drink.",
    "Scratch your head, and straighten your clothes.",
    "Type something.",
    "Lean forward and back.",
    "Point at your slides.",
    "Turn away, and come back.",
)
SUGGESTION_S = 8.0
_THUMBNAIL = QSize(72, 54)
_TAKING, _UNLIKE = QColor("#e5484d"), QColor("#d9822b")


class TakePage(QWidget):
    """Shows where a lesson is; the buttons, and their keys, direct it."""

    pause_pressed = pyqtSignal()
    """Pause, go on, or begin with the ordinary behavior."""
    again_pressed = pyqtSignal(object)
    """Take this `ShownTake` again."""
    enough_pressed = pyqtSignal()
    """End the ordinary behavior before its minute is over."""
    stop_pressed = pyqtSignal()
    """Stop for now; what was taken is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.headline = QLabel()
        self.headline.setFont(scaled_font(self.font(), 1.6, bold=True))
        self.state = QLabel()
        self.state.setFont(scaled_font(self.font(), 1.2))
        self.state.setWordWrap(True)
        self.time = QProgressBar()
        self.time.setTextVisible(False)
        self.player = ClipPlayer()
        self.live = LivePreview()
        self.takes = TakeRow()
        self._scroll = QScrollArea()
        self._newest: ShownTake | None = None
        self.flaw = role_label("", "muted")
        self.pause = QPushButton()
        self.again = QPushButton("Take the last one &again")
        self.enough = QPushButton("&Enough")
        self.stop = QPushButton("&Stop for now")
        self._example = ""
        self._build()

    def show_course(self, course: Course, trouble: str = "") -> None:
        """Show where a lesson is.

        Args:
            course: The lesson.
            trouble: Why what was taken cannot be kept; empty if it can.
        """
        gesture = course.gesture
        ordinary = gesture is None
        self.headline.setText("Ordinary behavior" if gesture is None else gesture)
        self.state.setText(_state(course))
        self._show_time(course)
        if (gesture or "") != self._example:
            self._example = gesture or ""
            self.player.show_clip(self._example)
        self.player.setVisible(not ordinary)
        shown = [] if gesture is None else course.of(gesture)
        if course.phase is Phase.READY_FOR_ORDINARY:  # the last chance to take one again
            shown = [take for label in course.gestures for take in course.of(label)]
        self._scroll.setVisible(course.phase is not Phase.ORDINARY)
        self.takes.show_takes(shown)
        newest = self._newest = course.takes[-1] if course.takes else None
        flaw = None if newest is None or ordinary else newest.flaw
        self.flaw.setText(trouble or ("" if flaw is None else flaw.value))
        self.again.setEnabled(newest is not None and course.phase is not Phase.ORDINARY)
        self.enough.setVisible(ordinary)
        self.enough.setEnabled(course.enough_ordinary)
        self.pause.setText(_pause_text(course))
        self.live.set_taking(course.phase in (Phase.TAKING, Phase.ORDINARY) and not course.paused)

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror every picture, or none."""
        self.player.set_mirrored(mirrored)
        self.live.set_mirrored(mirrored)
        self.takes.mirrored = mirrored

    def _take_newest_again(self) -> None:
        if self._newest is not None:  # also of the gesture before the current one
            self.again_pressed.emit(self._newest)

    def _show_time(self, course: Course) -> None:
        whole = course.length_s
        done = 1 - course.left_s / whole if whole else 0.0
        self.time.setRange(0, 1000)
        self.time.setValue(round(1000 * done))

    def _build(self) -> None:
        for button, signal in (
            (self.pause, self.pause_pressed),
            (self.enough, self.enough_pressed),
            (self.stop, self.stop_pressed),
        ):
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
            button.setAutoDefault(False)
        # Not as shortcuts of the buttons, which lose them with every new text.
        QShortcut("Space", self, self.pause.click)
        QShortcut("Backspace", self, self.again.click)
        self.again.setAutoDefault(False)
        self.again.setToolTip("Backspace")
        self.pause.setToolTip("Space")
        self.stop.setToolTip("Esc; what was taken is kept")
        self.again.clicked.connect(self._take_newest_again)
        self.takes.again.connect(self.again_pressed)
        self.flaw.setWordWrap(True)
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self._scroll.setWidget(self.takes)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFixedHeight(_THUMBNAIL.height() + 32)
        self.state.setMinimumHeight(2 * self.state.fontMetrics().lineSpacing())
        pictures = QHBoxLayout()
        pictures.setSpacing(12)
        pictures.addWidget(self.player, 1)
        pictures.addWidget(self.live, 1)
        buttons = QHBoxLayout()
        for button in (self.pause, self.again, self.enough):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self.headline)
        layout.addWidget(self.state)
        layout.addWidget(self.time)
        layout.addLayout(pictures, 1)
        layout.addWidget(self._scroll)
        layout.addWidget(self.flaw)
        layout.addLayout(buttons)


def _state(course: Course) -> str:
    """Say what to do now, in one sentence."""
    if course.paused:
        return "Paused."
    gesture = course.gesture
    if course.phase is Phase.READY_FOR_ORDINARY:
        return (
            "Now a minute of what must stay silent: do what you do while you present, "
            "but none of your gestures."
        )
    if course.phase is Phase.ORDINARY:
        index = int(course.ordinary_s / SUGGESTION_S) % len(SUGGESTIONS)
        return f"{SUGGESTIONS[index]} {course.left_s:.0f} seconds left."
    if gesture is None:
        return ""
    take = f"Take {TAKES - course.missing(gesture) + 1} of {TAKES}"
    if course.phase is Phase.TAKING:
        return f"{take}: make the gesture now, once."
    return f"{take}: get ready… {course.left_s:.0f}"


def _pause_text(course: Course) -> str:
    if course.phase is Phase.READY_FOR_ORDINARY:
        return "&Begin"
    return "&Go on" if course.paused else "&Pause"


class LivePreview(QWidget):
    """The picture of the camera, with a red frame while it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._image: NDArray[np.uint8] | None = None
        self._mirrored = True
        self._taking = False
        self.setAccessibleName("Live picture")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)

    @property
    def taking(self) -> bool:
        """Whether what is shown is being taken."""
        return self._taking

    def show_image(self, image: NDArray[np.uint8]) -> None:
        """Show a newer picture."""
        self._image = image
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the picture, or not."""
        self._mirrored = mirrored
        self.update()

    def set_taking(self, taking: bool) -> None:
        """Draw the frame, or not."""
        if taking != self._taking:
            self._taking = taking
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self._image is not None:
            height, width = self._image.shape[:2]
            area = fitted(QSizeF(width, height), area)
        rounded = QPainterPath()
        rounded.addRoundedRect(area, 10, 10)
        painter.save()
        painter.setClipPath(rounded)
        painter.fillRect(area, SURROUND)
        if self._image is not None:
            draw_image(painter, area, self._image, mirrored=self._mirrored)
        painter.restore()
        if self._taking:
            painter.setPen(QPen(_TAKING, 5))
            painter.drawRoundedRect(area.adjusted(2.5, 2.5, -2.5, -2.5), 8, 8)


class TakeRow(QWidget):
    """The takes of the current gesture; pressing one takes it again."""

    again = pyqtSignal(object)
    """The `ShownTake` to take again."""

    def __init__(self) -> None:
        super().__init__()
        self.mirrored = True
        self.buttons: list[QPushButton] = []
        self._takes: list[ShownTake] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addStretch(1)
        self.setAccessibleName("Takes")
        self.setMinimumHeight(_THUMBNAIL.height() + 14)

    def show_takes(self, takes: list[ShownTake]) -> None:
        """Show the takes of one gesture or of several, oldest first."""
        if [id(take) for take in takes] == [id(take) for take in self._takes]:
            return
        self._takes = list(takes)
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        numbers: Counter[str] = Counter()
        self.buttons = []
        for take in takes:
            numbers[take.label] += 1
            self.buttons.append(self._button(numbers[take.label], take))
        for place, button in enumerate(self.buttons):
            self._row.insertWidget(place, button)

    def _button(self, number: int, take: ShownTake) -> QPushButton:
        button = QPushButton()
        button.setIcon(QIcon(self._thumbnail(take)))
        button.setIconSize(_THUMBNAIL)
        button.setAutoDefault(False)
        fault = "" if take.flaw is None else f" {take.flaw.value}"
        what = f"Take {number} of {take.label}."
        button.setToolTip(f"<p>{escape(what + fault)} Press to take it again.</p>")
        button.setAccessibleName(f"Take {number} of {take.label}.{fault}")
        button.clicked.connect(lambda: self.again.emit(take))
        return button

    def _thumbnail(self, take: ShownTake) -> QPixmap:
        """Return the picture of a take, with a mark on what is wrong with it."""
        pixmap = QPixmap(_THUMBNAIL)
        pixmap.fill(SURROUND)
        painter = QPainter(pixmap)
        area = QRectF(pixmap.rect())
        if take.picture is None:
            painter.setPen(QColor("#ccd2da"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "kept")
        else:
            image = to_qimage(np.ascontiguousarray(take.picture))
            if self.mirrored:
                image = image.mirrored(horizontal=True, vertical=False)
            place = fitted(QSizeF(image.width(), image.height()), area)
            painter.drawImage(place, image)
        if take.flaw is not None:
            painter.setPen(QPen(_UNLIKE if take.flaw is Flaw.UNLIKE else _TAKING, 4))
            painter.drawRect(area.adjusted(2, 2, -2, -2))
            if not take.counts:
                painter.drawLine(area.topLeft(), area.bottomRight())
        painter.end()
        return pixmap
