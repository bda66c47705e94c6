"""The main window: live view and thumbnails at the left, cost and policy at the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QKeySequence
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.control.arming import Cause
from app.control.hotkey import HOTKEY
from app.pipeline import PipelineStatus
from app.snapshot import Snapshot
from app.sources.base import Frame
from app.ui.bridge import Bridge
from app.ui.cards import Card
from app.ui.control.arm_button import ArmButton
from app.ui.control.desk import ControlDesk
from app.ui.control.page import ControlPage
from app.ui.flops_panel import FlopsPanel
from app.ui.inspection.detachable import DETACH_KEY, Detachable
from app.ui.inspection.opening import RecordingLoader, RecordingWindows
from app.ui.inspection.page import InspectPage
from app.ui.policy_panel import PolicyPanel
from app.ui.status_line import StatusLine
from app.ui.thumbnails import ThumbnailStrip
from app.ui.video_view import VideoView
from models.engines.dense_reference import DenseReference
from models.spec import ModelSpec

MINIMUM_SIZE = (960, 600)
USUAL_SIZE = (1280, 800)

_ABOUT = f"""<h3>AdaFuse Live {__version__}</h3>
<p>Recognises hand gestures from a camera and shows what the network decided to compute.</p>
<p>The method is AdaFuse: Adaptive Temporal Fusion Network for Efficient Action Recognition
(Meng et al., ICLR 2021, <a href="https://arxiv.org/abs/2102.05775">arXiv 2102.05775</a>).</p>
<p>Apache-2.0. Built with PyQt6 (GPL), pyqtgraph, OpenCV and ONNX Runtime.</p>"""


class MainWindow(QMainWindow):
    """Shows one pipeline; closing it emits `closed` once."""

    closed = pyqtSignal()
    """The window is about to disappear."""

    def __init__(
        self,
        spec: ModelSpec,
        engine_name: str,
        engine_reason: str,
        desk: ControlDesk | None = None,
    ) -> None:
        """Create the window without data.

        Args:
            spec: The model that runs.
            engine_name: The engine that runs it.
            engine_reason: Why this engine, as one sentence.
            desk: The control; None where gestures are only shown.
        """
        super().__init__()
        self._desk = desk
        self.recordings: RecordingWindows | None = None
        self.setWindowTitle("AdaFuse Live")
        dense_model = not spec.fuses
        self.video = VideoView(spec)
        self.thumbnails = ThumbnailStrip(spec.frames, spec.input_width / spec.input_height)
        self.flops = FlopsPanel(dense_model=dense_model)
        self.policy = PolicyPanel(dense_model=dense_model)
        self.control = None if desk is None else ControlPage(desk)
        self.inspect = InspectPage(spec)
        self.inspect_place = Detachable(self.inspect, "Inspect")
        if desk is not None:
            self.video.set_corner(ArmButton(desk))
        self.status_line = StatusLine(spec.name, engine_name, engine_reason)
        self.setStatusBar(self.status_line)
        self.setCentralWidget(self._compose(spec))
        # Otherwise the button that arms would have the keyboard at first, for a stray space.
        self.video.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.video.setFocus()
        self._build_menus()
        self.setMinimumSize(*MINIMUM_SIZE)
        self.resize(*USUAL_SIZE)

    def connect_bridge(self, bridge: Bridge) -> None:
        """Show from now on what `bridge` brings."""
        bridge.frame_changed.connect(self.show_frame)
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.status_changed.connect(self.show_status)

    def show_frame(self, frame: Frame) -> None:
        """Show a newer frame."""
        self.video.show_frame(frame)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show a newer state of the recognition."""
        self.video.show_snapshot(snapshot)
        self.thumbnails.show_images(snapshot.ring)
        self.flops.show_snapshot(snapshot)
        self.policy.show_snapshot(snapshot)
        if self.control is not None:
            self.control.show_snapshot(snapshot)
        self.inspect.show_snapshot(snapshot)
        self.status_line.show_snapshot(snapshot)

    def show_status(self, status: PipelineStatus) -> None:
        """Show how the source is doing."""
        self.video.show_status(status)
        self.status_line.show_status(status)
        name = status.source_name
        self.setWindowTitle(f"{name} – AdaFuse Live" if name else "AdaFuse Live")

    def set_dense_reference(self, reference: DenseReference | None) -> None:
        """Compare with these times of a dense step from now on; None for none."""
        self.flops.set_dense_step_ms(None if reference is None else reference.step_ms)
        self.inspect.set_dense_reference(reference)

    def set_recording_loader(self, load: RecordingLoader) -> None:
        """Let people look at recordings that `load` opens."""
        self.recordings = RecordingWindows(load, self)
        self.closed.connect(self.recordings.close)
        self.open_recording_action.setVisible(True)

    def set_mirrored(self, mirrored: bool) -> None:
        """Exchange left and right in everything that is a picture, or not."""
        self.video.set_mirrored(mirrored)
        self.thumbnails.set_mirrored(mirrored)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Tell whoever feeds the window."""
        self.closed.emit()
        super().closeEvent(event)

    def _compose(self, spec: ModelSpec) -> QWidget:
        seen = Card("What the network sees")
        seen.remark.setText(
            f"{spec.frames} frames, {spec.frame_interval_s * 1000:.0f} ms apart, newest at right"
        )
        seen.body.addWidget(self.thumbnails)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self.video, 1)
        left.addWidget(seen)
        self.pages = QStackedWidget()
        self.pages.addWidget(_column((self.flops, 3), (self.policy, 5)))
        self.tabs = QTabBar()
        self.tabs.addTab("Network")
        if self.control is not None:
            self.pages.addWidget(self.control)
            self.tabs.addTab("Control")
        self.pages.addWidget(self.inspect_place)
        self.tabs.addTab("Inspect")
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("What is shown beside the live view")
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        right.addWidget(self.tabs)
        right.addWidget(self.pages, 1)
        central = QWidget()
        layout = QHBoxLayout(central)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addLayout(left, 13)
        layout.addLayout(right, 7)
        for part in (left, layout):
            part.setSpacing(12)
        right.setSpacing(4)
        return central

    def _build_menus(self) -> None:
        bar = self.menuBar()
        assert bar is not None  # PyQt's types allow None; QMainWindow makes the bar on demand
        file_menu, view_menu, help_menu = (
            self._menu(title) for title in ("&File", "&View", "&Help")
        )
        self.open_recording_action = self._action(
            file_menu, "&Open recording…", "Ctrl+O", self._open_recording
        )
        self.open_recording_action.setVisible(False)
        self.quit_action = self._action(file_menu, "&Quit", "Ctrl+Q", self.close)
        self.mirror_action = self._toggle(view_menu, "&Mirror preview", "Ctrl+M", self.set_mirrored)
        self.mirror_action.setChecked(True)
        self.full_screen_action = self._toggle(
            view_menu, "&Full screen", "F11", self._set_full_screen
        )
        self._build_page_actions(view_menu)
        leave = self._action(None, "Leave full screen", "Esc", self._escape)
        self.addAction(leave)
        if self._desk is not None:
            self._build_control_menu(self._desk)
        self.about_action = self._action(help_menu, "&About AdaFuse Live", "", self.show_about)
        self.about_action.setMenuRole(QAction.MenuRole.AboutRole)
        self.quit_action.setMenuRole(QAction.MenuRole.QuitRole)

    def _build_control_menu(self, desk: ControlDesk) -> None:
        menu = self._menu("&Control")
        self.arm_action = self._action(
            menu, "&Arm or disarm", HOTKEY, lambda: desk.toggle(Cause.HOTKEY)
        )

    def _build_page_actions(self, menu: QMenu) -> None:
        """Add what shows each page; a page has the same key whether there is a control or not."""
        menu.addSeparator()
        keys = {"Network": "Ctrl+1", "Control": "Ctrl+2", "Inspect": "Ctrl+3"}
        for number in range(self.tabs.count()):
            name = self.tabs.tabText(number)
            show = partial(self.tabs.setCurrentIndex, number)
            self._action(menu, f"Show &{name.lower()}", keys[name], show)
        self.detach_action = self._toggle(
            menu, "Inspect in a window of its o&wn", DETACH_KEY, self.inspect_place.set_detached
        )
        self.inspect_place.detached_changed.connect(self.detach_action.setChecked)

    def _menu(self, title: str) -> QMenu:
        menu = QMenu(title, self)
        self.menuBar().addMenu(menu)  # type: ignore[union-attr]
        return menu

    def _action(
        self, menu: QMenu | None, text: str, shortcut: str, slot: Callable[[], object]
    ) -> QAction:
        action = QAction(text, self)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _=False: slot())
        if menu is not None:
            menu.addAction(action)
        return action

    def _toggle(
        self, menu: QMenu, text: str, shortcut: str, slot: Callable[[bool], None]
    ) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(shortcut))
        action.setCheckable(True)
        action.toggled.connect(slot)
        menu.addAction(action)
        return action

    def _set_full_screen(self, full: bool) -> None:
        if full:
            self.setWindowState(self.windowState() | Qt.WindowState.WindowFullScreen)
        else:
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)

    def _escape(self) -> None:
        if self._desk is not None:
            self._desk.disarm(Cause.ESCAPE)
        self.full_screen_action.setChecked(False)

    def _open_recording(self) -> None:
        if self.recordings is not None:
            self.recordings.ask(mirrored=self.mirror_action.isChecked())

    def show_about(self) -> None:
        """Say what this is, without holding up the live view."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About AdaFuse Live")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(_ABOUT)
        box.open()


def _column(*widgets: tuple[QWidget, int]) -> QWidget:
    """Return widgets one below the other, each with its share of the room."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for widget, stretch in widgets:
        layout.addWidget(widget, stretch)
    return column
