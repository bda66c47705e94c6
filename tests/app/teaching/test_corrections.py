"""What fired for nothing does not fire again, and what was missed fires."""

from __future__ import annotations

import numpy as np

from app.process.background_work import BackgroundWork
from app.teaching.corrections import (
    Corrected,
    Correction,
    begin_correction,
    features_between,
    missed_moment,
    with_correction,
)
from models.personal.fitting import GeneralModel
from models.personal.takes import Lesson
from models.personal.teaching import Taught, teach
from models.personal.windows import Features, windows
from tests.app.teaching.steps import Person
from tests.models.personal.lessons import INTERVAL_S, general, lesson, rest, take

STEPS = round(2.7 / INTERVAL_S)


def ended(work: BackgroundWork[Corrected]) -> Corrected:
    assert work.wait(30)
    return work.result()


def most_likely(model: GeneralModel, taught: Taught, moment: Features, label: str) -> float:
    column = taught.set.about.labels.index(label)
    return float(taught.set.head.probabilities(windows(moment, model.spec.frames))[:, column].max())


def like_a_wave(strength: float, seed: int = 7) -> Features:
    """Return a moment that is something else, and looks a bit like the gesture."""
    moment = rest(STEPS, seed)
    moment[8:16, 0] += strength
    moment[8:16, 9] += 2
    return moment


def test_what_was_nothing_does_not_fire_again() -> None:
    model, shown = general(), lesson(Wave=0, Heart=5)
    taught = teach(model, shown, "Mina")
    moment = like_a_wave(2.6)
    before = most_likely(model, taught, moment, "Wave")
    threshold = taught.set.about.decision.fire_above_for("Wave")
    assert before > threshold
    corrected = ended(begin_correction(model, shown, taught.set, Correction(moment, None)))
    assert corrected.helps
    assert most_likely(model, corrected.taught, moment, "Wave") < before
    assert not corrected.worse
    assert corrected.taught.figure.right == taught.figure.right


def test_what_was_missed_becomes_a_take() -> None:
    model, shown = general(), lesson(Wave=0, Heart=5)
    taught = teach(model, shown, "Mina")
    odd = rest(STEPS, 3)
    odd[8:15, 5] += 1.2
    odd[8:15, 8] += 2.5
    corrected = ended(begin_correction(model, shown, taught.set, Correction(odd, "Heart")))
    assert len(corrected.lesson.of("Heart")) == 6
    assert most_likely(model, corrected.taught, odd, "Heart") > most_likely(
        model, taught, odd, "Heart"
    )


def test_the_rate_that_the_person_chose_is_kept() -> None:
    model, shown = general(), lesson(Wave=0)
    personal = teach(model, shown, "Mina", false_per_min=1 / 60).set
    corrected = ended(begin_correction(model, shown, personal, Correction(rest(20, 5), None)))
    assert corrected.taught.set.about.false_per_min == 1 / 60


def test_a_correction_that_spoils_the_takes_says_so() -> None:
    model, shown = general(), lesson(Wave=0, Heart=5)
    taught = teach(model, shown, "Mina")
    gesture_itself = take("Wave", 0, 4).runs[0]
    corrected = ended(begin_correction(model, shown, taught.set, Correction(gesture_itself, None)))
    assert corrected.worse


def test_a_missed_gesture_is_found_where_it_is_most_likely() -> None:
    model, shown = general(), lesson(Wave=0, Heart=5)
    personal = teach(model, shown, "Mina").set
    person = Person()
    steps = [person.step(5 if 40 <= index < 48 else None) for index in range(70)]
    moment = missed_moment(steps, "Heart", personal, 8)
    assert moment is not None
    assert len(moment) >= STEPS
    assert moment[:, 5].mean() > 0.6  # it is in there
    assert moment[len(moment) // 3 : -len(moment) // 3, 5].max() > 2


def test_a_moment_holds_only_its_own_run() -> None:
    person = Person()
    steps = [person.step() for _ in range(10)]
    person.interrupt()
    steps += [person.step() for _ in range(10)]
    assert features_between(steps, 0, 1e9, 2) is not None
    found = features_between(steps, steps[0].time_s, steps[-1].time_s, 2)
    assert found is not None
    assert len(found) == 10
    assert features_between(steps, 0, 1e9, 3) is None


def test_nothing_is_found_of_a_gesture_that_the_set_does_not_know() -> None:
    personal = teach(general(), lesson(Wave=0), "Mina").set
    assert missed_moment([Person().step()], "Other", personal, 8) is None
    assert missed_moment([], "Wave", personal, 8) is None


def test_ordinary_behavior_counts_as_often_as_it_is_copied() -> None:
    shown: Lesson = lesson(Wave=0)
    moment = rest(10, 1)
    assert len(with_correction(shown, Correction(moment, None), 4).ordinary) == 5
    np.testing.assert_array_equal(
        with_correction(shown, Correction(moment, "Wave")).takes[-1].runs[0], moment
    )
