"""A small picture that stays on top of the slides and never takes the keyboard focus."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize, QSizeF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QCloseEvent,
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PyQt6.QtWidgets import QMenu, QToolTip, QVBoxLayout, QWidget

from app.control.controller import ControlStatus
from app.control.hotkey import OVERLAY_HOTKEY, Hotkey, open_hotkey
from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import Prediction
from app.sources.base import Frame
from app.ui.actions import add_action
from app.ui.image_drawing import covering, draw_image
from app.ui.live.prediction_overlay import BAR, BAR_TRACK, PLATE, QUIET_TEXT, TEXT
from app.ui.live.status_banner import HEADLINES
from app.ui.live.video_view import DIMMED, SURROUND
from app.ui.stage.window_drag import WindowDrag

USUAL_SIZE = QSize(320, 240)
SMALLEST = QSize(180, 135)
ARMED = QColor("#b3261e")
DISARMED = QColor("#8a93a0")

_FLAGS = (
    Qt.WindowType.Window
    | Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.WindowDoesNotAcceptFocus
)
_POLL_MS = 50


class StageOverlay(QWidget):
    """Shows the picture, the gesture with its confidence, and whether the control is armed."""

    left = pyqtSignal()
    """The user wants the main window back."""
    toggled = pyqtSignal()
    """The user wants to arm or disarm the control."""
    escaped = pyqtSignal()
    """The user pressed Esc."""
    nothing = pyqtSignal()
    """The gesture that fired last was nothing."""
    quit = pyqtSignal()
    """The user wants to quit."""

    def __init__(self, *, controlled: bool, correctable: bool = False) -> None:
        """Create the overlay without a picture.

        Args:
            controlled: Whether there is a control that can be armed.
            correctable: Whether gestures can be said to be wrong.
        """
        super().__init__(None, _FLAGS)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWindowTitle("AdaFuse Live on stage")
        self.setMinimumSize(SMALLEST)
        self.resize(USUAL_SIZE)
        self._controlled, self._correctable = controlled, correctable
        self._armed = False
        self._frame: Frame | None = None
        self._mirrored = True
        self._label, self._confidence, self._quiet = "", 0.0, True
        self._state = PipelineState.STARTING
        self._drag = WindowDrag(self)
        self._hotkey: Hotkey | None = None
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._look_for_hotkey)
        self._describe()

    def set_mark(self, mark: QWidget) -> None:
        """Keep a widget in the upper right corner; it never gets the keyboard focus."""
        mark.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)

    def show_frame(self, frame: Frame) -> None:
        """Show a newer frame."""
        self._frame = frame
        self.update()

    def show_prediction(self, prediction: Prediction, *, quiet: bool) -> None:
        """Show a prediction; `quiet` if it is no gesture or not a certain one."""
        self._label, self._confidence, self._quiet = prediction.label, prediction.confidence, quiet
        self._describe()

    def show_control(self, status: ControlStatus) -> None:
        """Show whether the control is armed."""
        self._armed = status.armed
        self._describe()

    def show_status(self, status: PipelineStatus) -> None:
        """Show why the picture has stopped, if it has."""
        self._state = status.state
        self._describe()

    def say(self, sentence: str) -> None:
        """Say something for a while, without the keyboard focus."""
        QToolTip.showText(self.mapToGlobal(QPoint(8, 8)), sentence, self)

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the picture, or not."""
        self._mirrored = mirrored
        self.update()

    def place(self, geometry: QRect | None) -> None:
        """Go to `geometry` if a screen shows it, otherwise to the lower right corner."""
        screen = QGuiApplication.primaryScreen()
        area = QRect() if screen is None else screen.availableGeometry()
        if geometry is not None:
            known = [s for s in QGuiApplication.screens() if s.geometry().intersects(geometry)]
            self.resize(geometry.size().expandedTo(SMALLEST))
            if known:
                self.move(geometry.topLeft())
                return
        corner = area.bottomRight() - QPoint(self.width() + 24, self.height() + 24)
        self.move(corner)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Listen for the hotkey that brings the main window back."""
        super().showEvent(event)
        self._hotkey = open_hotkey(OVERLAY_HOTKEY)
        self._poll.start()

    def hideEvent(self, event: QHideEvent | None) -> None:
        self._poll.stop()
        if self._hotkey is not None:
            self._hotkey.close()
            self._hotkey = None
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Bring the main window back instead of closing."""
        if event is not None:
            event.ignore()
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Handle Esc, in case the platform gives the overlay the keyboard focus after all."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._drag.press(event.position().toPoint(), event.globalPosition().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self._drag.move(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._drag.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        self._drag.release()
        self.left.emit()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Offer every command, for users who do not know the keys."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._controlled:
            add_action(menu, "&Disarm" if self._armed else "&Arm", "", self.toggled.emit)
        if self._correctable:
            add_action(menu, "That was &nothing", "", self.nothing.emit)
        add_action(menu, f"&Back to the window ({OVERLAY_HOTKEY})", "", self.left.emit)
        add_action(menu, "&Quit", "", self.quit.emit)
        if event is not None:
            menu.popup(event.globalPos())

    def sizeHint(self) -> QSize:
        return USUAL_SIZE

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        painter.fillRect(area, SURROUND)
        if self._frame is not None:
            height, width = self._frame.image.shape[:2]
            place = covering(QSizeF(width, height), area)
            draw_image(painter, place, self._frame.image, mirrored=self._mirrored)
        headline = HEADLINES.get(self._state, "")
        if headline:
            painter.fillRect(area, DIMMED)
        self._paint_label(painter, area, headline)
        if self._controlled:
            self._paint_armed(painter, area)

    def _paint_label(self, painter: QPainter, area: QRectF, headline: str) -> None:
        """Draw the prediction, or why there is none, along the lower edge."""
        text = headline or self._label
        if not text:
            return
        band = max(34.0, 0.2 * area.height())
        plate = QRectF(area.left(), area.bottom() - band, area.width(), band)
        painter.fillRect(plate, PLATE)
        inner = plate.adjusted(12, 4, -12, -10)
        figure = "" if headline else f"{self._confidence:.0%}"
        painter.setFont(self._fitting_font(f"{text}   {figure}", inner))
        painter.setPen(QUIET_TEXT if self._quiet or headline else TEXT)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figure)
        if not headline:
            track = QRectF(inner.left(), plate.bottom() - 9, inner.width(), 4)
            painter.fillRect(track, BAR_TRACK)
            track.setWidth(track.width() * min(1.0, self._confidence))
            painter.fillRect(track, BAR)

    def _paint_armed(self, painter: QPainter, area: QRectF) -> None:
        """Draw a border and a plate that show by color and word whether the control is armed."""
        color = ARMED if self._armed else DISARMED
        width = 5 if self._armed else 2
        painter.setPen(QPen(color, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = width / 2
        painter.drawRect(area.adjusted(half, half, -half, -half))
        text = "●  Armed" if self._armed else "○  Disarmed"
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        plate = QRectF(10, 10, metrics.horizontalAdvance(text) + 20, metrics.height() + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color if self._armed else PLATE)
        painter.drawRoundedRect(plate, 8, 8)
        painter.setFont(font)
        painter.setPen(TEXT)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _fitting_font(self, text: str, area: QRectF) -> QFont:
        """Return the largest font in which `text` fits."""
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        size = area.height() * 0.72
        font.setPixelSize(max(8, int(size)))
        wanted = QFontMetricsF(font).horizontalAdvance(text)
        if wanted > area.width():
            font.setPixelSize(max(8, int(size * area.width() / wanted)))
        return font

    def _describe(self) -> None:
        """Update the accessible name and repaint."""
        armed = f", {'armed' if self._armed else 'disarmed'}" if self._controlled else ""
        what = HEADLINES.get(self._state, "") or f"{self._label} {self._confidence:.0%}"
        self.setAccessibleName(f"{what}{armed}")
        self.update()

    def _look_for_hotkey(self) -> None:
        if self._hotkey is not None and self._hotkey.pressed():
            self.left.emit()
