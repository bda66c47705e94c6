"""A person teaches gestures, and is told before they are used how well that went."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from models.engines.factory import create_engine
from models.errors import ModelError
from models.live import Frame, LiveModel
from models.personal.calibration import highest_rate, uncertainty
from models.personal.figure import fired_in
from models.personal.fitting import GeneralModel, fit_personal
from models.personal.takes import (
    MOST_TAKES,
    Lesson,
    LessonError,
    Take,
    read_ordinary,
    read_take,
)
from models.personal.teaching import lesson_of, teach
from models.two_views.bundle import load_any_bundle
from tests.models.personal.lessons import INTERVAL_S, STEPS, general, lesson, rest, take


def test_taught_gestures_fire_and_rest_does_not() -> None:
    taught = teach(general(), lesson(Swiping_Left=0, Heart=7), "Mina")
    said = taught.figure.sentences()
    assert said[:2] == ["Swiping Left: 5 of 5.", "Heart: 5 of 5."]
    assert said[2].startswith("Nothing fired in the ordinary behavior.")
    assert len(said) == 3
    personal = taught.set
    labels, silent = personal.about.labels, frozenset(personal.about.silent_labels)
    assert labels == ("Swiping Left", "Heart", "No gesture", "Doing other things")
    again = fit_personal(general(), lesson(Swiping_Left=0, Heart=7), labels[:2])
    for run, expected in (
        (take("Heart", 7, 1234).runs[0], ["Heart"]),
        (take("Swiping Left", 0, 1234).runs[0], ["Swiping Left"]),
        (rest(200, 1234), []),
    ):
        fired = fired_in(
            again.probabilities(run), labels, silent, personal.about.decision, INTERVAL_S
        )
        assert [gesture.label for gesture in fired] == expected


def test_gestures_that_are_the_same_are_named() -> None:
    same = lesson(Heart=7, Circle=7)
    figure = teach(general(), same, "Mina", false_per_min=10).figure
    assert figure.right < 8
    hints = "\n".join(figure.sentences()[3:])
    assert (
        "Heart looks like Circle" in hints
        or "Circle looks like Heart" in hints
        or ("is missed too often" in hints)
    )


def test_a_gesture_that_looks_like_rest_is_said_to_be_missed() -> None:
    shown = lesson(Heart=7)
    still = tuple(Take("Still", (rest(STEPS, 500 + seed),)) for seed in range(5))
    said = teach(general(), replace(shown, takes=shown.takes + still), "Mina").figure.sentences()
    assert "Heart: 5 of 5." in said
    assert any(sentence.startswith("Still is missed too often") for sentence in said)


def test_a_single_take_is_taught_and_nothing_is_claimed_of_it() -> None:
    shown = lesson(Heart=7)
    one = replace(shown, takes=(*shown.takes, take("Circle", 8, 5)))
    said = teach(general(), one, "Mina").figure.sentences()
    assert "Circle: one take, so that nothing can be said; make more." in said


def test_a_stricter_false_rate_never_lowers_a_threshold() -> None:
    shown = lesson(Swiping_Left=0, Heart=7)
    strict, loose = (
        teach(general(), shown, "Mina", false_per_min=rate).set.about.decision
        for rate in (0.01, 5.0)
    )
    for label in shown.gestures:
        assert strict.fire_above_for(label) >= loose.fire_above_for(label)


def test_a_long_take_counts_as_much_as_a_short_one() -> None:
    shown = lesson(Swiping_Left=0, Heart=7)
    first, *others = shown.takes
    longer = replace(first, runs=(*first.runs, *first.runs, *first.runs))
    heads = [
        fit_personal(general(), replace(shown, takes=(one, *others)), shown.gestures).head
        for one in (first, longer)
    ]
    np.testing.assert_allclose(heads[0].weight, heads[1].weight, atol=1e-3)


def test_what_a_minute_cannot_show_is_said() -> None:
    assert highest_rate(0, 1.0) == pytest.approx(2.996, abs=0.001)  # the rule of three
    assert highest_rate(2, 1.0) == pytest.approx(6.296, abs=0.001)
    assert "do not exclude 3.0 a minute" in uncertainty(0, 1.0, 0.1)
    assert "1 in 10 minutes, only 30 minutes" in uncertainty(0, 1.0, 0.1)
    assert "only" not in uncertainty(0, 60.0, 0.1)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda shown: replace(shown, takes=()), "no take of any gesture"),
        (lambda shown: replace(shown, ordinary=()), "0 seconds of ordinary behavior"),
        (lambda shown: replace(shown, ordinary=(rest(40_000, 1),)), "more than an hour"),
        (lambda shown: replace(shown, takes=(take("Heart", 7, 1, 3),)), "seconds long"),
        (lambda shown: replace(shown, takes=(take("Heart", 7, 1, 900),)), "cut out the one"),
        (
            lambda shown: replace(shown, takes=shown.takes[:1] * (MOST_TAKES + 1)),
            f"more than {MOST_TAKES} takes",
        ),
        (lambda shown: replace(shown, takes=(take("No gesture", 7, 1),)), "ordinary behavior"),
    ],
)
def test_what_cannot_be_learned_from_is_said(change, complaint: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ModelError, match=complaint) as caught:
        teach(general(), change(lesson(Heart=7)), "Mina")
    assert "\n" not in str(caught.value)


def pictures(count: int, seed: int) -> list[Frame]:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 60, 80, 3), np.uint8)
    return [Frame(image, index / 24) for index, image in enumerate(images)]


def lesson_from(model: LiveModel) -> Lesson:
    takes = (read_take(model, "Thumb Up", partial(pictures, 48, seed)) for seed in range(2))
    return Lesson(tuple(takes), read_ordinary(model, pictures(260, 9)), model.spec.frame_interval_s)


@pytest.mark.parametrize("view", ["tiny_bundle", "tiny_two_view_bundle"])
def test_with_an_endless_pull_the_set_says_what_the_model_says(
    view: str, request: pytest.FixtureRequest
) -> None:
    bundle = load_any_bundle(request.getfixturevalue(view))
    engine = create_engine(bundle, "onnx", threads=1).engine
    model = GeneralModel(bundle.spec, bundle.head(), bundle.weights_digest)
    shown = lesson_from(LiveModel(engine))
    held = teach(model, shown, "Mina", pull=1e12).set
    rows = [bundle.spec.labels.index(label) for label in held.about.labels]
    frames = pictures(60, 77)
    steps = zip(LiveModel(engine).over(frames), LiveModel(engine, held).over(frames), strict=True)
    for said, own in steps:
        assert own.spec.labels == held.about.labels
        np.testing.assert_allclose(own.scores, said.scores[rows], atol=1e-3)
        np.testing.assert_allclose(own.logits, said.logits[rows], atol=1e-3)
    assert held.about.labels == ("Thumb Up", "No gesture", "Doing other things")
    free = teach(model, shown, "Mina", pull=1e-4).set
    assert np.abs(free.head.weight - held.head.weight).max() > 1e-3


def test_a_take_is_read_at_every_phase_and_an_endless_one_is_not(tiny_bundle: Path) -> None:
    model = LiveModel(create_engine(load_any_bundle(tiny_bundle), "onnx", threads=1).engine)
    first, later = read_take(model, "Heart", lambda: pictures(48, 1)).runs
    assert len(first) == 16
    assert 14 <= len(later) <= 16
    assert not np.array_equal(first[0], later[0])
    with pytest.raises(LessonError, match="more than 15 seconds"):
        read_take(model, "Heart", lambda: pictures(500, 1), "takes/Heart/1.mp4")
    with pytest.raises(LessonError, match=r"1\.mp4 holds no pictures"):
        read_take(model, "Heart", list, "takes/Heart/1.mp4")


def test_features_are_kept_only_if_they_are_asked_for_and_teach_the_same_again() -> None:
    shown = lesson(Heart=7)
    assert not teach(general(), shown, "Mina").set.kept
    kept = teach(general(), shown, "Mina").keeping(shown)
    again = lesson_of(kept, INTERVAL_S)
    assert again is not None
    assert [item.label for item in again.takes] == [item.label for item in shown.takes]
    np.testing.assert_allclose(
        teach(general(), again, "Mina").set.head.weight, kept.head.weight, atol=0.01
    )
