"""A person's gestures after a change of models: said plainly, and quickly taught again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.live import switcher as switcher_module
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.live.switcher import ModelChoice, Switcher
from app.settings import SettingsStore
from app.teaching.people import People
from app.ui.application import WindowServices, make_window
from app.ui.teach.teach_dialog import TeachDialog
from app.ui.teach.teaching import Teaching
from app.ui.window import MainWindow
from models.engines.factory import OpenedEngine
from models.personal.fitting import GeneralModel
from tests.app.teaching.sets import DECISION, DIGEST, GESTURES, a_set
from tests.models.personal.lessons import general
from tests.ui.scripted import ScriptedEngine, SteadySource, a_spec

OTHER = "models/other"


@dataclass
class Setup:
    """A window, and what teaches in it."""

    window: MainWindow
    teaching: Teaching
    switcher: Switcher

    @property
    def notice(self) -> str:
        return self.window.video.banner.text

    def dialog(self) -> TeachDialog:
        """Open the dialog as Ctrl+T does."""
        self.teaching.open()
        assert self.teaching.dialog is not None
        return self.teaching.dialog


Make = Callable[..., Setup]


@pytest.fixture
def mina() -> Path:
    return People(SettingsStore().people_folder).save(a_set("Mina"))


@pytest.fixture
def make(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Show windows; the model OTHER has other weights than the one that Mina has taught."""

    def load(choice: ModelChoice, *arguments: object) -> OpenedEngine:
        return OpenedEngine(ScriptedEngine(a_spec()), "for a test", f"digest of {choice.model}")

    def model(name: str) -> GeneralModel:
        return GeneralModel(a_spec(), general().head, f"digest of {name}")

    monkeypatch.setattr(switcher_module, "load_model", load)
    monkeypatch.setattr("app.ui.teach.teaching.general_model", model)
    monkeypatch.setattr("app.ui.teach.correcting.general_model", model)
    with ExitStack() as stack:

        def make(personal: Path | None, **services: Path) -> Setup:
            opened = OpenedEngine(ScriptedEngine(a_spec()), "for a test", DIGEST)
            if personal is not None:
                opened = opened.with_set(personal)
            run = Run(opened.engine, DECISION, personal=opened.personal)
            pipeline = stack.enter_context(closing(Pipeline(lambda: SteadySource(30), run)))
            chosen = ModelChoice(personal=None if personal is None else str(personal))
            switcher = Switcher(pipeline, lambda spec: spec.decision, chosen=chosen, opened=opened)
            stack.enter_context(closing(switcher))
            given = WindowServices(switcher=switcher, steps=pipeline.steps, **services)  # type: ignore[arg-type]
            window, _ = make_window(pipeline, pipeline.model, given)
            qtbot.addWidget(window)
            window.show()
            qtbot.waitExposed(window)
            (teaching,) = window.findChildren(Teaching)
            return Setup(window, teaching, switcher)

        yield make


def test_a_switch_to_another_model_says_whose_gestures_stay_behind(
    make: Make, mina: Path, qtbot: QtBot
) -> None:
    setup = make(mina)
    assert setup.window.switcher is not None
    setup.window.switcher.use_model(OTHER)
    qtbot.waitUntil(lambda: "The gestures of Mina do not run with this model" in setup.notice)
    assert "teach the gestures again with Ctrl+T" in setup.notice
    page = setup.dialog().choose
    assert page.name.text() == "Mina"
    assert set(page.chosen) == set(GESTURES)
    assert page.begin.isEnabled()
    setup.window.close()


def test_another_engine_or_the_general_model_leaves_nobody_behind(
    make: Make, mina: Path, qtbot: QtBot
) -> None:
    setup = make(mina)
    assert setup.window.switcher is not None
    setup.window.switcher.use_personal(None)
    qtbot.waitUntil(lambda: setup.window.switcher.status.switches == 1)  # type: ignore[union-attr]
    setup.window.switcher.use_model(OTHER)
    qtbot.waitUntil(lambda: setup.window.switcher.status.switches == 2)  # type: ignore[union-attr]
    assert setup.notice == ""
    setup.window.close()


def test_whoever_was_left_out_at_the_start_is_told_in_the_window(make: Make) -> None:
    path = People(SettingsStore().people_folder).save(a_set("Mina", digest="another"))
    setup = make(None, left_out=path)
    assert "The gestures of Mina do not run with this model" in setup.notice
    assert setup.dialog().choose.name.text() == "Mina"
    setup.window.close()


def test_a_set_that_is_gone_is_not_named(make: Make, tmp_path: Path) -> None:
    setup = make(None, left_out=tmp_path / "gone.set")
    assert setup.notice == ""
    setup.window.close()
