"""The main window: live view and thumbnails on the left, pages on the right."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.control.arming import Cause
from app.live.frame_rate import ADVICE, RateWarning
from app.live.pipeline import PipelineStatus
from app.live.snapshot import RunningModel, Snapshot
from app.sources.base import Frame
from app.teaching.people import People
from app.ui.actions import new_action
from app.ui.cards import Card
from app.ui.control.arm_button import ArmButton
from app.ui.control.control_page import ControlPage
from app.ui.control.polled_control import PolledControl
from app.ui.help_windows import HelpWindows
from app.ui.inspection.detachable import Detachable
from app.ui.inspection.inspect_page import InspectPage
from app.ui.inspection.recording_opener import RecordingLoader, RecordingOpener
from app.ui.live.hand_square import HandSquare
from app.ui.live.polled_pipeline import PolledPipeline
from app.ui.live.status_line import StatusLine
from app.ui.live.thumbnails import ThumbnailStrip
from app.ui.live.video_view import VideoView
from app.ui.main_menus import MainMenus, MenuCommands
from app.ui.network.flops_panel import FlopsPanel
from app.ui.network.policy_panel import PolicyPanel
from app.ui.stage.stage_mode import StageMode
from app.ui.switching.polled_switcher import PolledSwitcher
from app.ui.switching.switch_menus import SwitchMenus
from app.ui.teach.gesture_log import GestureLog
from app.ui.theme import Theme
from models.engines.dense_reference import DenseReference
from models.spec import ModelSpec

MINIMUM_SIZE = (960, 500)
"""Fits on a full HD screen at 200 %, beside the desktop's panel."""
USUAL_SIZE = (1280, 800)


