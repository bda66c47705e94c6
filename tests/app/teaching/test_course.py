"""A lesson leads through takes and a minute of ordinary behavior, and loses nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.teaching.course import (
    ORDINARY_S,
    TAKE_S,
    TAKES,
    Course,
    Flaw,
    Phase,
    unlike,
)
from app.teaching.draft import DraftError, read_draft, write_draft
from models.personal.teaching import teach
from tests.app.teaching.steps import Person
from tests.models.personal.lessons import INTERVAL_S, general, take

WAVE, HEART = "Wave", "Heart"
FEATURE = {WAVE: 0, HEART: 5}


def phase_of(course: Course) -> Phase:
    """Return what goes on now; a type checker would believe that it stays."""
    return course.phase


def new_course(*gestures: str) -> Course:
    return Course(gestures or (WAVE, HEART), INTERVAL_S, 8)


def show(course: Course, person: Person, *, hand: bool = True) -> None:
    """Let the person follow the course until it waits or is done, at most five minutes."""
    for _ in range(round(300 / INTERVAL_S)):
        if course.phase in (Phase.READY_FOR_ORDINARY, Phase.DONE):
            return
        one_step(course, person, hand=hand)


def one_step(course: Course, person: Person, *, hand: bool = True) -> None:
    gesture = course.gesture
    shown = course.phase is Phase.TAKING and 0.6 < course.left_s < TAKE_S - 0.8
    course.see(person.step(FEATURE[gesture] if shown and gesture else None, hand))


def until(course: Course, person: Person, phase: Phase) -> None:
    for _ in range(1000):
        if course.phase is phase:
            return
        one_step(course, person)
    raise AssertionError(f"{phase} never came")


def test_five_takes_of_each_gesture_and_a_minute_can_be_learned_from() -> None:
    course, person = new_course(), Person()
    show(course, person)
    assert phase_of(course) is Phase.READY_FOR_ORDINARY
    course.begin_ordinary()
    show(course, person)
    assert phase_of(course) is Phase.DONE
    lesson = course.lesson
    assert [take.label for take in lesson.takes] == [WAVE] * TAKES + [HEART] * TAKES
    assert lesson.ordinary_min == pytest.approx(ORDINARY_S / 60, abs=INTERVAL_S / 60)
    figure = teach(general(), lesson, "Mina").figure
    assert figure.right == figure.judged == 2 * TAKES


def test_three_gestures_and_the_minute_take_about_two_minutes() -> None:
    course, person = Course(("A", "B", "C"), INTERVAL_S, 8), Person()
    FEATURE.update({"A": 0, "B": 1, "C": 3})
    show(course, person)
    course.begin_ordinary()
    show(course, person)
    assert 110 < person.time_s < 140


def test_nothing_passes_without_pictures() -> None:
    course, person = new_course(), Person()
    until(course, person, Phase.TAKING)
    before = course.left_s
    person.time_s += 0.0  # no step, however long it takes
    assert (course.phase, course.left_s) == (Phase.TAKING, before)


@pytest.mark.parametrize("interrupt", ["new run", "gap"])
def test_an_interrupted_take_does_not_count_and_is_made_again(interrupt: str) -> None:
    course, person = new_course(), Person()
    until(course, person, Phase.TAKING)
    one_step(course, person)
    if interrupt == "new run":
        person.interrupt()
    else:
        person.time_s += 2
    one_step(course, person)
    assert [take.flaw for take in course.takes] == [Flaw.INTERRUPTED]
    assert course.missing(WAVE) == TAKES
    assert course.phase is Phase.COUNTDOWN


def test_a_take_without_a_hand_does_not_count() -> None:
    course, person = new_course(), Person()
    until(course, person, Phase.TAKING)
    while course.phase is Phase.TAKING:
        one_step(course, person, hand=False)
    assert course.takes[-1].flaw is Flaw.EMPTY
    assert course.missing(WAVE) == TAKES


def test_a_take_whose_hand_is_gone_in_the_middle_does_not_count() -> None:
    course, person = new_course(), Person()
    until(course, person, Phase.TAKING)
    while course.phase is Phase.TAKING:
        one_step(course, person, hand=course.left_s > TAKE_S - 0.4)
    assert course.takes[-1].flaw is Flaw.CUT_OFF
    assert course.missing(WAVE) == TAKES


def test_a_model_that_looks_for_no_hand_rejects_no_take() -> None:
    course, person = new_course(), Person()
    until(course, person, Phase.TAKING)
    while course.phase is Phase.TAKING:
        course.see(person.step(hand=None))
    assert course.takes[-1].flaw is None


def test_a_take_unlike_the_others_is_marked_but_counts() -> None:
    course, person = new_course(), Person()
    for _ in range(4):
        until(course, person, Phase.TAKING)
        while course.phase is Phase.TAKING:
            one_step(course, person)
    until(course, person, Phase.TAKING)
    while course.phase is Phase.TAKING:
        course.see(person.step(7 if 0.6 < course.left_s < TAKE_S - 0.8 else None))
    assert [take.flaw for take in course.of(WAVE)] == [None] * 4 + [Flaw.UNLIKE]
    assert course.gesture == HEART
    course.take_again(course.of(WAVE)[-1])
    assert course.gesture == WAVE
    assert [take.flaw for take in course.of(WAVE)] == [None] * 4


def test_takes_that_are_alike_are_not_marked() -> None:
    marked = sum(
        sum(unlike([take("A", 0, 10 * lesson + seed).runs[0] for seed in range(5)], 8))
        for lesson in range(40)
    )
    assert marked <= 4  # of 200


def test_a_pause_discards_the_take_that_is_being_made() -> None:
    course, person = new_course(), Person()
    until(course, person, Phase.TAKING)
    one_step(course, person)
    course.pause()
    for _ in range(100):
        one_step(course, person)
    assert not course.takes
    course.resume()
    assert course.phase is Phase.COUNTDOWN


def test_a_pause_splits_the_ordinary_behavior_and_loses_none_of_it() -> None:
    course, person = new_course(), Person()
    show(course, person)
    course.begin_ordinary()
    for _ in range(80):
        one_step(course, person)
    course.pause()
    for _ in range(80):
        one_step(course, person)
    course.resume()
    show(course, person)
    lengths = [len(run) for run in course.lesson.ordinary]
    assert lengths == [80, round(ORDINARY_S / INTERVAL_S) - 80]


def test_ordinary_behavior_may_end_early_but_not_at_once() -> None:
    course, person = new_course(), Person()
    show(course, person)
    course.begin_ordinary()
    early = course.enough_ordinary
    assert not early
    for _ in range(round(11 / INTERVAL_S)):
        one_step(course, person)
    assert course.enough_ordinary
    course.end_ordinary()
    course.lesson.check()


def test_a_lesson_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    course, person = new_course(), Person()
    for _ in range(3):
        until(course, person, Phase.TAKING)
        while course.phase is Phase.TAKING:
            one_step(course, person)
    path = tmp_path / "new" / "Mina.lesson"
    write_draft(path, course, "digest", "Mina")
    draft = read_draft(path)
    assert draft.model_digest == "digest"
    resumed = draft.course
    assert (resumed.gesture, resumed.missing(WAVE)) == (WAVE, TAKES - 3)
    for before, after in zip(course.takes, resumed.takes, strict=True):
        np.testing.assert_allclose(after.features, before.features, atol=0.01)
    show(resumed, person)
    resumed.begin_ordinary()
    for _ in range(100):
        one_step(resumed, person)
    write_draft(path, resumed, "digest", "Mina")
    again = read_draft(path).course
    assert again.phase is Phase.DONE
    assert again.ordinary_s == pytest.approx(100 * INTERVAL_S)


@pytest.mark.parametrize("damage", ["cut", "foreign", "empty", "altered"])
def test_a_damaged_lesson_is_reported_in_one_sentence(tmp_path: Path, damage: str) -> None:
    course, person = new_course(), Person()
    until(course, person, Phase.TAKING)
    while course.phase is Phase.TAKING:
        one_step(course, person)
    path = tmp_path / "Mina.lesson"
    write_draft(path, course, "digest", "Mina")
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[: len(content) // 2],
            "foreign": b"something else",
            "empty": b"",
            "altered": content.replace(b'take/0"', b'cake/0"'),
        }[damage]
    )
    with pytest.raises(DraftError, match="damaged; begin a new one"):
        read_draft(path)


def test_a_full_disk_is_reported_and_the_older_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = new_course()
    path = tmp_path / "Mina.lesson"
    write_draft(path, course, "digest", "Mina")
    before = path.read_bytes()

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.teaching.draft.write_file", full)
    with pytest.raises(DraftError, match="cannot be kept"):
        write_draft(path, course, "digest", "Mina")
    assert path.read_bytes() == before
