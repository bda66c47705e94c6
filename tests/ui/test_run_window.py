"""The window over a real pipeline: it ends when it should, at once, and leaves nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from PyQt6.QtCore import QPoint, QRect, QTimer, qInstallMessageHandler, qWarning
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.live.events import Event, SummaryEvent
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.live.snapshot import RunningModel
from app.settings import Settings, WindowGeometry, load_settings, save_settings
from app.sources.base import FrameSource, SourceError
from app.ui.application import run_window
from app.ui.qt_messages import handle_qt_messages
from app.ui.window import MINIMUM_SIZE, MainWindow
from models.decision import DecisionSettings
from tests.ui.scripted import ScriptedEngine, SteadySource, StillPipeline, a_frame, a_spec

pytestmark = pytest.mark.usefixtures("qapp")


def a_pipeline(
    source_factory: Callable[[], FrameSource] | None = None, *, delay_s: float = 0.0
) -> Pipeline:
    return Pipeline(
        source_factory or (lambda: SteadySource(30)),
        Run(ScriptedEngine(a_spec(), delay_s=delay_s), DecisionSettings()),
    )


def run(pipeline: Pipeline | StillPipeline, duration_s: float | None = None) -> int:
    return run_window(pipeline, RunningModel(a_spec(), "scripted"), duration_s)


def the_window() -> MainWindow:
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
    assert len(windows) == 1
    return windows[0]


def later(seconds: float, action: Callable[[], object]) -> None:
    QTimer.singleShot(round(seconds * 1000), action)


def test_it_closes_by_itself_after_the_given_time() -> None:
    started_s = time.monotonic()

    assert run(a_pipeline(), duration_s=0.6) == 0

    assert 0.6 <= time.monotonic() - started_s < 1.9


def test_a_stop_asked_for_before_the_window_is_up_ends_it_at_once() -> None:
    pipeline = a_pipeline()
    pipeline.request_stop()
    started_s = time.monotonic()

    assert run(pipeline, duration_s=20) == 0

    assert time.monotonic() - started_s < 5


def test_a_display_that_is_lost_while_the_window_is_built_ends_the_run_in_good_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events: list[Event] = []
    exits: list[tuple[int, Event]] = []

    def lose_display(*_: object) -> NoReturn:
        while not events:
            time.sleep(0.01)
        qWarning("The X11 connection broke (error 1). Did the X11 server die?")
        raise SystemExit(0)  # where the process would be gone

    monkeypatch.setattr("app.ui.application.make_window", lose_display)
    monkeypatch.setattr("os._exit", lambda code: exits.append((code, events[-1])))
    pipeline = Pipeline(
        lambda: SteadySource(30),
        Run(ScriptedEngine(a_spec()), DecisionSettings(), on_event=events.append),
    )
    previous = qInstallMessageHandler(None)
    try:
        handle_qt_messages()
        with pytest.raises(SystemExit):
            run(pipeline)
    finally:
        qInstallMessageHandler(previous)
    code, last = exits[0]
    assert code == 1
    assert isinstance(last, SummaryEvent)


def test_closing_joins_the_threads_within_a_second() -> None:
    closed_s = 0.0
    before = set(threading.enumerate())

    def close() -> None:
        nonlocal closed_s
        assert len(set(threading.enumerate()) - before) == 2
        closed_s = time.monotonic()
        the_window().close()

    later(0.7, close)
    assert run(a_pipeline(delay_s=0.05)) == 0

    assert time.monotonic() - closed_s < 1.0
    assert set(threading.enumerate()) - before == set()


def test_the_source_is_released() -> None:
    source = SteadySource(30)

    run(a_pipeline(lambda: source), duration_s=0.3)

    assert source.closed


def test_what_the_pipeline_says_is_on_the_screen() -> None:
    seen: list[tuple[str, str, str]] = []

    def look() -> None:
        window = the_window()
        label, line = window.video.prediction, window.status_line
        seen.append((label.label, line.source.text(), window.flops.figure.text()))
        window.close()

    later(1.0, look)
    run(a_pipeline())

    label, source, figure = seen[0]
    assert label in a_spec().labels
    assert source == "Camera 0"
    assert float(figure) > 0


def test_the_end_of_a_file_leaves_the_window_open() -> None:
    class ShortFile(SteadySource):
        live = False

    texts: list[str] = []
    later(0.9, lambda: texts.append(the_window().video.banner.text))

    assert run(a_pipeline(lambda: ShortFile(30, frames=10)), duration_s=1.1) == 0
    assert texts == ["End of file"]


def test_a_source_that_cannot_be_opened_is_told_and_fails_the_run() -> None:
    def broken() -> FrameSource:
        raise SourceError("There is no camera 3; choose another with --camera.")

    texts: list[str] = []
    later(0.4, lambda: texts.append(the_window().video.banner.text))

    assert run(a_pipeline(broken), duration_s=0.6) == 1
    assert texts == ["Stopped\nThere is no camera 3; choose another with --camera."]


def test_a_request_to_stop_closes_the_window() -> None:
    pipeline = a_pipeline()
    later(0.3, pipeline.request_stop)
    started_s = time.monotonic()

    assert run(pipeline) == 0

    assert time.monotonic() - started_s < 2


def test_an_error_in_the_window_ends_it_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(window: MainWindow, frame: object) -> None:
        raise RuntimeError("out of paint")

    monkeypatch.setattr(MainWindow, "show_frame", broken)
    pipeline = StillPipeline()
    pipeline.frames.put(a_frame())

    with caplog.at_level(logging.INFO):
        assert run(pipeline) == 1

    assert [record.getMessage() for record in caplog.records] == [
        "The window stopped because of an internal error (RuntimeError: out of paint); "
        "run again with --verbose and report what it says."
    ]
    assert pipeline.closed == 1


def test_the_pipeline_is_closed_even_if_the_window_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no window")

    monkeypatch.setattr("app.ui.application.MainWindow", broken)
    pipeline = StillPipeline()

    with pytest.raises(RuntimeError, match="no window"):
        run(pipeline)
    assert pipeline.closed == 1


def test_no_window_is_left_behind() -> None:
    run(StillPipeline(), duration_s=0.1)

    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]


def test_size_and_mirror_are_remembered(tmp_path: Path) -> None:
    def change() -> None:
        the_window().resize(1111, 777)
        the_window().mirror_action.trigger()
        later(0.1, the_window().close)

    later(0.1, change)
    run(StillPipeline())
    saved = load_settings(tmp_path / "settings.json")
    assert saved.window is not None
    assert (saved.window.width, saved.window.height) == (1111, 777)
    assert not saved.mirrored

    found: list[tuple[int, int, bool]] = []

    def look() -> None:
        window = the_window()
        found.append((window.width(), window.height(), window.video.mirrored))
        window.close()

    later(0.1, look)
    run(StillPipeline())
    screen = QApplication.primaryScreen()
    assert screen is not None
    room = screen.availableSize()
    assert found == [(max(960, min(1111, room.width())), max(500, min(777, room.height())), False)]


def test_a_window_of_an_unplugged_screen_comes_back_into_reach(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings = load_settings(path)
    lost = WindowGeometry(x=9000, y=-4000, width=1000, height=700)
    save_settings(path, type(settings)(window=lost))
    places: list[tuple[int, int]] = []

    def look() -> None:
        window = the_window()
        places.append((window.x(), window.y()))
        window.close()

    later(0.2, look)
    run(StillPipeline())

    assert places[0] != (9000, -4000)
    assert abs(places[0][0]) < 4000


def test_full_screen_is_not_remembered_as_a_size(tmp_path: Path, qtbot: QtBot) -> None:
    def change() -> None:
        the_window().full_screen_action.trigger()
        later(0.3, the_window().close)

    later(0.2, change)
    run(StillPipeline())
    saved = load_settings(tmp_path / "settings.json").window

    assert saved is not None
    assert not saved.maximized
    assert (saved.width, saved.height) <= (1280, 800)


@pytest.mark.parametrize(
    "place",
    [
        WindowGeometry(0, 0, 10**12, 800),
        WindowGeometry(-(10**12), 10**30, 1280, 800),
        WindowGeometry(0, 0, -5, 0),
        WindowGeometry(100_000, 100_000, 1280, 800),
    ],
)
def test_a_place_that_makes_no_sense_is_forgotten(tmp_path: Path, place: WindowGeometry) -> None:
    path = tmp_path / "settings.json"
    save_settings(path, Settings(window=place))
    screen = QApplication.primaryScreen()
    assert screen is not None
    room = screen.availableSize()
    seen: list[QRect] = []
    later(0.3, lambda: seen.append(the_window().geometry()))

    assert run(a_pipeline(), duration_s=0.5) == 0

    assert 0 < seen[0].width() <= max(room.width(), MINIMUM_SIZE[0])
    assert QRect(QPoint(), room).contains(seen[0].topLeft())


def test_a_failure_is_told_while_the_window_is_still_open(caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> FrameSource:
        raise SourceError("The camera caught fire; use another one.")

    said: list[list[str]] = []
    later(0.5, lambda: said.append([record.getMessage() for record in caplog.records]))

    assert run(a_pipeline(refuse), duration_s=0.7) == 1

    assert said == [["The camera caught fire; use another one."]]
    assert len(caplog.records) == 1
