"""The window over a real pipeline that changes its model and its source."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QTimer

from app.live import switcher as switcher_module
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.live.switcher import ModelChoice, Switcher
from app.settings import load_settings
from app.sources.camera_device import CameraDevice, Resolution
from app.sources.factory import DEMO
from app.ui.application import WindowServices, run_window
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine, Progress
from tests.ui.scripted import ScriptedEngine, SteadySource, a_spec
from tests.ui.switching.test_switch_menus import OTHER_SPEC
from tests.ui.test_run_window import later, the_window

pytestmark = pytest.mark.usefixtures("qapp")

WEBCAM = CameraDevice("HD Webcam", 1, 2, "usb-1", index=0)


def load_other(choice: ModelChoice, threads: int, tell: Progress) -> OpenedEngine:
    engine = ScriptedEngine(OTHER_SPEC)
    engine.name = choice.engine
    return OpenedEngine(engine, "asked for")


def run(on_start: Callable[[Pipeline], object], duration_s: float = 20.0) -> int:
    """Show a camera in a window until the test closes it."""
    pipeline = Pipeline(lambda: SteadySource(30), Run(ScriptedEngine(a_spec()), DecisionSettings()))
    switcher = Switcher(
        pipeline,
        lambda spec: spec.decision,
        chosen=ModelChoice(),
        camera=WEBCAM,
    )
    later(0.3, lambda: on_start(pipeline))
    try:
        services = WindowServices(switcher=switcher)
        return run_window(pipeline, pipeline.model, duration_s, services)
    finally:
        switcher.close()


def when(reached: Callable[[], bool], then: Callable[[], object]) -> None:
    """Wait within the application's loop."""
    timer = QTimer(the_window())

    def look() -> None:
        if reached():
            timer.stop()
            then()

    timer.timeout.connect(look)
    timer.start(20)


def test_another_model_fills_the_window_and_is_kept_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switcher_module, "load_model", load_other)
    seen: list[tuple[str, str, int]] = []

    def look() -> None:
        window = the_window()
        label = window.video.prediction.label
        seen.append((window.status_line.model.text(), label, len(window.thumbnails.images)))
        window.close()

    def start(pipeline: Pipeline) -> None:
        window = the_window()
        assert window.switcher is not None
        window.switcher.use_model("models/other")
        window.switcher.use_engine("onnx")
        when(lambda: len(window.thumbnails.images) == 5, look)

    assert run(start) == 0

    assert seen[0][0] == "Model other"
    assert seen[0][1] in OTHER_SPEC.labels
    kept = load_settings(tmp_path / "settings.json")
    assert (kept.model, kept.engine) == ("models/other", "onnx")
    assert kept.recent_models == ("models/other",)


def test_closing_while_a_model_loads_is_done_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading, go_on = threading.Event(), threading.Event()
    closed_s = 0.0

    def load_slowly(choice: ModelChoice, threads: int, tell: Progress) -> OpenedEngine:
        loading.set()
        go_on.wait(10)
        return load_other(choice, threads, tell)

    def start(pipeline: Pipeline) -> None:
        window = the_window()
        assert window.switcher is not None
        window.switcher.use_model("models/other")
        when(loading.is_set, close)

    def close() -> None:
        nonlocal closed_s
        closed_s = time.monotonic()
        the_window().close()

    monkeypatch.setattr(switcher_module, "load_model", load_slowly)
    assert run(start) == 0
    assert time.monotonic() - closed_s < 2.5
    go_on.set()
    assert load_settings(tmp_path / "settings.json").model == "default"


def test_a_file_follows_the_camera_and_a_size_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opener(wanted: CameraDevice) -> Callable[[], SteadySource]:
        return lambda: SteadySource(30, name="Camera 0 (HD Webcam)")

    monkeypatch.setattr(switcher_module, "camera_opener", opener)

    def start(pipeline: Pipeline) -> None:
        window = the_window()
        switcher = window.switcher
        assert switcher is not None
        switcher.use_resolution(Resolution(1280, 720))

        def to_file() -> None:
            switcher.use_file(DEMO)
            when(lambda: window.status_line.source.text() == "Demo clip", window.close)

        chosen: list[object] = []
        switcher.camera_chosen.connect(chosen.append)
        when(lambda: bool(chosen), to_file)

    assert run(start) == 0
    kept = load_settings(tmp_path / "settings.json")
    assert kept.resolution == Resolution(1280, 720)
    assert kept.camera is not None
    assert kept.camera.name == "HD Webcam"


def test_the_overlay_closes_with_the_run_and_its_place_is_kept(tmp_path: Path) -> None:
    def start(pipeline: Pipeline) -> None:
        window: MainWindow = the_window()
        window.stage.enter()
        overlay = window.stage.overlay
        assert overlay is not None
        later(0.2, lambda: overlay.setGeometry(50, 60, 300, 200))
        later(0.5, pipeline.request_stop)

    assert run(start) == 0
    kept = load_settings(tmp_path / "settings.json").overlay
    assert kept is not None
    assert (kept.width, kept.height) == (300, 200)
