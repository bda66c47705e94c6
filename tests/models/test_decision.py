from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decision import (
    DecisionSettings,
    DecisionState,
    Gesture,
    GestureThresholds,
    Observation,
    Outcome,
    Verdict,
    decide,
    judge,
)
from models.opposites import opposites

SILENT = frozenset({"No gesture", "Doing other things"})
LABELS = (
    "Swiping Left",
    "Swiping Right",
    "Sliding Two Fingers Right",
    "Thumb Up",
    "No gesture",
    "Doing other things",
)
SETTINGS = DecisionSettings(
    fire_above=0.6, hold_s=0.2, release_below=0.3, release_s=0.3, opposite_lockout_s=0.8
)

Stream = list[tuple[float, str, float]]
"""(time, label, its probability); the other labels share the rest."""


def observe(time_s: float, label: str, probability: float) -> Observation:
    rest = (1 - probability) / (len(LABELS) - 1)
    return Observation(time_s, {name: probability if name == label else rest for name in LABELS})


def gestures(
    stream: Iterable[tuple[float, str, float]], settings: DecisionSettings = SETTINGS
) -> list[Gesture]:
    state, found = DecisionState(), []
    for time_s, label, probability in stream:
        state, gesture = decide(state, observe(time_s, label, probability), settings, SILENT)
        if gesture is not None:
            found.append(gesture)
    return found


def verdicts(stream: Iterable[tuple[float, str, float]]) -> list[Verdict]:
    state, found = DecisionState(), []
    for time_s, label, probability in stream:
        state, verdict = judge(state, observe(time_s, label, probability), SETTINGS, SILENT)
        found.append(verdict)
    return found


def hold(label: str, from_s: float, to_s: float, probability: float, step_s: float = 0.1) -> Stream:
    count = round((to_s - from_s) / step_s)
    return [(from_s + index * step_s, label, probability) for index in range(count)]


def test_a_gesture_that_is_held_fires_once() -> None:
    found = gestures(hold("Thumb Up", 0, 5, 0.9))
    assert [(gesture.label, gesture.confidence) for gesture in found] == [("Thumb Up", 0.9)]
    assert found[0].time_s == pytest.approx(0.2)


def test_two_gestures_with_a_pause_between_them_fire_twice() -> None:
    stream = [
        *hold("Thumb Up", 0, 1, 0.9),
        *hold("No gesture", 1, 2, 0.9),
        *hold("Thumb Up", 2, 3, 0.9),
    ]
    assert [gesture.label for gesture in gestures(stream)] == ["Thumb Up", "Thumb Up"]


def test_a_different_gesture_may_follow_without_a_pause() -> None:
    stream = [*hold("Thumb Up", 0, 1, 0.9), *hold("Swiping Left", 1, 3, 0.9)]
    assert [gesture.label for gesture in gestures(stream)] == ["Thumb Up", "Swiping Left"]


def test_a_flicker_is_no_gesture() -> None:
    stream = [(0.0, "No gesture", 0.9), (0.1, "Thumb Up", 0.9), (0.2, "No gesture", 0.9)]
    assert gestures(stream) == []


def test_a_dip_that_does_not_reach_the_release_threshold_does_not_fire_again() -> None:
    stream = [
        *hold("Thumb Up", 0, 1, 0.9),
        *hold("Thumb Up", 1, 2, 0.4),
        *hold("Thumb Up", 2, 3, 0.9),
    ]
    assert len(gestures(stream)) == 1


def test_a_release_that_is_too_short_does_not_rearm() -> None:
    stream = [
        *hold("Thumb Up", 0, 1, 0.9),
        *hold("No gesture", 1, 1.2, 0.9),
        *hold("Thumb Up", 1.2, 3, 0.9),
    ]
    assert len(gestures(stream)) == 1


def test_between_the_thresholds_nothing_fires() -> None:
    assert gestures(hold("Thumb Up", 0, 5, 0.59)) == []


def test_with_no_hold_a_gesture_fires_at_once() -> None:
    settings = DecisionSettings(hold_s=0.0)
    _, gesture = decide(DecisionState(), observe(0.0, "Thumb Up", 0.9), settings, SILENT)
    assert gesture == Gesture("Thumb Up", 0.9, 0.0)


