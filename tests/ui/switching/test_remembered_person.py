"""Whoever was chosen in the window runs in the next one, unless that is not possible any more."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.command_line import parse
from app.control.actions import ControlAction
from app.control.bindings import Binding
from app.control.controller import Controller
from app.control.settings import ControlSettings
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.live.switcher import ModelChoice, load_model
from app.main import main
from app.session import open_session
from app.settings import Settings, SettingsStore, load_settings
from app.teaching.people import People
from app.ui.application import WindowServices, make_window
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine
from models.live import LiveModel
from tests.app.control.fakes import RememberingSender
from tests.app.teaching.sets import DECISION, GESTURES, a_set
from tests.ui.scripted import ScriptedEngine, SteadySource, a_spec
from tests.ui.switching.test_switch_menus import entry
from tests.ui.switching.test_switching_window import when
from tests.ui.test_run_window import the_window

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def engine(tiny_bundle: Path) -> OpenedEngine:
    return load_model(ModelChoice(str(tiny_bundle), "onnx"), 1, lambda fraction: None)


@pytest.fixture(scope="module")
def features(engine: OpenedEngine) -> int:
    """Return how many features the tiny network gives."""
    picture = SteadySource(30).read()
    assert picture is not None
    step = LiveModel(engine.engine).see(picture)
    assert step is not None
    assert step.features is not None
    return int(step.features.shape[-1])


@pytest.fixture
def store(tmp_path: Path, tiny_bundle: Path) -> SettingsStore:
    """Return the settings of somebody who has chosen the tiny model and Mina."""
    store = SettingsStore()
    people = People(store.people_folder)
    personal = str(people.path_of("Mina"))
    store.change(model=str(tiny_bundle), engine="onnx", personal=personal)
    return store


@pytest.fixture
def mina(store: SettingsStore, engine: OpenedEngine, features: int) -> Path:
    return People(store.people_folder).save(
        a_set("Mina", digest=engine.weights_digest, features=features)
    )


def started(*arguments: str) -> tuple[str | None, str | None]:
    """Start in a window; return whose gestures run, and their file as the menu gets it."""
    options = parse(["--source", "demo", "--control", "off", *arguments])
    with open_session(options, in_window=True) as session:
        personal = session.engine.personal
        name = None if personal is None else personal.about.name
        return name, session.options.personal


def left_out() -> Path | None:
    """Start in a window; return the set that cannot be used any more."""
    options = parse(["--source", "demo", "--control", "off"])
    with open_session(options, in_window=True) as session:
        return session.left_out


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


def test_the_person_of_the_window_before_runs_with_the_model_of_then(
    mina: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert started() == ("Mina", str(mina))
    assert warnings(caplog) == []


def test_a_named_set_wins(mina: Path, engine: OpenedEngine, features: int, tmp_path: Path) -> None:
    guest = a_set("A guest", digest=engine.weights_digest, features=features)
    path = People(tmp_path / "elsewhere").save(guest)
    assert started("--personal", str(path)) == ("A guest", str(path))


def test_a_named_model_leaves_the_person_out(mina: Path, tiny_bundle: Path) -> None:
    assert started("--model", str(tiny_bundle)) == (None, None)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda path: path.unlink(), "There is no personal set"),
        (lambda path: path.write_bytes(b"broken"), "or it is damaged"),
        (
            lambda path: People(path.parent).save(a_set("Mina", digest="another")),
            "does not fit this version",
        ),
    ],
    ids=["gone", "damaged", "another model"],
)
def test_a_person_who_cannot_run_any_more_is_told_once_and_the_general_model_runs(
    mina: Path,
    store: SettingsStore,
    tiny_bundle: Path,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[Path], object],
    complaint: str,
) -> None:
    damage(mina)
    assert started() == (None, None)
    (warning,) = warnings(caplog)
    assert warning.startswith("The model's own gestures are used: ")
    assert complaint in warning
    kept = load_settings(store.people_folder.parent / "settings.json")
    assert (kept.model, kept.personal) == (str(tiny_bundle), None)
    caplog.clear()
    assert started() == (None, None)
    assert warnings(caplog) == []


def test_the_window_is_told_once_who_was_left_out(mina: Path) -> None:
    assert left_out() is None
    People(mina.parent).save(a_set("Mina", digest="another"))
    assert left_out() == mina
    assert left_out() is None


def test_a_run_without_a_window_uses_nobodys_gestures(
    mina: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    given = ("--source", "demo", "--engine", "onnx", "--events", tmp_path / "events.jsonl")
    options = parse(["--headless", "--model", str(tiny_bundle), *map(str, given)])
    with open_session(options, in_window=False) as session:
        assert session.engine.personal is None


def once_it_runs(then: Callable[[], object]) -> None:
    """Wait for the window and its first prediction, within the application's loop."""
    timer = QTimer(QApplication.instance())

    def look() -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)]
        if windows and len(windows[0].thumbnails.images):
            timer.stop()
            then()

    timer.timeout.connect(look)
    timer.start(20)


