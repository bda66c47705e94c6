"""A line of the log says what a gesture really was, and the set learns it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.live.step_memory import StepMemory
from app.live.switcher import ModelChoice, SwitchStatus
from app.ui.teach.correcting import Correcting
from app.ui.teach.gesture_log import GestureLog
from models.decision import Gesture
from models.errors import ModelError
from models.personal.personal_set import read_set, write_set
from models.personal.teaching import lesson_of, teach
from tests.app.teaching.steps import Person
from tests.app.teaching.test_corrections import like_a_wave
from tests.models.personal.lessons import INTERVAL_S, general, lesson
from tests.ui.scripted import a_snapshot


class ScriptedSwitcher(QObject):
    """Notes which sets are to run."""

    status_changed = pyqtSignal(object)

    def __init__(self, personal: str | None) -> None:
        super().__init__()
        self.status = SwitchStatus(ModelChoice("default", "auto", personal))
        self.used: list[str] = []

    def use_personal(self, path: str) -> None:
        self.used.append(path)


@dataclass
class Bench:
    """A log, its corrections, and the person whose set runs."""

    qtbot: QtBot
    folder: Path
    keep: bool = True
    person: Person = field(default_factory=Person)

    def __post_init__(self) -> None:
        shown = lesson(Wave=0, Heart=5)
        taught = teach(general(), shown, "Mina")
        self.path = self.folder / "Mina.set"
        write_set(self.path, taught.keeping(shown) if self.keep else taught.set)
        self.log = GestureLog()
        self.qtbot.addWidget(self.log)
        self.memory = ScriptedMemory()
        self.switcher = ScriptedSwitcher(str(self.path))
        self.correcting = Correcting(self.log, self.memory, self.switcher, self.log)  # type: ignore[arg-type]

    def fire_a_wave(self) -> Gesture:
        """Let something that looks like a wave fire, and time go on."""
        steps = [self.person.step() for _ in range(20)]
        for values in like_a_wave(2.6):
            step = self.person.step()
            step.features[:] = values  # type: ignore[index]
            steps.append(step)
        gesture = Gesture("Wave", 0.93, steps[-8].time_s)
        steps += [self.person.step() for _ in range(10)]
        self.memory.remembered = steps
        self.log.show_snapshot(a_snapshot(gesture=gesture), steps[-1].run)
        return gesture

    def wait(self) -> None:
        def done() -> bool:
            self.correcting.poll()
            return not self.correcting._timer.isActive()

        self.qtbot.waitUntil(done, timeout=30_000)


class ScriptedMemory(StepMemory):
    """Remembers what a test has prepared."""

    def __init__(self) -> None:
        super().__init__()
        self.remembered: list = []  # type: ignore[type-arg]

    def after(self, index: int) -> list:  # type: ignore[type-arg]
        return [step for step in self.remembered if step.index > index]

    @property
    def newest(self):  # type: ignore[no-untyped-def]
        return self.remembered[-1] if self.remembered else None


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.teach.correcting.general_model", lambda model: general())


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Bench:
    return Bench(qtbot, tmp_path)


def test_a_gesture_that_was_nothing_joins_the_ordinary_behavior(bench: Bench) -> None:
    bench.fire_a_wave()
    assert "Wave" in bench.log.entries[0].text
    bench.log.nothing.click()
    assert "learning" in bench.log.entries[0].text
    bench.wait()
    assert "was nothing" in bench.log.entries[0].text
    assert bench.switcher.used == [str(bench.path)]
    kept = lesson_of(read_set(bench.path), INTERVAL_S)
    assert kept is not None
    assert len(kept.ordinary) > 1


def test_a_gesture_that_was_another_becomes_a_take_of_it(bench: Bench) -> None:
    bench.fire_a_wave()
    press(bench.log.was_menu.actions(), "Heart")
    bench.wait()
    kept = lesson_of(read_set(bench.path), INTERVAL_S)
    if not kept or len(kept.of("Heart")) != 6:  # worse on the takes: it asks
        answer(QMessageBox.StandardButton.Yes)
        kept = lesson_of(read_set(bench.path), INTERVAL_S)
    assert kept is not None
    assert len(kept.of("Heart")) == 6


def test_a_gesture_that_was_missed_becomes_a_take(bench: Bench) -> None:
    bench.memory.remembered = [
        bench.person.step(5 if 30 <= index < 38 else None) for index in range(60)
    ]
    press(bench.log.missed_menu.actions(), "Heart")
    bench.wait()
    kept = lesson_of(read_set(bench.path), INTERVAL_S)
    assert kept is not None
    assert len(kept.of("Heart")) == 6


def test_what_makes_the_takes_worse_is_not_used_unless_wanted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.teaching.corrections.Corrected.worse", property(lambda self: True))
    before = bench.path.read_bytes()
    for wanted, used in ((QMessageBox.StandardButton.No, 0), (QMessageBox.StandardButton.Yes, 1)):
        bench.fire_a_wave()
        bench.log.nothing.click()
        bench.wait()
        assert bench.path.read_bytes() == before
        answer(wanted)
        assert len(bench.switcher.used) == used
    assert bench.path.read_bytes() != before


def test_what_is_too_long_ago_says_what_to_do(bench: Bench) -> None:
    bench.fire_a_wave()
    bench.memory.remembered = [bench.person.step() for _ in range(20)]
    bench.person.interrupt()
    bench.memory.remembered = [bench.person.step() for _ in range(20)]
    bench.log.nothing.click()
    bench.wait()
    said = bench.log.entries[0].text
    assert "not remembered any more; correct a gesture within 30 seconds" in said


def test_without_what_was_taken_nothing_can_be_corrected(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, keep=False)
    bench.fire_a_wave()
    assert not bench.log.nothing.isEnabled()
    assert "was not kept" in bench.log.remark.text()


def test_in_the_sitting_in_which_they_were_taught_they_can_be_corrected(
    qtbot: QtBot, tmp_path: Path
) -> None:
    bench = Bench(qtbot, tmp_path, keep=False)
    bench.correcting.keep_lesson(bench.path, lesson(Wave=0, Heart=5))
    bench.correcting.show_choice(bench.switcher.status.chosen)
    bench.fire_a_wave()
    bench.log.nothing.click()
    bench.wait()
    assert bench.switcher.used
    assert not read_set(bench.path).kept  # features are stored only if that was wanted


def test_the_models_own_gestures_are_listed_but_not_corrected(bench: Bench) -> None:
    bench.correcting.show_choice(ModelChoice())
    bench.fire_a_wave()
    assert len(bench.log.entries) == 1
    assert not bench.log.nothing.isEnabled()
    assert "Ctrl+T" in bench.log.remark.text()


def test_a_gesture_is_listed_once(bench: Bench) -> None:
    gesture = Gesture("Wave", 0.9, 1.0)
    for _ in range(3):
        bench.log.show_snapshot(a_snapshot(gesture=gesture), 1)
    assert len(bench.log.entries) == 1


def press(actions: list, text: str) -> None:  # type: ignore[type-arg]
    next(action for action in actions if action.text() == text).trigger()


def answer(button: QMessageBox.StandardButton) -> None:
    boxes = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]
    (box,) = [box for box in boxes if box.isVisible()]
    found = box.button(button)
    assert found is not None
    found.click()


def another_person(bench: Bench) -> Path:
    """Let another person's set run."""
    shown = lesson(Wave=0, Heart=5)
    path = bench.folder / "Ada.set"
    write_set(path, teach(general(), shown, "Ada").keeping(shown))
    bench.correcting.show_choice(ModelChoice("default", "auto", str(path)))
    return path


