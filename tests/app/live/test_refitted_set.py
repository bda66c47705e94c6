"""A person's set that was fitted again takes over between two samples, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app.control.actions import ControlAction
from app.control.arming import Cause
from app.control.bindings import Binding
from app.control.controller import Controller
from app.control.settings import ControlSettings
from app.live.events import ControlEvent, GestureEvent
from app.live.run import Run
from app.live.switcher import ModelChoice, Switcher
from app.recording.header import RecordedModel
from app.recording.recorder import Recorder
from models.decision import DecisionSettings
from models.engines.base import EngineState, StepResult
from models.engines.factory import OpenedEngine
from models.linear_head import LinearHead
from models.personal.personal_set import PersonalSet, write_set
from tests.app.control.fakes import RememberingSender
from tests.app.fakes import EventList, FakeEngine, make_frame, wait_until
from tests.app.teaching.sets import DIGEST, GESTURES, SILENT, a_set

FIRST, SECOND = GESTURES
LABELS = (*GESTURES, *SILENT)
QUICK = DecisionSettings(fire_above=0.6, hold_s=0.1, release_s=0.2)


class ShowingEngine(FakeEngine):
    """Gives one feature that is 1 while something is shown, and 0 otherwise."""

    shown = False

    def step(self, frame: object, state: EngineState) -> StepResult:
        result = super().step(frame, state)  # type: ignore[arg-type]
        return result._replace(features=np.array([float(self.shown)], np.float32))


def taking_it_for(label: str, decision: DecisionSettings = QUICK) -> PersonalSet:
    """Return a set for which what is shown is a gesture, and anything else none."""
    weight, bias = np.zeros((len(LABELS), 2)), np.zeros(len(LABELS))
    weight[LABELS.index(label), 0] = 20
    bias[LABELS.index(SILENT[0])] = 5
    made = a_set()
    changed = msgspec.structs.replace(made.about, labels=LABELS, decision=decision)
    return replace(made, about=changed, head=LinearHead(weight, bias))


@dataclass
class Stage:
    """A run whose control is armed; no thread drives it."""

    recorder: Recorder | None = None
    engine: ShowingEngine = field(default_factory=ShowingEngine)
    sender: RememberingSender = field(default_factory=RememberingSender)
    events: EventList = field(default_factory=EventList)
    index: int = 0

    def __post_init__(self) -> None:
        bindings = {label: Binding(ControlAction.NEXT) for label in GESTURES}
        self.control = Controller(self.sender, ControlSettings(bindings=bindings))
        self.run = Run(
            self.engine,
            QUICK,
            on_event=self.events.append,
            control=self.control,
            recorder=self.recorder,
            personal=taking_it_for(FIRST),
        )
        self.control.arm(Cause.BUTTON)

    def show(self, steps: int, *, shown: bool) -> None:
        """Go on for some steps."""
        self.engine.shown = shown
        for _ in range(steps):
            sample = self.run.take(make_frame(self.index * 0.125, self.index))
            assert sample is not None
            self.run.recognize(sample)
            self.index += 1

    def refit(self, personal: PersonalSet) -> None:
        opened = OpenedEngine(self.engine, "for a test", DIGEST)._replace(personal=personal)
        self.run.use_set(opened, personal.about.decision)

    @property
    def gestures(self) -> list[str]:
        return [event.label for event in self.events.of(GestureEvent)]


def test_the_control_stays_armed_and_the_next_gesture_sends_its_key() -> None:
    stage = Stage()
    stage.show(12, shown=True)
    stage.show(12, shown=False)
    stage.refit(taking_it_for(SECOND))
    stage.show(12, shown=True)
    assert stage.gestures == [FIRST, SECOND]
    assert len(stage.sender.sent) == 2
    assert stage.control.status.armed
    assert [event.armed for event in stage.events.of(ControlEvent)] == [True]


def test_the_stream_goes_on() -> None:
    stage = Stage()
    stage.show(5, shown=False)
    stage.refit(taking_it_for(SECOND))
    stage.show(3, shown=False)
    assert stage.engine.states == list(range(8))
    assert {step.run for step in stage.run.steps.after(-1)} == {1}


def test_a_gesture_that_has_fired_is_not_fired_again_as_another() -> None:
    stage = Stage()
    stage.show(12, shown=True)
    stage.refit(taking_it_for(SECOND))
    stage.show(12, shown=True)
    assert stage.gestures == [FIRST]
    stage.show(12, shown=False)
    stage.show(12, shown=True)
    assert stage.gestures == [FIRST, SECOND]


def test_the_thresholds_of_the_new_set_hold_and_are_shown() -> None:
    stage = Stage()
    strict = msgspec.structs.replace(QUICK, hold_s=30.0)
    stage.refit(taking_it_for(SECOND, strict))
    stage.show(12, shown=True)
    assert stage.gestures == []
    assert stage.run.model.spec.decision == strict


def test_a_recording_ends_complete(tmp_path: Path) -> None:
    engine = ShowingEngine()
    recorder = Recorder(RecordedModel(engine.spec, DIGEST, engine.name), patient=True)
    stage = Stage(recorder, engine)
    recorder.start(tmp_path / "talk.adafuse")
    stage.show(4, shown=False)
    stage.refit(taking_it_for(SECOND))
    assert recorder.status.path is None
    assert not recorder.status.failure


def test_a_set_with_other_labels_never_takes_over_a_stream() -> None:
    stage = Stage()
    with pytest.raises(ValueError, match="same labels"):
        stage.refit(of_one_gesture_less())


def of_one_gesture_less() -> PersonalSet:
    made = taking_it_for(FIRST)
    about = msgspec.structs.replace(made.about, labels=LABELS[1:])
    return replace(made, about=about)


class Notebook:
    """A pipeline that notes in which way it was asked to go on."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def use_engine(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        self.asked.append("engine")

    def use_set(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        assert choice.personal is not None
        self.asked.append(f"set of {choice.personal.about.name}")

    def use_source(self, source_factory: object, *, loop: bool = False) -> None:
        raise AssertionError


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def switcher(notebook: Notebook, tmp_path: Path) -> Iterator[Switcher]:
    """Switch a pipeline on which Mina's set runs."""
    write_set(tmp_path / "mina.set", a_set("Mina"))
    write_set(tmp_path / "ada.set", a_set("Ada"))
    opened = OpenedEngine(FakeEngine(), "for a test", DIGEST).with_set(tmp_path / "mina.set")
    choice = ModelChoice(personal=str(tmp_path / "mina.set"))
    made = Switcher(notebook, lambda spec: spec.decision, chosen=choice, opened=opened)
    with closing(made):
        yield made


def asked_for(switcher: Switcher, path: Path) -> None:
    before = switcher.status.switches
    switcher.use_model(ModelChoice(personal=str(path)))
    wait_until(lambda: switcher.status.switches > before)


def test_only_the_set_that_runs_is_taken_over_without_a_break(
    switcher: Switcher, notebook: Notebook, tmp_path: Path
) -> None:
    asked_for(switcher, tmp_path / "mina.set")
    asked_for(switcher, tmp_path / "ada.set")
    asked_for(switcher, tmp_path / "ada.set")
    assert notebook.asked == ["set of Mina", "engine", "set of Ada"]


def test_a_set_that_was_taught_other_gestures_is_a_switch(
    switcher: Switcher, notebook: Notebook, tmp_path: Path
) -> None:
    taught = a_set("Mina")
    about = msgspec.structs.replace(taught.about, labels=("Wave", *taught.about.labels[1:]))
    write_set(tmp_path / "mina.set", replace(taught, about=about))
    asked_for(switcher, tmp_path / "mina.set")
    assert notebook.asked == ["engine"]
    assert not switcher.status.failure