@pytest.mark.usefixtures("apart")
def test_a_choice_in_the_window_is_kept_and_seen_and_dropped_with_the_model(
    mina: Path, store: SettingsStore, tiny_bundle: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(tiny_bundle, tmp_path / "other")
    path = store.people_folder.parent / "settings.json"
    store.change(personal=None)
    seen: list[tuple[str, str, list[str], str | None]] = []

    def choose() -> None:
        window = the_window()
        menus = window.switch_menus
        assert menus is not None
        assert menus.person is not None
        menus.person.aboutToShow.emit()
        entry(menus.person, "Mina").trigger()
        when(
            lambda: (
                window.status_line.person.isVisible() and load_settings(path).personal is not None
            ),
            look,
        )

    def look() -> None:
        window = the_window()
        window.help.show_guide()
        guide, line = window.help.guide, window.status_line
        assert guide is not None
        listed = guide.list.findItems("*", Qt.MatchFlag.MatchWildcard)
        gestures = [item.text() for item in listed]
        kept = load_settings(path).personal
        seen.append((line.person.text(), line.model.text(), gestures, kept))
        assert window.switcher is not None
        window.switcher.use_model(str(other))
        when(lambda: load_settings(path).model == str(other), window.close)

    once_it_runs(choose)
    assert main(["--source", "demo", "--control", "off", "--duration", "30"]) == 0
    assert seen == [("Gestures of Mina", "Model tiny", list(GESTURES), str(mina))]
    kept = load_settings(path)
    assert (kept.model, kept.personal) == (str(other), None)


@pytest.fixture
def pipeline() -> Iterator[Pipeline]:
    opened = OpenedEngine(ScriptedEngine(a_spec()), "for a test")._replace(personal=a_set("Mina"))
    made = Pipeline(
        lambda: SteadySource(30), Run(opened.engine, DECISION, personal=opened.personal)
    )
    yield made
    made.close()


def test_thresholds_of_a_person_are_shown_and_kept_for_nobody_else(
    pipeline: Pipeline, qtbot: QtBot
) -> None:
    store = SettingsStore()
    chosen = DecisionSettings(fire_above=0.6)
    store.change(decision=chosen)
    control = Controller(RememberingSender(), ControlSettings())
    services = WindowServices(settings=store, control=control)
    window, polled = make_window(pipeline, pipeline.model, services)
    qtbot.addWidget(window)
    assert window.control is not None
    assert window.control.decision == DECISION
    window.control.set_decision(DecisionSettings(fire_above=0.9))
    assert store.current.decision == chosen
    pipeline.use_engine(OpenedEngine(ScriptedEngine(a_spec()), "for a test"), chosen)
    polled.poll()
    assert window.control.decision == chosen
    window.control.set_decision(DecisionSettings(fire_above=0.8))
    assert store.current.decision == DecisionSettings(fire_above=0.8)
    polled.close()
    window.close()


def test_a_label_that_is_misspelled_is_told_of_each_model_that_runs(
    pipeline: Pipeline, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    store = SettingsStore()
    bound = {a_spec().labels[0].upper(): Binding(ControlAction.BLACK)}
    store.change(control=ControlSettings(bindings=bound))
    control = Controller(RememberingSender(), store.current.control)
    services = WindowServices(settings=store, control=control)
    window, polled = make_window(pipeline, pipeline.model, services)
    qtbot.addWidget(window)
    pipeline.use_engine(OpenedEngine(ScriptedEngine(a_spec()), "for a test"), DECISION)
    polled.poll()
    polled.poll()
    assert caplog.text.count(f"write '{a_spec().labels[0]}' if that is meant") == 1
    polled.close()
    window.close()


def test_settings_of_before_there_were_persons_are_read(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"format": 1, "engine": "onnx"}')
    assert load_settings(tmp_path / "settings.json") == Settings(engine="onnx")