@pytest.mark.parametrize("fitting", [False, True])
def test_a_correction_never_goes_to_a_set_that_was_switched_to(bench: Bench, fitting: bool) -> None:
    bench.fire_a_wave()
    bench.log.nothing.click()
    if fitting:
        bench.correcting.poll()
    mina = bench.path.read_bytes()
    ada = another_person(bench)
    before = ada.read_bytes()
    bench.wait()
    assert (bench.path.read_bytes(), ada.read_bytes()) == (mina, before)
    assert "the set was switched" in bench.log.entries[0].text
    assert not bench.switcher.used


def test_an_answer_after_the_switch_changes_no_set(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.teaching.corrections.Corrected.worse", property(lambda self: True))
    bench.fire_a_wave()
    bench.log.nothing.click()
    bench.wait()
    ada = another_person(bench)
    before = ada.read_bytes()
    answer(QMessageBox.StandardButton.Yes)
    assert ada.read_bytes() == before
    assert not bench.switcher.used


def test_a_set_that_was_taught_anew_meanwhile_stays(bench: Bench) -> None:
    bench.fire_a_wave()
    bench.log.nothing.click()
    bench.correcting.poll()
    anew = lesson(Heart=5)
    write_set(bench.path, teach(general(), anew, "Mina").keeping(anew))
    content = bench.path.read_bytes()
    bench.correcting.keep_lesson(bench.path, anew)
    bench.correcting.show_choice(bench.switcher.status.chosen)
    bench.wait()
    assert bench.path.read_bytes() == content


def test_a_set_of_the_same_file_is_not_corrected_with_takes_of_the_one_before(bench: Bench) -> None:
    other = lesson(Heart=5)
    write_set(bench.path, teach(general(), other, "Mina").set)
    bench.correcting.show_choice(bench.switcher.status.chosen)
    assert not bench.log.missed_one.isEnabled()
    assert "was not kept" in bench.log.remark.text()


def test_moments_of_another_model_teach_nothing(bench: Bench) -> None:
    bench.fire_a_wave()
    for step in bench.memory.remembered:
        object.__setattr__(step, "features", step.features[:5])
    bench.log.nothing.click()
    bench.wait()
    press(bench.log.missed_menu.actions(), "Heart")
    bench.wait()
    assert "not remembered any more" in bench.log.entries[0].text
    assert "make it again, and say so within 6 seconds" in bench.log.remark.text()


def test_a_model_that_is_gone_is_said_and_ends_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(model: str) -> None:
        raise ModelError("There is no model.")

    monkeypatch.setattr("app.ui.teach.correcting.general_model", gone)
    bench.fire_a_wave()
    bench.log.nothing.click()
    bench.wait()
    assert "There is no model." in bench.log.entries[0].text
    bench.correcting._lessons.clear()
    bench.correcting.show_choice(bench.switcher.status.chosen)
    assert "There is no model." in bench.log.remark.text()


def test_a_source_that_ends_does_not_hold_corrections_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.teach.correcting.LONGEST_WAIT_S", 0.05)
    monkeypatch.setattr("app.teaching.corrections.Corrected.worse", property(lambda self: False))
    gesture = bench.fire_a_wave()
    bench.memory.remembered = [
        step for step in bench.memory.remembered if step.time_s <= gesture.time_s + 0.2
    ]
    bench.log.nothing.click()
    bench.wait()
    assert "was nothing" in bench.log.entries[0].text


def test_pressing_twice_corrects_once(bench: Bench) -> None:
    bench.fire_a_wave()
    bench.log.nothing.click()
    bench.log.nothing.click()
    bench.wait()
    assert len(bench.switcher.used) == 1


def test_an_internal_error_in_a_fit_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise ValueError("shapes")

    monkeypatch.setattr("app.teaching.corrections.teach", broken)
    bench.fire_a_wave()
    bench.log.nothing.click()
    bench.wait()
    assert "internal error" in bench.log.entries[0].text


# The keys, wherever the page is


@pytest.fixture
def said(bench: Bench) -> list[str]:
    heard: list[str] = []
    bench.log.noted.connect(heard.append)
    return heard


def test_the_key_is_about_the_newest_gesture_whichever_line_is_chosen(
    bench: Bench, said: list[str]
) -> None:
    bench.fire_a_wave()
    bench.fire_a_wave()
    bench.log.list.setCurrentRow(1)
    bench.log.say_newest_was_nothing()
    bench.wait()
    newest, older = bench.log.entries
    assert "was nothing" in newest.text
    assert not older.remark
    assert said[0] == "Wave: learning…"
    assert said[1].startswith("Wave: was nothing")


def test_the_button_is_about_the_chosen_line(bench: Bench) -> None:
    bench.fire_a_wave()
    bench.fire_a_wave()
    bench.log.list.setCurrentRow(1)
    bench.log.nothing.click()
    bench.wait()
    newest, older = bench.log.entries
    assert older.remark
    assert not newest.remark


def test_the_key_says_why_nothing_can_be_corrected(bench: Bench, said: list[str]) -> None:
    bench.log.say_newest_was_nothing()
    assert said.pop() == "No gesture has fired yet."
    bench.correcting.show_choice(ModelChoice())
    bench.fire_a_wave()
    bench.log.say_newest_was_nothing()
    assert "teach them with Ctrl+T" in said.pop()
    assert not bench.log.can_be_corrected()
    assert "teach them with Ctrl+T" in said.pop()


def test_the_key_says_that_the_takes_were_not_kept(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, keep=False)
    heard: list[str] = []
    bench.log.noted.connect(heard.append)
    bench.log.say_newest_was_nothing()
    assert "was not kept" in heard[0]


def test_a_missed_gesture_is_noted_as_well(bench: Bench, said: list[str]) -> None:
    bench.memory.remembered = [
        bench.person.step(5 if 30 <= index < 38 else None) for index in range(60)
    ]
    press(bench.log.missed_menu.actions(), "Heart")
    bench.wait()
    assert said[0] == "Heart: learning…"
    assert said[1].startswith("Heart: was Heart")