class MainWindow(QMainWindow):
    """Shows one pipeline; closing it emits `closed` once."""

    closed = pyqtSignal()
    """The window is about to close."""

    def __init__(
        self,
        spec: ModelSpec,
        engine_name: str,
        engine_reason: str,
        control: PolledControl | None = None,
        switcher: PolledSwitcher | None = None,
        people: People | None = None,
        person: str | None = None,
    ) -> None:
        """Create the window without data.

        Args:
            spec: The running model.
            engine_name: The engine that runs it.
            engine_reason: Why this engine, as one sentence.
            control: The control; None where gestures are only shown.
            switcher: Switches sources and models; None where they cannot be switched.
            people: The persons whose sets are kept, to be chosen from; None if nobody's are.
            person: Whose gestures run at first; None for the model's own.
        """
        super().__init__()
        self.control = control
        self.switcher = switcher
        self._spec = spec
        self.recordings: RecordingOpener | None = None
        self.setWindowTitle("AdaFuse Live")
        dense_model = not spec.fuses
        self.video = VideoView(spec)
        self.thumbnails = ThumbnailStrip(spec.frames, spec.input_width / spec.input_height)
        self.hand = HandSquare()
        self.flops = FlopsPanel(dense_model=dense_model)
        self.policy = PolicyPanel(dense_model=dense_model)
        self.control_page = None if control is None else ControlPage(control)
        self.inspect = InspectPage(spec)
        self.inspect_place = Detachable(self.inspect, "Inspect")
        self.log = GestureLog()
        if control is not None:
            self.video.set_corner(ArmButton(control))
        self.status_line = StatusLine(spec.name, engine_name, engine_reason, person)
        self.setStatusBar(self.status_line)
        self.setCentralWidget(self._compose())
        # Otherwise the button that arms would get the focus at first, and with it a stray space.
        self.video.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.video.setFocus()
        self.stage = StageMode(self, control)
        self.help = HelpWindows(self, spec, control)
        self.switch_menus = None
        if switcher is not None:
            self.switch_menus = SwitchMenus(switcher, self.video.show_notice, self, people)
        self.menus = self._build_menus()
        self.mirror_action = self.menus.mirror
        self.full_screen_action = self.menus.full_screen
        self.setMinimumSize(*MINIMUM_SIZE)
        self.resize(*USUAL_SIZE)

    def connect_pipeline(self, pipeline: PolledPipeline) -> None:
        """Show from now on what `pipeline` signals."""
        pipeline.frame_changed.connect(self.show_frame)
        pipeline.snapshot_changed.connect(self.show_snapshot)
        pipeline.status_changed.connect(self.show_status)
        pipeline.model_changed.connect(self.show_model)
        pipeline.rate_warning_changed.connect(self.show_rate_warning)

    def show_frame(self, frame: Frame) -> None:
        """Show a newer frame."""
        self.video.show_frame(frame)
        self.stage.show_frame(frame)
        if self.switch_menus is not None:
            self.switch_menus.show_frame(frame)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show a newer state of the recognition."""
        self.video.show_snapshot(snapshot)
        self.thumbnails.show_images(snapshot.ring)
        self.hand.show_hand(snapshot.hand)
        self.flops.show_snapshot(snapshot)
        self.policy.show_snapshot(snapshot)
        if self.control_page is not None:
            self.control_page.show_snapshot(snapshot)
        self.inspect.show_snapshot(snapshot)
        self.status_line.show_snapshot(snapshot)
        self.stage.show_snapshot(snapshot, self._spec)

    def show_model(self, model: RunningModel) -> None:
        """Prepare for another model; called before its first snapshot."""
        spec = self._spec = model.spec
        self.video.show_model(spec)
        self.thumbnails.set_shape(spec.frames, spec.input_width / spec.input_height)
        self.hand.show_hand(None)
        self._show_cadence()
        self.flops.show_model(dense_model=not spec.fuses)
        self.policy.show_model(dense_model=not spec.fuses)
        self.status_line.show_model(spec.name, model.engine_name, model.engine_reason, model.person)
        self.help.show_model(spec)
        self.inspect.show_model(spec)

    def show_rate_warning(self, warning: RateWarning | None) -> None:
        """Warn that the camera is too slow for the model, or stop warning."""
        headline = "" if warning is None else warning.headline
        self.video.show_warning(headline, "" if warning is None else ADVICE)

    def show_status(self, status: PipelineStatus) -> None:
        """Show how the source is doing."""
        self.video.show_status(status)
        self.status_line.show_status(status)
        self.stage.show_status(status)
        name = status.source_name
        self.setWindowTitle(f"{name} – AdaFuse Live" if name else "AdaFuse Live")

    def set_dense_reference(self, reference: DenseReference | None) -> None:
        """Compare with these times of a dense step from now on; None for none."""
        self.flops.set_dense_step_ms(None if reference is None else reference.step_ms)
        self.inspect.set_dense_reference(reference)

    def set_recording_loader(self, load: RecordingLoader) -> None:
        """Offer to open recordings, with `load`."""
        self.recordings = RecordingOpener(load, self)
        self.closed.connect(self.recordings.close)
        self.menus.open_recording.setVisible(True)

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror every picture, or none."""
        self.video.set_mirrored(mirrored)
        self.thumbnails.set_mirrored(mirrored)
        self.hand.set_mirrored(mirrored)
        self.stage.set_mirrored(mirrored)
        self.help.set_mirrored(mirrored)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.stage.close()
        self.closed.emit()
        super().closeEvent(event)

    def _compose(self) -> QWidget:
        seen = Card("What the network sees")
        self._cadence = seen.remark
        self._show_cadence()
        views = QHBoxLayout()
        views.addWidget(self.thumbnails, 1)
        views.addWidget(self.hand)
        seen.body.addLayout(views)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self.video, 1)
        left.addWidget(seen)
        self.pages = QStackedWidget()
        self.pages.addWidget(_column((self.flops, 2), (self.policy, 5)))
        self.tabs = PageTabs()
        self.tabs.addTab("Network")
        if self.control_page is not None:
            self.pages.addWidget(self.control_page)
            self.tabs.addTab("Control")
        self.pages.addWidget(self.inspect_place)
        self.tabs.addTab("Inspect")
        self.pages.addWidget(self.log)
        self.tabs.addTab("Log")
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Page beside the live view")
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        right.addWidget(self.tabs)
        right.addWidget(self.pages, 1)
        central = QWidget()
        layout = QHBoxLayout(central)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addLayout(left, 13)
        layout.addLayout(right, 7)
        for box in (left, layout):
            box.setSpacing(12)
        right.setSpacing(4)
        return central

    def _build_menus(self) -> MainMenus:
        bar, control, tabs = self.menuBar(), self.control, self.tabs
        assert bar is not None  # PyQt's types allow None; QMainWindow makes the bar on demand
        commands = MenuCommands(
            open_recording=self.open_recording,
            quit=self.close,
            set_mirrored=self.set_mirrored,
            set_full_screen=self.set_full_screen,
            show_overlay=self.stage.enter,
            show_page={
                tabs.tabText(index): partial(tabs.setCurrentIndex, index)
                for index in range(tabs.count())
            },
            set_detached=self.inspect_place.set_detached,
            arm_or_disarm=None if control is None else partial(control.toggle, Cause.HOTKEY),
            show_guide=self.help.show_guide,
            show_shortcuts=self.help.show_shortcuts,
            show_about=self.help.show_about,
        )
        menus = MainMenus(bar, commands, self.switch_menus)
        self.inspect_place.detached_changed.connect(menus.detach.setChecked)
        leave = "Leave full screen" if control is None else "Disarm, leave full screen"
        self.addAction(new_action(self, leave, "Esc", self.escape))
        return menus

    def _show_cadence(self) -> None:
        spec = self._spec
        interval_ms = spec.frame_interval_s * 1000
        self._cadence.setText(
            f"{spec.frames} frames, {interval_ms:.0f} ms apart, newest on the right"
        )

    def set_full_screen(self, full: bool) -> None:
        """Fill the screen, or not."""
        if full:
            self.setWindowState(self.windowState() | Qt.WindowState.WindowFullScreen)
        else:
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)

    def escape(self) -> None:
        """Disarm, and leave the full screen."""
        if self.control is not None:
            self.control.disarm(Cause.ESCAPE)
        self.full_screen_action.setChecked(False)

    def open_recording(self) -> None:
        """Ask which recording to look at."""
        if self.recordings is not None:
            self.recordings.ask(mirrored=self.mirror_action.isChecked())


def _column(*widgets: tuple[QWidget, int]) -> QWidget:
    """Return a column of widgets, each with its stretch factor."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for widget, stretch in widgets:
        layout.addWidget(widget, stretch)
    return column


class PageTabs(QTabBar):
    """A tab bar that shows the keyboard focus: the style does not without a base line."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the tabs, and a frame in the accent color around the current one if focused."""
        super().paintEvent(event)
        if not self.hasFocus():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(Theme.of(self).accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = QRectF(self.tabRect(self.currentIndex())).adjusted(3, 3, -3, -3)
        painter.drawRoundedRect(frame, 4, 4)