@pytest.mark.parametrize("pause_s", [0.0, 0.4])
@pytest.mark.parametrize("back", ["Swiping Right", "Sliding Two Fingers Right"])
def test_the_hand_that_returns_from_a_swipe_is_no_swipe_back(pause_s: float, back: str) -> None:
    end_s = 1.0 + pause_s
    stream = [
        *hold("Swiping Left", 0, 1, 0.9),
        *hold("No gesture", 1, end_s, 0.9),
        *hold(back, end_s, end_s + 2, 0.9),  # longer than the lockout: it stays the same return
        *hold("No gesture", end_s + 2, end_s + 3, 0.9),
    ]
    assert [gesture.label for gesture in gestures(stream)] == ["Swiping Left"]


def test_a_swipe_back_after_a_pause_fires() -> None:
    stream = [
        *hold("Swiping Left", 0, 1, 0.9),
        *hold("No gesture", 1, 2, 0.9),
        *hold("Swiping Right", 2, 3, 0.9),
    ]
    assert [gesture.label for gesture in gestures(stream)] == ["Swiping Left", "Swiping Right"]


def test_after_the_hand_returned_a_swipe_back_fires() -> None:
    stream = [
        *hold("Swiping Left", 0, 1, 0.9),
        *hold("Swiping Right", 1, 2, 0.9),
        *hold("No gesture", 2, 2.5, 0.9),
        *hold("Swiping Right", 2.5, 3.5, 0.9),
    ]
    found = gestures(stream)
    assert [gesture.label for gesture in found] == ["Swiping Left", "Swiping Right"]
    assert found[1].time_s >= 2.5


def test_the_same_swipe_may_follow_at_once_and_so_may_another_gesture() -> None:
    stream = [
        *hold("Swiping Left", 0, 1, 0.9),
        *hold("No gesture", 1, 1.4, 0.9),
        *hold("Swiping Left", 1.4, 2, 0.9),
        *hold("Thumb Up", 2, 3, 0.9),
    ]
    assert [gesture.label for gesture in gestures(stream)] == [
        "Swiping Left",
        "Swiping Left",
        "Thumb Up",
    ]


def test_a_gesture_may_have_thresholds_of_its_own() -> None:
    settings = DecisionSettings(
        fire_above=0.6,
        hold_s=0.2,
        gestures={"Thumb Up": GestureThresholds(fire_above=0.9, hold_s=1.0)},
    )
    assert gestures(hold("Thumb Up", 0, 3, 0.85), settings) == []
    assert gestures(hold("Thumb Up", 0, 3, 0.95), settings)[0].time_s == pytest.approx(1.0)
    assert gestures(hold("Swiping Left", 0, 3, 0.65), settings)[0].time_s == pytest.approx(0.2)


def test_a_gesture_that_fires_low_is_over_below_that() -> None:
    settings = DecisionSettings(gestures={"Thumb Up": GestureThresholds(fire_above=0.3)})
    stream = [*hold("Thumb Up", 0, 2, 0.32), *hold("Swiping Left", 2, 4, 0.9)]
    assert [g.label for g in gestures(stream, settings)] == ["Thumb Up", "Swiping Left"]


def test_every_verdict_says_why() -> None:
    stream = [
        (0.0, "No gesture", 0.9),
        (0.1, "Swiping Left", 0.5),
        (0.2, "Swiping Left", 0.9),
        (0.4, "Swiping Left", 0.9),
        (0.5, "Swiping Right", 0.9),
        (0.8, "Swiping Right", 0.9),
    ]
    found = verdicts(stream)
    assert [verdict.outcome for verdict in found] == [
        Outcome.SILENT,
        Outcome.LOW,
        Outcome.HOLDING,
        Outcome.FIRED,
        Outcome.UNRELEASED,
        Outcome.RETURNING,
    ]
    assert found[2].remaining_s == pytest.approx(0.2)
    assert found[4].waits_for == found[5].waits_for == "Swiping Left"
    assert [verdict.gesture is not None for verdict in found] == [False] * 3 + [True] + [False] * 2


def test_opposites_are_mutual_and_thumbs_have_none() -> None:
    assert opposites("Swiping Left") == {"Swiping Right", "Sliding Two Fingers Right"}
    assert opposites("Pulling Two Fingers In") == {"Pushing Hand Away", "Pushing Two Fingers Away"}
    assert opposites("Thumb Up") == opposites("No gesture") == frozenset()
    for label in LABELS:
        assert all(label in opposites(other) for other in opposites(label))


