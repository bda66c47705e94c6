from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decision import Gesture
from tests.models.networks import tiny_spec
from training.evaluation.stream_metrics import FalseKind, StreamOutcome, assess, summarize
from training.streams.truth import CueKind, StreamCue, StreamTruth

SPEC = tiny_spec()  # knows Swiping Left and Thumb Up
GESTURE, UNFINISHED, DISTRACTION = CueKind.GESTURE, CueKind.UNFINISHED, CueKind.DISTRACTION


def cue(kind: CueKind, label: str, start_s: float) -> StreamCue:
    """A stroke of a second, with half a second to come up and one to sink."""
    return StreamCue(kind, label, start_s - 0.5, start_s, start_s + 1, start_s + 2)


CUES = (
    cue(GESTURE, "Swiping Left", 10),
    cue(UNFINISHED, "Swiping Left", 20),
    cue(DISTRACTION, "drinking", 30),
    cue(GESTURE, "Thumb Up", 40),
    cue(GESTURE, "Stop Sign", 50),  # a gesture that the model does not know
)


def truth(cues: tuple[StreamCue, ...] = CUES) -> StreamTruth:
    return StreamTruth(video="a.mp4", fps=12, duration_s=60, cues=cues)


def outcome(*events: tuple[str, float]) -> StreamOutcome:
    return assess(truth(), [Gesture(label, 0.9, time_s) for label, time_s in events], SPEC)


def test_a_perfect_model() -> None:
    metrics = summarize([outcome(("Swiping Left", 10.9), ("Thumb Up", 41.3))])
    assert metrics.as_dict() == {
        "minutes": 1.0,
        "gestures": 2,
        "levenshtein_accuracy": 1.0,
        "detection_rate": 1.0,
        "false_per_minute": 0.0,
        "delay_ms_p50": pytest.approx(100),
        "delay_ms_p95": pytest.approx(280),
    }


def test_a_model_that_never_says_anything() -> None:
    metrics = summarize([outcome()])
    assert metrics.levenshtein_accuracy == metrics.detection_rate == metrics.false_per_minute == 0
    assert metrics.delay_ms_p50 is metrics.delay_ms_p95 is None


def test_every_false_activation_is_told_with_what_was_going_on() -> None:
    found = outcome(
        ("Thumb Up", 5.0),
        ("Swiping Left", 10.5),
        ("Swiping Left", 11.5),
        ("Thumb Up", 12.0),
        ("Swiping Left", 20.4),
        ("Thumb Up", 31.0),
        ("Swiping Left", 40.5),
        ("Thumb Up", 50.5),
    )
    assert [(wrong.event.time_s, wrong.kind, wrong.during) for wrong in found.false] == [
        (5.0, FalseKind.REST, ""),
        (11.5, FalseKind.REPEATED, "Swiping Left"),
        (12.0, FalseKind.RETURNING, "Swiping Left"),
        (20.4, FalseKind.UNFINISHED, "Swiping Left"),
        (31.0, FalseKind.DISTRACTION, "drinking"),
        (40.5, FalseKind.WRONG_LABEL, "Thumb Up"),
        (50.5, FalseKind.WRONG_LABEL, "Stop Sign"),
    ]
    metrics = summarize([found])
    assert metrics.false_per_minute == 7
    assert metrics.detection_rate == 0.5
    # Made: S T. Fired: T S S T S T S T. Six have to go.
    assert metrics.levenshtein_accuracy == 1 - 6 / 2


def test_streams_are_summed_not_averaged() -> None:
    quiet = assess(truth(CUES[:1]), [], SPEC)
    metrics = summarize([outcome(("Swiping Left", 11), ("Thumb Up", 41)), quiet])
    assert metrics.minutes == 2
    assert metrics.gestures == 3
    assert metrics.detection_rate == pytest.approx(2 / 3)


def test_without_a_gesture_silence_is_all_that_is_right() -> None:
    nothing = assess(truth(()), [], SPEC)
    noise = assess(truth(()), [Gesture("Thumb Up", 0.9, 3.0)], SPEC)
    assert summarize([nothing]).levenshtein_accuracy == 1
    assert summarize([noise]).levenshtein_accuracy == 0


@given(
    st.lists(
        st.tuples(st.sampled_from(("Swiping Left", "Thumb Up")), st.floats(0, 60)), max_size=12
    )
)
def test_every_event_is_either_a_detection_or_false(events: list[tuple[str, float]]) -> None:
    ordered = sorted(events, key=lambda item: item[1])
    found = outcome(*ordered)
    assert len(found.detections) + len(found.false) == len(ordered)
    metrics = summarize([found])
    assert 0 <= metrics.detection_rate <= 1
    # A sequence is never better than the gestures found in it allow.
    assert metrics.levenshtein_accuracy <= 1
    assert found.edits >= abs(len(ordered) - metrics.gestures)
