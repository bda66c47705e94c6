"""Cameras, models and files chosen in the window, and the window that follows another model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from app.control.controller import Controller
from app.control.settings import ControlSettings
from app.live import switcher as switcher_module
from app.live.frame_rate import RateWarning
from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import RunningModel
from app.live.switcher import ModelChoice, Switcher
from app.sources.base import FrameSource
from app.sources.camera_device import CameraDevice, Resolution
from app.sources.camera_watch import CameraWatch
from app.ui.control.arm_button import ArmButton
from app.ui.control.polled_control import PolledControl
from app.ui.switching import switch_menus
from app.ui.switching.polled_switcher import PolledSwitcher
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine, Progress
from models.errors import ModelError
from models.spec import ModelSpec
from tests.app.control.fakes import RememberingSender
from tests.ui.scripted import ScriptedEngine, a_dense_trace, a_frame, a_snapshot, a_spec
from tests.ui.test_main_window import RUNNING, fill, press, wait_until_nothing_is_cut

WEBCAM = CameraDevice("HD Webcam", 1, 2, "usb-1", index=0)
OTHER = CameraDevice("Ins & Outs", 3, 4, "usb-2", index=2)

OTHER_SPEC = ModelSpec(
    name="other",
    labels=("Wave", "Fist", "No gesture"),
    silent_labels=("No gesture",),
    backbone="resnet18",
    frames=5,
    frame_interval_s=0.25,
    input_height=64,
    input_width=128,
)


@dataclass
class Wishes:
    """A pipeline that notes what it is asked for."""

    models: list[str] = field(default_factory=list)
    sources: list[bool] = field(default_factory=list)

    def use_engine(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        self.models.append(choice.engine.spec.name)

    def use_set(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        raise AssertionError("no set is fitted again here")

    def use_source(self, source_factory: Callable[[], FrameSource], *, loop: bool = False) -> None:
        self.sources.append(loop)


@dataclass
class Setup:
    """The window and everything behind its menus."""

    window: MainWindow
    switcher: PolledSwitcher
    control: PolledControl
    wishes: Wishes
    plugged: list[CameraDevice]

    @property
    def menus(self) -> switch_menus.SwitchMenus:
        assert self.window.switch_menus is not None
        return self.window.switch_menus


def load(choice: ModelChoice, threads: int, tell: Progress) -> OpenedEngine:
    if choice.model == "broken":
        raise ModelError("The model broken is broken; get it again.")
    return OpenedEngine(ScriptedEngine(replace_name(a_spec(), choice.model)), "for a test")


def replace_name(spec: ModelSpec, name: str) -> ModelSpec:
    return ModelSpec(**{f: getattr(spec, f) for f in spec.__struct_fields__} | {"name": name})


@pytest.fixture
def setup(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    monkeypatch.setattr(switcher_module, "load_model", load)
    monkeypatch.setattr("app.sources.camera_watch.INTERVAL_S", 0.02)
    wishes, plugged = Wishes(), [WEBCAM]
    camera = WEBCAM
    switcher = Switcher(wishes, lambda spec: spec.decision, chosen=ModelChoice(), camera=camera)
    polled = PolledSwitcher(switcher, CameraWatch(lambda: tuple(plugged)), recent_models=("a/b",))
    control = PolledControl(
        Controller(RememberingSender(), ControlSettings()), a_spec(), DecisionSettings()
    )
    window = MainWindow(a_spec(), "onnx", "for a test", control, polled)
    for poller in (polled, control):
        poller.setParent(window)
        poller.start()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    yield Setup(window, polled, control, wishes, plugged)
    polled.close()
    control.close()
    switcher.close()


def entries(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isEnabled() and action.text()]


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def marked(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isChecked()]


def test_the_cameras_are_listed_by_name_and_followed_while_the_menu_is_open(
    setup: Setup, qtbot: QtBot
) -> None:
    menu = setup.menus.camera
    assert menu.actions()[0].text() == "Looking for cameras…"
    menu.popup(setup.window.pos())
    qtbot.waitUntil(lambda: "HD Webcam (0)" in entries(menu))
    assert marked(menu) == ["HD Webcam (0)"]
    setup.plugged.append(OTHER)
    qtbot.waitUntil(lambda: "Ins && Outs (2)" in entries(menu))
    setup.plugged.clear()
    qtbot.waitUntil(lambda: menu.actions()[0].text() == "No camera is connected")
    menu.hide()
    setup.plugged.append(OTHER)
    qtbot.wait(150)
    assert menu.actions()[0].text() == "No camera is connected"


def test_a_chosen_camera_is_asked_for_and_failing_leaves_a_sentence_on_the_picture(
    setup: Setup, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.window.show_status(RUNNING)
    setup.plugged.append(OTHER)
    setup.switcher.watch_cameras(True)
    qtbot.waitUntil(lambda: "Ins && Outs (2)" in entries(setup.menus.camera))
    monkeypatch.setattr("app.sources.camera.connected_cameras", lambda: (WEBCAM,))
    entry(setup.menus.camera, "Ins && Outs (2)").trigger()
    banner = setup.window.video.banner
    qtbot.waitUntil(lambda: "Could not switch" in banner.text, timeout=5000)
    assert "Camera 2" in banner.text
    assert setup.wishes.sources == []
    assert marked(setup.menus.camera) == ["HD Webcam (0)"]


def test_another_size_is_asked_for_and_a_camera_that_gives_another_is_told(
    setup: Setup, qtbot: QtBot
) -> None:
    setup.window.show_status(RUNNING)
    setup.window.show_frame(a_frame())
    sizes = setup.menus.camera.resolutions
    assert sizes.actions()[0].text() == "Current size: 320 × 240"
    assert marked(sizes) == ["The camera’s own"]
    entry(sizes, "1280 × 720").trigger()
    qtbot.waitUntil(lambda: len(setup.wishes.sources) == 1)
    qtbot.waitUntil(lambda: setup.switcher.status.camera == WEBCAM.at(Resolution(1280, 720)))
    setup.window.show_frame(a_frame(a_frame().image[:200].copy()))
    text = setup.window.video.banner.text
    assert text == "The camera delivers 320 × 200\nIt does not support 1280 × 720."


def test_a_notice_goes_by_itself_and_what_it_covered_comes_back(setup: Setup, qtbot: QtBot) -> None:
    video = setup.window.video
    video.show_status(PipelineStatus(PipelineState.ENDED))
    video.show_notice("Could not switch", "It is gone.", 0.1)
    assert video.banner.text == "Could not switch\nIt is gone."
    qtbot.waitUntil(lambda: video.banner.text == "End of file")


def test_a_slow_camera_is_told_unless_there_is_more_important_news(setup: Setup) -> None:
    video = setup.window.video
    video.show_status(RUNNING)
    setup.window.show_rate_warning(RateWarning(8.0))
    assert video.banner.text.startswith("Too few frames: the model needs 8 a second\nMore light")
    video.show_status(PipelineStatus(PipelineState.RECONNECTING, "It is gone."))
    assert video.banner.text.startswith("Camera lost")
    video.show_status(RUNNING)
    setup.window.show_rate_warning(None)
    assert video.banner.text == ""


def test_what_is_said_at_the_top_does_not_cover_the_arm_button(setup: Setup) -> None:
    setup.window.resize(960, 600)
    setup.window.show_frame(a_frame())
    setup.window.video.show_notice("Could not switch", "Because of a long reason, " * 9)
    banner = setup.window.video.banner
    button = setup.window.video.findChild(ArmButton)
    assert button is not None
    assert not banner.geometry().intersects(button.geometry())


def test_models_and_engines_are_switched_and_marked(setup: Setup, qtbot: QtBot) -> None:
    menu = setup.menus.model
    assert marked(menu) == ["&Bundled model", "Fastest on this machine"]
    chosen: list[ModelChoice] = []
    setup.switcher.model_chosen.connect(chosen.append)
    entry(menu, "a/b").trigger()
    qtbot.waitUntil(lambda: chosen == [ModelChoice("a/b", "auto")])
    assert setup.wishes.models == ["a/b"]
    assert marked(menu)[0] == "a/b"
    entry(menu, "onnx: dense, on the CPU or on CUDA").trigger()
    qtbot.waitUntil(lambda: chosen[1:] == [ModelChoice("a/b", "onnx")])


def test_a_model_that_cannot_be_loaded_stays_unmarked_and_can_be_asked_for_again(
    setup: Setup, qtbot: QtBot
) -> None:
    failed: list[str] = []
    setup.switcher.failed.connect(failed.append)
    for times in (1, 2):
        setup.switcher.use_model("broken")
        qtbot.waitUntil(lambda times=times: len(failed) == times)  # type: ignore[misc]
    assert failed[0] == "The model broken is broken; get it again."
    assert marked(setup.menus.model)[0] == "&Bundled model"
    assert setup.switcher.wanted == ModelChoice()


def test_a_file_dialog_does_not_hold_up_the_live_view(
    setup: Setup, clip_path: Path, qtbot: QtBot
) -> None:
    dialog = setup.menus.open_video()
    fill(setup.window)
    assert setup.window.flops.figure.text() != "–"
    dialog.fileSelected.emit(str(clip_path))
    dialog.close()
    qtbot.waitUntil(lambda: setup.wishes.sources == [False])
    qtbot.waitUntil(lambda: setup.switcher.status.camera is None)
    folder = setup.menus.model.open_model()
    assert folder.fileMode() == QFileDialog.FileMode.Directory
    folder.close()


@pytest.fixture(scope="module")
def clip_path() -> Path:
    from app.sources.factory import demo_path

    return demo_path()


def test_the_window_follows_another_model(setup: Setup, qtbot: QtBot) -> None:
    window = setup.window
    fill(window)
    window.show_model(RunningModel(OTHER_SPEC, "sparse", "it is fast"))
    assert window.video.prediction.label.startswith("Waiting")
    assert "last 5 frames" in window.thumbnails.accessibleName()
    assert len(window.thumbnails.slot_rects()) == 5
    assert window.policy.bars.blocks == ()
    assert "no policy networks" in window.policy.note.text()
    assert window.status_line.model.text() == "Model other"
    assert window.status_line.engine.text() == "Engine sparse: it is fast"
    window.show_snapshot(a_snapshot(label="Wave", trace=a_dense_trace()))
    assert window.video.prediction.label == "Wave"
    assert window.flops.saving.text() == "Nothing to save"
    wait_until_nothing_is_cut(qtbot, window)


def test_the_bindings_follow_another_model(setup: Setup) -> None:
    setup.control.show_model(OTHER_SPEC, DecisionSettings())
    page = setup.window.control_page
    assert page is not None
    assert list(page.bindings.choices) == ["Wave", "Fist"]
    page.bindings.open_timing().close()


def test_ctrl_o_opens_a_video(setup: Setup, qtbot: QtBot) -> None:
    press(qtbot, setup.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(setup.window.findChildren(QFileDialog)))
    setup.window.findChildren(QFileDialog)[0].close()


def test_without_anything_to_switch_there_are_no_such_menus(qtbot: QtBot) -> None:
    window = MainWindow(a_spec(), "onnx", "for a test")
    qtbot.addWidget(window)
    bar = window.menuBar()
    assert bar is not None
    assert [action.text() for action in bar.actions()] == ["&File", "&View", "&Help"]