@pytest.mark.parametrize("step_s", [0.02, 0.05, 0.1])
def test_how_often_it_is_asked_changes_the_time_by_a_step_at_most(step_s: float) -> None:
    stream = [
        *hold("No gesture", 0, 1, 0.9, step_s),
        *hold("Swiping Left", 1, 2, 0.8, step_s),
        *hold("No gesture", 2, 3, 0.9, step_s),
        *hold("Thumb Up", 3, 4, 0.8, step_s),
    ]
    found = gestures(stream)
    assert [gesture.label for gesture in found] == ["Swiping Left", "Thumb Up"]
    assert found[0].time_s == pytest.approx(1.2, abs=step_s + 1e-6)
    assert found[1].time_s == pytest.approx(3.2, abs=step_s + 1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fire_above": 0.0},
        {"fire_above": 1.1},
        {"fire_above": float("nan")},
        {"release_below": 0.0},
        {"release_below": 0.9},
        {"hold_s": -1.0},
        {"release_s": float("inf")},
        {"opposite_lockout_s": -0.1},
    ],
)
def test_settings_that_cannot_work_are_rejected(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DecisionSettings(**wrong)


@pytest.mark.parametrize("wrong", [{"fire_above": 0.0}, {"hold_s": 61.0}])
def test_thresholds_of_one_gesture_that_cannot_work_are_rejected(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        GestureThresholds(**wrong)


steps = st.lists(
    st.tuples(st.floats(0.01, 0.5), st.sampled_from(LABELS), st.floats(0.25, 1.0)), max_size=80
)


def with_times(found: list[tuple[float, str, float]]) -> Stream:
    stream, time_s = [], 0.0
    for step_s, label, probability in found:
        time_s += step_s
        stream.append((time_s, label, probability))
    return stream


@given(steps)
def test_silent_labels_never_fire(found: list[tuple[float, str, float]]) -> None:
    assert not {gesture.label for gesture in gestures(with_times(found))} & SILENT


@given(steps)
def test_the_same_stream_gives_the_same_gestures(found: list[tuple[float, str, float]]) -> None:
    stream = with_times(found)
    assert gestures(stream) == gestures(stream)


@given(steps)
def test_between_two_gestures_the_first_was_released_for_long_enough(
    found: list[tuple[float, str, float]],
) -> None:
    stream = with_times(found)
    fired = gestures(stream)
    for first, second in pairwise(fired):
        low = [
            observe(*entry).probabilities[first.label] < SETTINGS.release_below
            for entry in stream
            if first.time_s < entry[0] <= second.time_s
        ]
        assert any(low)
        assert second.time_s - first.time_s >= SETTINGS.release_s


@given(steps)
def test_whatever_fires_was_high_for_the_whole_hold(found: list[tuple[float, str, float]]) -> None:
    stream = with_times(found)
    for gesture in gestures(stream):
        held = [
            (label, probability)
            for time_s, label, probability in stream
            if gesture.time_s - SETTINGS.hold_s <= time_s <= gesture.time_s
        ]
        assert all(
            label == gesture.label and probability >= SETTINGS.fire_above
            for label, probability in held
        )


@given(steps, st.integers(-1000, 1000))
def test_only_differences_of_time_matter(
    found: list[tuple[float, str, float]], shift_s: int
) -> None:
    # Eighths of a second are exact in binary, so that the shift cannot round anything.
    exact = [(round(t * 8) / 8, label, p) for t, label, p in with_times(found)]
    moved = [(t + shift_s, label, p) for t, label, p in exact]
    labels = [gesture.label for gesture in gestures(exact)]
    assert [gesture.label for gesture in gestures(moved)] == labels


@given(steps)
def test_nothing_fires_within_the_lockout_of_its_opposite(
    found: list[tuple[float, str, float]],
) -> None:
    for first, second in pairwise(gestures(with_times(found))):
        if second.label in opposites(first.label):
            assert second.time_s - first.time_s >= SETTINGS.opposite_lockout_s


@given(steps)
def test_a_gesture_fires_exactly_where_the_verdict_says_so(
    found: list[tuple[float, str, float]],
) -> None:
    stream = with_times(found)
    fired = [verdict for verdict in verdicts(stream) if verdict.outcome is Outcome.FIRED]
    assert [verdict.gesture for verdict in fired] == gestures(stream)
    assert all(verdict.confidence >= verdict.threshold for verdict in fired)
