"""The live view: the newest frame, mirrored, with prediction, banner and buttons on top."""

from __future__ import annotations

from PyQt6.QtCore import (
    QEvent,
    QMarginsF,
    QObject,
    QRectF,
    QSize,
    QSizeF,
    Qt,
    QTimer,
    QVariantAnimation,
)
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import Snapshot
from app.sources.base import Frame
from app.ui.image_drawing import draw_image, fitted
from app.ui.live.prediction_overlay import PLATE, TEXT, PredictionOverlay
from app.ui.live.status_banner import StatusBanner
from models.decision import Gesture
from models.spec import ModelSpec
from models.two_views.cropping import shown_area
from models.two_views.stream import HandView

SURROUND = QColor("#0d1014")
"""Background of the picture in both themes: near black, as in every video player."""
DIMMED = QColor(13, 16, 20, 150)
HAND = QColor(255, 255, 255, 170)
"""Frame around the hand, over any picture."""
_HAND_LINE = 2

_RADIUS = 10
_PLATE_GAP = 14


class VideoView(QWidget):
    """Shows the newest frame with its aspect ratio."""

    def __init__(self, spec: ModelSpec) -> None:
        """Create the view without a picture.

        Args:
            spec: The model whose labels are shown.
        """
        super().__init__()
        self.setAccessibleName("Live view")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 200)
        self.prediction = PredictionOverlay(spec.labels, spec.silent_labels, self)
        self.banner = StatusBanner(self)
        self.flash = GestureFlash(self)
        self._frame: Frame | None = None
        self._hand: HandView | None = None
        self._aspect = spec.input_width / spec.input_height
        self.prediction.hide()
        self._mirrored = True
        self._dimmed = False
        self._gesture_time_s: float | None = None
        self._corners: dict[bool, QWidget] = {}
        self._notice_end = QTimer(self)
        self._notice_end.setSingleShot(True)
        self._notice_end.timeout.connect(lambda: self.show_notice(""))

    @property
    def frame(self) -> Frame | None:
        """The frame on show."""
        return self._frame

    @property
    def mirrored(self) -> bool:
        """Whether the picture is mirrored."""
        return self._mirrored

    def set_corner(self, widget: QWidget, *, left: bool = False) -> None:
        """Keep a widget in the upper right or left corner, on top of everything else."""
        widget.setParent(self)
        widget.installEventFilter(self)
        self._corners[left] = widget
        self._place_overlays()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep a corner's widget in its corner when its text grows."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place_corners()
        return super().eventFilter(watched, event)

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the picture, or not; the network's input is never mirrored."""
        self._mirrored = mirrored
        self.update()

    def show_frame(self, frame: Frame) -> None:
        """Show a newer frame."""
        size_changed = self._frame is None or self._frame.image.shape != frame.image.shape
        self._frame = frame
        if size_changed:
            self._place_overlays()
        self.update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the current prediction, and flash a gesture that has just fired."""
        self.prediction.show_prediction(snapshot.prediction)
        self._hand = snapshot.hand
        gesture = snapshot.gesture
        if gesture is None or gesture.time_s == self._gesture_time_s:
            return
        self._gesture_time_s = gesture.time_s
        # A snapshot keeps its last gesture forever: one that fired long ago is not new.
        if abs(snapshot.prediction.time_s - gesture.time_s) * 1000 < FADE_MS:
            self.flash.flash(gesture)

    def show_status(self, status: PipelineStatus) -> None:
        """Show why the picture has stopped, if it has."""
        self.prediction.setVisible(
            status.state is PipelineState.RUNNING
            or (status.state is PipelineState.ENDED and bool(self.prediction.confidence_text))
        )
        self._dimmed = status.state in (PipelineState.RECONNECTING, PipelineState.FAILED)
        self.banner.show_status(status)
        self._place_overlays()
        self.update()

    def show_model(self, spec: ModelSpec) -> None:
        """Show the labels of another model from now on."""
        self.prediction.set_labels(spec.labels, spec.silent_labels)
        self._hand = None
        self._aspect = spec.input_width / spec.input_height
        self._place_overlays()

    def show_notice(self, headline: str, detail: str = "", seconds: float | None = None) -> None:
        """Show a notice, for some seconds or until the next one."""
        self._notice_end.stop()
        if seconds is not None:
            self._notice_end.start(round(seconds * 1000))
        self.banner.show_notice(headline, detail)
        self._place_overlays()

    def show_warning(self, headline: str, detail: str = "") -> None:
        """Show a warning while the picture moves; an empty headline removes it."""
        self.banner.show_warning(headline, detail)
        self._place_overlays()

    def picture_rect(self) -> QRectF:
        """Return the rectangle of the picture, centered and with its aspect ratio."""
        area = QRectF(self.rect())
        if self._frame is None:
            return area
        height, width = self._frame.image.shape[:2]
        return fitted(QSizeF(width, height), area)

    def hand_rect(self) -> QRectF | None:
        """Return where a model of two views has found the hand; None where it has not."""
        if self._frame is None or self._hand is None or not self._hand.seen:
            return None
        height, width = self._frame.image.shape[:2]
        area, box, picture = (
            shown_area(height, width, self._aspect),
            self._hand.box,
            self.picture_rect(),
        )
        scale = picture.width() / width
        side = box.size * area.height * scale
        x = (area.left + box.x * area.height) * scale
        y = (area.top + box.y * area.height) * scale
        if self._mirrored:
            x = picture.width() - x
        return QRectF(picture.left() + x - side / 2, picture.top() + y - side / 2, side, side)

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._place_overlays()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded = QPainterPath()
        rounded.addRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        painter.setClipPath(rounded)
        painter.fillRect(self.rect(), SURROUND)
        if self._frame is None:
            return
        picture = self.picture_rect()
        draw_image(painter, picture, self._frame.image, mirrored=self._mirrored)
        box = self.hand_rect()
        if box is not None:
            painter.setPen(QPen(HAND, _HAND_LINE))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        if self._dimmed:
            painter.fillRect(picture, DIMMED)

    def _place_overlays(self) -> None:
        picture = self.picture_rect()
        plate = self.prediction.sizeHint()
        width = min(plate.width(), round(picture.width()) - 2 * _PLATE_GAP)
        left = round(picture.left()) + _PLATE_GAP
        top = round(picture.bottom()) - plate.height() - _PLATE_GAP
        self.prediction.setGeometry(left, top, width, plate.height())
        self._place_corners()
        corners = [w.geometry() for w in self._corners.values() if not w.isHidden()]
        in_the_middle = self._frame is None or self._dimmed
        self.banner.fit_into(picture, in_the_middle=in_the_middle, corners=corners)
        free = picture.toAlignedRect()
        if not (self.banner.isHidden() or in_the_middle):
            free.setTop(self.banner.geometry().bottom())  # the banner stays readable
        self.flash.setGeometry(free)

    def _place_corners(self) -> None:
        picture = self.picture_rect()
        for at_left, widget in self._corners.items():
            left = round(picture.left()) + _PLATE_GAP
            if not at_left:
                left = round(picture.right()) - widget.width() - _PLATE_GAP
            widget.move(max(0, left), round(picture.top()) + _PLATE_GAP)
            widget.raise_()


FADE_MS = 1200
"""How long a gesture stays, in milliseconds: fully visible for the first third, then fading."""

_LARGEST_PX = 64


class GestureFlash(QWidget):
    """Covers the picture and shows the last gesture while it fades out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._label = ""
        self._opacity = 0.0
        self._fade = QVariantAnimation(self)
        self._fade.setDuration(FADE_MS)
        self._fade.setStartValue(1.0)
        self._fade.setKeyValueAt(1 / 3, 1.0)
        self._fade.setEndValue(0.0)
        self._fade.valueChanged.connect(self._set_opacity)
        self._fade.finished.connect(self.hide)
        self.hide()

    @property
    def label(self) -> str:
        """The gesture on show; empty once it has faded out."""
        return self._label if self._opacity > 0 else ""

    def flash(self, gesture: Gesture) -> None:
        """Show a gesture, and start to fade it out."""
        self._fade.stop()
        self._label = gesture.label
        self.setAccessibleName(f"Gesture: {gesture.label}")
        self._set_opacity(1.0)
        self.show()
        self.raise_()
        self._fade.start()

    def _set_opacity(self, opacity: float) -> None:
        self._opacity = opacity
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        font = self._fitting_font()
        metrics = QFontMetricsF(font)
        plate = QRectF(0, 0, metrics.horizontalAdvance(self._label), metrics.height())
        plate = plate.marginsAdded(QMarginsF(28, 14, 28, 14))
        plate.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(self._opacity)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(PLATE)
        painter.drawRoundedRect(plate, 16, 16)
        painter.setFont(font)
        painter.setPen(TEXT)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._label)

    def _fitting_font(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(_LARGEST_PX)
        wanted = QFontMetricsF(font).horizontalAdvance(self._label)
        room = 0.8 * self.width()
        if wanted > room > 0:
            font.setPixelSize(max(12, int(_LARGEST_PX * room / wanted)))
        return font
