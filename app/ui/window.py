"""The main window: live view and thumbnails at the left, cost and policy at the right."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QKeySequence
from PyQt6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QMessageBox, QVBoxLayout, QWidget

from app import __version__
from app.pipeline import PipelineStatus
from app.snapshot import Snapshot
from app.sources.base import Frame
from app.ui.bridge import Bridge
from app.ui.cards import Card
from app.ui.flops_panel import FlopsPanel
from app.ui.policy_panel import PolicyPanel
from app.ui.status_line import StatusLine
from app.ui.thumbnails import ThumbnailStrip
from app.ui.video_view import VideoView
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

    def __init__(self, spec: ModelSpec, engine_name: str, engine_reason: str) -> None:
        """Create the window without data.

        Args:
            spec: The model that runs.
            engine_name: The engine that runs it.
            engine_reason: Why this engine, as one sentence.
        """
        super().__init__()
        self.setWindowTitle("AdaFuse Live")
        dense_model = not spec.fuses
        self.video = VideoView(spec)
        self.thumbnails = ThumbnailStrip(spec.frames, spec.input_width / spec.input_height)
        self.flops = FlopsPanel(dense_model=dense_model)
        self.policy = PolicyPanel(dense_model=dense_model)
        self.status_line = StatusLine(spec.name, engine_name, engine_reason)
        self.setStatusBar(self.status_line)
        self.setCentralWidget(self._compose(spec))
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
        self.status_line.show_snapshot(snapshot)

    def show_status(self, status: PipelineStatus) -> None:
        """Show how the source is doing."""
        self.video.show_status(status)
        self.status_line.show_status(status)
        name = status.source_name
        self.setWindowTitle(f"{name} – AdaFuse Live" if name else "AdaFuse Live")

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
        right.addWidget(self.flops, 3)
        right.addWidget(self.policy, 5)
        central = QWidget()
        layout = QHBoxLayout(central)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addLayout(left, 13)
        layout.addLayout(right, 7)
        for part in (left, right, layout):
            part.setSpacing(12)
        return central

    def _build_menus(self) -> None:
        bar = self.menuBar()
        assert bar is not None  # PyQt's types allow None; QMainWindow makes the bar on demand
        file_menu, view_menu, help_menu = (
            self._menu(title) for title in ("&File", "&View", "&Help")
        )
        self.quit_action = self._action(file_menu, "&Quit", "Ctrl+Q", self.close)
        self.mirror_action = self._toggle(view_menu, "&Mirror preview", "Ctrl+M", self.set_mirrored)
        self.mirror_action.setChecked(True)
        self.full_screen_action = self._toggle(
            view_menu, "&Full screen", "F11", self._set_full_screen
        )
        leave = self._action(None, "Leave full screen", "Esc", self._leave_full_screen)
        self.addAction(leave)
        self.about_action = self._action(help_menu, "&About AdaFuse Live", "", self.show_about)
        self.about_action.setMenuRole(QAction.MenuRole.AboutRole)
        self.quit_action.setMenuRole(QAction.MenuRole.QuitRole)

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

    def _leave_full_screen(self) -> None:
        self.full_screen_action.setChecked(False)

    def show_about(self) -> None:
        """Say what this is, without holding up the live view."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About AdaFuse Live")
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(_ABOUT)
        box.open()
