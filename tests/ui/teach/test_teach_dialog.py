"""The dialog "Teach" leads from the choice of gestures to a set that runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.live.step_memory import RememberedStep, StepMemory
from app.teaching.course import TAKE_S, TAKES, Phase, ShownTake
from app.teaching.people import People
from app.ui.teach.teach_dialog import TeachDialog
from models.personal.personal_set import read_set
from models.personal.teaching import lesson_of
from tests.app.teaching.sets import a_set
from tests.app.teaching.steps import Person
from tests.models.personal.lessons import INTERVAL_S, general

LABELS = general().spec.labels
WAVE = LABELS[0]


class ScriptedMemory(StepMemory):
    """Gives the steps that a test has prepared."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[RememberedStep] = []

    def after(self, index: int) -> list[RememberedStep]:
        return [step for step in self.steps if step.index > index]

    @property
    def newest(self) -> RememberedStep | None:
        return self.steps[-1] if self.steps else None


class Lesson:
    """A dialog, and a person who follows it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.memory, self.person, self.people = ScriptedMemory(), Person(), People(folder)
        self.teaching: list[bool] = []
        self.taught: list[tuple[Path, object]] = []
        self.open()

    def open(self) -> None:
        self.dialog = TeachDialog(
            general(), self.memory, self.people, set_teaching=self.teaching.append
        )
        self.dialog._timer.stop()  # the test polls, so that its clock counts
        self.dialog.taught.connect(lambda path, lesson: self.taught.append((path, lesson)))
        self.qtbot.addWidget(self.dialog)
        with self.qtbot.waitActive(self.dialog):
            self.dialog.show()
            self.dialog.activateWindow()

    def choose(self, name: str, *gestures: str) -> None:
        page = self.dialog.choose
        page.name.setText(name)
        for label in gestures:
            known = page.gestures.findItems(label, Qt.MatchFlag.MatchExactly)
            if known:
                known[0].setCheckState(Qt.CheckState.Checked)
            else:
                page.own.setText(label)
                self.qtbot.keyClick(page.own, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]

    def follow(self, until: Callable[[], bool], feature: dict[str, int]) -> None:
        """Make what the dialog asks for."""
        for _ in range(5000):
            if until():
                return
            course = self.dialog.course
            assert course is not None
            shown = course.phase is Phase.TAKING and 0.6 < course.left_s < TAKE_S - 0.8
            gesture = course.gesture
            self.memory.steps = [self.person.step(feature[gesture] if shown and gesture else None)]
            self.dialog.poll()
        raise AssertionError("the lesson does not go on")

    @property
    def phase(self) -> Phase:
        assert self.dialog.course is not None
        return self.dialog.course.phase

    def wait_for_fit(self) -> None:
        def ended() -> bool:
            self.dialog.poll()
            return self.dialog._fit is None

        self.qtbot.waitUntil(ended, timeout=20_000)


@pytest.fixture
def lesson(qtbot: QtBot, tmp_path: Path) -> Lesson:
    return Lesson(qtbot, tmp_path / "people")


FEATURE = {WAVE: 0, "Heart": 5}


def test_from_the_choice_to_a_set_that_runs(lesson: Lesson) -> None:
    lesson.choose("Mina", WAVE, "Heart")
    assert "2 gestures: about 100 seconds" in lesson.dialog.choose.remark.text()
    lesson.qtbot.mouseClick(lesson.dialog.choose.begin, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    lesson.follow(lambda: lesson.phase is Phase.READY_FOR_ORDINARY, FEATURE)
    assert "must stay silent" in lesson.dialog.take.state.text()
    lesson.qtbot.keyClick(lesson.dialog.take.pause, Qt.Key.Key_Space)  # type: ignore[no-untyped-call]
    lesson.follow(lambda: lesson.phase is Phase.DONE, FEATURE)
    lesson.wait_for_fit()
    outcome = lesson.dialog.outcome
    assert outcome.headline.text() == f"{2 * TAKES} of {2 * TAKES} takes would be right"
    assert f"Heart: {TAKES} of {TAKES}." in outcome.figure.text()
    assert "Nothing fired in the ordinary behavior." in outcome.figure.text()
    lesson.qtbot.mouseClick(outcome.use, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    ((path, taken),) = lesson.taught
    personal = read_set(path)
    assert personal.about.name == "Mina"
    assert set(personal.about.labels) >= {WAVE, "Heart"}
    assert not personal.kept
    assert len(taken.takes) == 2 * TAKES  # type: ignore[attr-defined]
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # the draft is gone


def test_what_was_taken_is_kept_with_the_set_if_wanted(lesson: Lesson) -> None:
    lesson.choose("Mina", WAVE)
    lesson.dialog.begin("Mina", (WAVE,))
    lesson.follow(lambda: lesson.phase is Phase.READY_FOR_ORDINARY, FEATURE)
    lesson.dialog.take.pause.click()
    lesson.follow(lambda: lesson.phase is Phase.DONE, FEATURE)
    lesson.wait_for_fit()
    lesson.dialog.outcome.keep.setChecked(True)
    lesson.dialog.outcome.use.click()
    kept = lesson_of(read_set(lesson.taught[0][0]), INTERVAL_S)
    assert kept is not None
    assert len(kept.takes) == TAKES


def test_no_key_is_sent_while_gestures_are_taught(lesson: Lesson) -> None:
    assert lesson.teaching == [True]
    lesson.dialog.close()
    assert lesson.teaching == [True, False]


def test_a_lesson_that_is_closed_goes_on_later(lesson: Lesson) -> None:
    lesson.dialog.begin("Mina", (WAVE, "Heart"))
    course = lesson.dialog.course
    assert course is not None
    lesson.follow(lambda: len(course.takes) == 3, FEATURE)
    lesson.qtbot.keyClick(lesson.dialog, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    assert not lesson.dialog.isVisible()
    lesson.open()
    lesson.choose("Mina")
    page = lesson.dialog.choose
    assert "3 of 10 takes" in page.remark.text()
    lesson.qtbot.mouseClick(page.resume, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    resumed = lesson.dialog.course
    assert resumed is not None
    assert resumed.missing(WAVE) == TAKES - 3
    lesson.follow(lambda: lesson.phase is Phase.READY_FOR_ORDINARY, FEATURE)


def test_the_last_take_is_taken_again_by_key(lesson: Lesson) -> None:
    lesson.dialog.begin("Mina", (WAVE,))
    course = lesson.dialog.course
    assert course is not None
    lesson.follow(lambda: len(course.takes) == 2, FEATURE)
    lesson.qtbot.keyClick(lesson.dialog, Qt.Key.Key_Backspace)  # type: ignore[no-untyped-call]
    assert len(course.takes) == 1


def test_space_pauses_and_goes_on(lesson: Lesson) -> None:
    lesson.dialog.begin("Mina", (WAVE,))
    course = lesson.dialog.course
    assert course is not None
    lesson.qtbot.keyClick(lesson.dialog, Qt.Key.Key_Space)  # type: ignore[no-untyped-call]
    assert course.paused
    assert lesson.dialog.take.state.text() == "Paused."
    lesson.qtbot.keyClick(lesson.dialog, Qt.Key.Key_Space)  # type: ignore[no-untyped-call]
    assert not course.paused


def test_takes_without_a_hand_say_so(lesson: Lesson) -> None:
    lesson.dialog.begin("Mina", (WAVE,))
    course = lesson.dialog.course
    assert course is not None
    while not course.takes:
        lesson.memory.steps = [lesson.person.step(hand=False)]
        lesson.dialog.poll()
    assert "No hand was seen" in lesson.dialog.take.flaw.text()
    assert course.missing(WAVE) == TAKES


def test_another_rate_of_false_activations_is_fitted_again(lesson: Lesson) -> None:
    lesson.dialog.begin("Mina", (WAVE,))
    lesson.follow(lambda: lesson.phase is Phase.READY_FOR_ORDINARY, FEATURE)
    lesson.dialog.take.pause.click()
    lesson.follow(lambda: lesson.phase is Phase.DONE, FEATURE)
    lesson.wait_for_fit()
    outcome = lesson.dialog.outcome
    outcome.rate.setCurrentIndex(3)
    outcome.rate.activated.emit(3)
    lesson.wait_for_fit()
    assert "1 in 60 minutes" in outcome.figure.text()


def test_a_full_disk_is_said_while_the_lesson_goes_on(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.teaching.draft.write_file", full)
    lesson.dialog.begin("Mina", (WAVE,))
    course = lesson.dialog.course
    assert course is not None
    lesson.follow(lambda: len(course.takes) == 2, FEATURE)
    assert "cannot be kept" in lesson.dialog.take.flaw.text()
    assert course.missing(WAVE) == TAKES - 2


def test_a_name_with_nothing_to_see_cannot_begin(lesson: Lesson) -> None:
    lesson.choose(" ", WAVE)
    assert not lesson.dialog.choose.begin.isEnabled()


def test_return_adds_a_gesture_and_does_not_begin(lesson: Lesson) -> None:
    lesson.choose("Mina", "Heart")
    assert lesson.dialog.choose.chosen == ("Heart",)
    assert lesson.dialog.course is None


def test_a_silent_label_is_no_gesture_of_ones_own(lesson: Lesson) -> None:
    silent = general().spec.silent_labels[0]
    lesson.choose("Mina", silent)
    assert silent not in lesson.dialog.choose.chosen
    assert "no gesture" in lesson.dialog.choose.remark.text()


def test_an_engine_without_features_is_reported(lesson: Lesson) -> None:
    lesson.dialog.begin("Mina", (WAVE,))
    step = lesson.person.step()
    lesson.memory.steps = [
        RememberedStep(step.index, step.time_s, 1, None, np.zeros((6, 8, 3), np.uint8), None)
    ]
    lesson.dialog.poll()
    assert "gives no features" in lesson.dialog.outcome.figure.text()


def test_a_damaged_lesson_cannot_be_continued_and_a_new_one_can(lesson: Lesson) -> None:
    lesson.people.folder.mkdir(parents=True)
    lesson.people.path_of("Mina").with_suffix(".lesson").write_bytes(b"nothing")
    lesson.choose("Mina", WAVE)
    assert not lesson.dialog.choose.resume.isVisible()
    lesson.dialog.choose.begin.click()
    assert lesson.dialog.course is not None


def to_the_outcome(lesson: Lesson, *gestures: str) -> None:
    """Follow a lesson to its figure; the ordinary behavior is ended early."""
    lesson.dialog.begin("Mina", gestures)
    follow_to_the_outcome(lesson)


def follow_to_the_outcome(lesson: Lesson) -> None:
    lesson.follow(lambda: lesson.phase is Phase.READY_FOR_ORDINARY, FEATURE)
    lesson.dialog.take.pause.click()
    course = lesson.dialog.course
    assert course is not None
    lesson.follow(lambda: course.enough_ordinary, FEATURE)
    lesson.dialog.take.enough.click()
    lesson.wait_for_fit()


def test_back_at_the_takes_each_of_them_can_be_made_again(lesson: Lesson) -> None:
    to_the_outcome(lesson, WAVE, "Heart")
    lesson.dialog.outcome.more.click()
    page, course = lesson.dialog.take, lesson.dialog.course
    assert course is not None
    assert len(page.takes.buttons) == 2 * TAKES
    assert page.pause.text() == "&Begin"
    assert page.state.text() != "Paused."
    page.takes.buttons[1].click()
    assert course.missing(WAVE) == 1
    lesson.follow(lambda: lesson.phase is Phase.DONE, FEATURE)  # the ordinary behavior was enough
    lesson.wait_for_fit()
    lesson.dialog.outcome.use.click()
    assert lesson.taught


def test_back_at_the_takes_the_ordinary_behavior_goes_on_with_one_press(lesson: Lesson) -> None:
    to_the_outcome(lesson, WAVE)
    lesson.dialog.outcome.more.click()
    lesson.dialog.take.pause.click()
    course = lesson.dialog.course
    assert course is not None
    before_s = course.ordinary_s
    lesson.follow(lambda: course.ordinary_s > before_s + 1, FEATURE)


def test_the_last_take_of_a_gesture_is_taken_again_when_the_next_one_has_begun(
    lesson: Lesson,
) -> None:
    lesson.dialog.begin("Mina", (WAVE, "Heart"))
    course = lesson.dialog.course
    assert course is not None
    lesson.follow(lambda: course.gesture == "Heart", FEATURE)
    lesson.qtbot.keyClick(lesson.dialog, Qt.Key.Key_Backspace)  # type: ignore[no-untyped-call]
    assert course.gesture == WAVE
    assert course.missing(WAVE) == 1


def test_beginning_anew_and_stopping_at_once_loses_nothing(lesson: Lesson) -> None:
    lesson.dialog.begin("Mina", (WAVE,))
    course = lesson.dialog.course
    assert course is not None
    lesson.follow(lambda: len(course.takes) == 2, FEATURE)
    lesson.dialog.close()
    lesson.open()
    lesson.choose("Mina", WAVE)
    lesson.dialog.choose.begin.click()
    lesson.dialog.close()
    lesson.open()
    lesson.choose("Mina")
    assert "2 of 5 takes" in lesson.dialog.choose.remark.text()


def test_a_silent_label_in_other_case_is_no_gesture_of_ones_own(lesson: Lesson) -> None:
    lesson.choose("Mina", general().spec.silent_labels[0].upper())
    assert not lesson.dialog.choose.chosen
    assert "no gesture" in lesson.dialog.choose.remark.text()


def test_half_a_letter_at_the_end_of_a_long_name_is_left_out(lesson: Lesson) -> None:
    page = lesson.dialog.choose
    page.own.setText("a" * 39 + "\N{GRINNING FACE}")  # the field cuts after 40 units of UTF-16
    page.add_own()
    assert page.chosen == ("a" * 39,)
    lesson.dialog.begin("Mina", page.chosen)
    lesson.dialog._keep(lesson.dialog.course, always=True)  # type: ignore[arg-type]
    assert not lesson.dialog._trouble


def test_it_says_whose_gestures_are_replaced(lesson: Lesson) -> None:
    to_the_outcome(lesson, WAVE)
    lesson.dialog.outcome.use.click()
    lesson.open()
    lesson.choose("mina", "Heart")
    assert f"replace the gestures that Mina has: {WAVE}" in lesson.dialog.choose.remark.text()


def test_an_internal_error_in_the_fit_ends_nothing(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise ValueError("shapes")

    monkeypatch.setattr("app.teaching.fit.teach", broken)
    to_the_outcome(lesson, WAVE)
    assert "internal error" in lesson.dialog.outcome.figure.text()
    assert not lesson.dialog.outcome.use.isEnabled()


def test_a_lesson_that_cannot_be_removed_does_not_hold_the_set_up(lesson: Lesson) -> None:
    to_the_outcome(lesson, WAVE)
    draft = lesson.people.path_of("Mina").with_suffix(".lesson")
    draft.unlink()
    draft.mkdir()
    lesson.dialog.outcome.use.click()
    assert lesson.taught


def test_features_of_two_sizes_are_a_damaged_lesson(lesson: Lesson) -> None:
    lesson.dialog.begin("Mina", (WAVE,))
    course = lesson.dialog.course
    assert course is not None
    lesson.follow(lambda: len(course.takes) == 2, FEATURE)
    course.takes[0] = ShownTake(WAVE, np.ones((20, 5), np.float32))
    lesson.dialog.close()
    lesson.open()
    lesson.choose("Mina")
    assert not lesson.dialog.choose.resume.isVisible()


def break_off(lesson: Lesson, name: str, takes: int = 2) -> None:
    """Begin a lesson, and close the dialog after some takes."""
    lesson.dialog.begin(name, (WAVE,))
    course = lesson.dialog.course
    assert course is not None
    lesson.follow(lambda: len(course.takes) == takes, FEATURE)
    lesson.dialog.close()
    lesson.open()


def test_it_opens_with_the_lesson_that_was_broken_off(lesson: Lesson) -> None:
    break_off(lesson, "Mina")
    page = lesson.dialog.choose
    assert page.name.text() == "Mina"
    assert "2 of 5 takes" in page.remark.text()
    lesson.qtbot.keyClick(lesson.dialog, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    course = lesson.dialog.course
    assert course is not None
    assert course.missing(WAVE) == TAKES - 2


def test_a_lesson_goes_on_under_any_spelling_of_its_name_and_leaves_nothing(
    lesson: Lesson,
) -> None:
    break_off(lesson, "Mina")
    lesson.choose("MINA")
    lesson.dialog.choose.resume.click()
    follow_to_the_outcome(lesson)
    lesson.dialog.outcome.use.click()
    assert [path.name for path in lesson.people.folder.iterdir()] == ["MINA.set"]


def test_nothing_is_read_while_a_name_is_typed(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_off(lesson, "Mina")

    def refuse(*arguments: object) -> None:
        raise AssertionError("read again")

    for name in ("person_at", "learner_at"):
        monkeypatch.setattr(f"app.teaching.people.{name}", refuse)
    lesson.qtbot.keyClicks(lesson.dialog.choose.name, " Maria")  # type: ignore[no-untyped-call]
    assert "Choose what you want" in lesson.dialog.choose.remark.text()


def test_gestures_that_were_taught_another_model_are_chosen_to_be_taught_again(
    lesson: Lesson,
) -> None:
    lesson.people.save(a_set("Mina", digest="another"))
    lesson.dialog.close()
    lesson.open()
    lesson.dialog.suggest("mina")
    page = lesson.dialog.choose
    assert set(page.chosen) == {"Swiping Left", "Heart"}
    assert "another model" in page.remark.text()
    assert page.begin.isEnabled()
