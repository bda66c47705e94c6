from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decision import Gesture
from training.evaluation.stream_metrics import match
from training.streams.truth import CueKind, StreamCue

LABELS = ("Swiping Left", "Thumb Up")


def cue(label: str, start_s: float, end_s: float) -> StreamCue:
    return StreamCue(CueKind.GESTURE, label, start_s, start_s, end_s, end_s)


def event(label: str, time_s: float) -> Gesture:
    return Gesture(label, 0.9, time_s)


def fits(gesture: StreamCue, event: Gesture, tolerance_s: float) -> bool:
    """The definition, word for word."""
    inside = gesture.start_s <= event.time_s <= gesture.end_s + tolerance_s
    return event.label == gesture.label and inside


def most(cues: list[StreamCue], events: list[Gesture], tolerance_s: float) -> int:
    """The largest number of matches that there can be, by trying everything."""
    if not cues:
        return 0
    best = most(cues[1:], events, tolerance_s)
    for index, candidate in enumerate(events):
        if fits(cues[0], candidate, tolerance_s):
            rest = events[:index] + events[index + 1 :]
            best = max(best, 1 + most(cues[1:], rest, tolerance_s))
    return best


@pytest.mark.parametrize(
    ("time_s", "label", "detected"),
    [
        (1.0, "Thumb Up", True),
        (2.0, "Thumb Up", True),
        (2.5, "Thumb Up", True),
        (0.99, "Thumb Up", False),
        (2.51, "Thumb Up", False),
        (1.5, "Swiping Left", False),
    ],
)
def test_right_label_from_the_strokes_start_to_a_tolerance_after_its_end(
    time_s: float, label: str, detected: bool
) -> None:
    found = match([cue("Thumb Up", 1.0, 2.0)], [event(label, time_s)], tolerance_s=0.5)
    assert bool(found) == detected
    assert all(detection.delay_s == pytest.approx(time_s - 2.0) for detection in found)


def test_a_gesture_that_fires_twice_is_detected_once_by_the_first() -> None:
    found = match([cue("Thumb Up", 1, 2)], [event("Thumb Up", 1.5), event("Thumb Up", 2.2)])
    assert [detection.event.time_s for detection in found] == [1.5]


def test_an_event_within_the_reach_of_two_gestures_counts_for_one() -> None:
    cues = [cue("Thumb Up", 1.0, 2.0), cue("Thumb Up", 2.2, 3.0)]
    assert len(match(cues, [event("Thumb Up", 2.5)])) == 1
    found = match(cues, [event("Thumb Up", 2.3), event("Thumb Up", 2.9)])
    assert [(detection.cue, detection.event.time_s) for detection in found] == [
        (cues[0], 2.3),
        (cues[1], 2.9),
    ]


steps = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 6), st.sampled_from(LABELS)), max_size=6
)
events = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(LABELS)), max_size=6)


def laid_out(found: list[tuple[int, int, str]]) -> list[StreamCue]:
    cues, free_s = [], 0
    for pause_s, length_s, label in found:
        cues.append(cue(label, free_s + pause_s, free_s + pause_s + length_s))
        free_s += pause_s + length_s
    return cues


@given(steps, events, st.integers(0, 8))
def test_as_many_are_matched_as_can_be_each_once_and_in_order(
    made: list[tuple[int, int, str]], fired: list[tuple[int, str]], tolerance_s: int
) -> None:
    cues = laid_out(made)
    happened = [event(label, time_s) for time_s, label in sorted(fired)]
    found = match(cues, happened, tolerance_s)
    assert all(fits(detection.cue, detection.event, tolerance_s) for detection in found)
    assert len({id(detection.cue) for detection in found}) == len(found)
    assert len({id(detection.event) for detection in found}) == len(found)
    assert len(found) == most(cues, happened, tolerance_s)
    for label in LABELS:
        times_s = [item.event.time_s for item in found if item.cue.label == label]
        assert all(earlier <= later for earlier, later in pairwise(times_s))


@given(steps, events, st.integers(0, 8))
def test_a_longer_tolerance_never_detects_less(
    made: list[tuple[int, int, str]], fired: list[tuple[int, str]], tolerance_s: int
) -> None:
    cues = laid_out(made)
    happened = [event(label, time_s) for time_s, label in sorted(fired)]
    short, long = (len(match(cues, happened, limit)) for limit in (tolerance_s, tolerance_s + 1))
    assert short <= long
