"""What a live model should say, moment by moment."""

from __future__ import annotations

import pytest

from training.labels import NO_GESTURE, OTHER_THINGS
from training.refit.features import step_labels
from training.streams.truth import CueKind, StreamCue

SWIPE = StreamCue(CueKind.GESTURE, "Swiping Left", 4.0, 5.0, 6.0, 7.0)
BROKEN_OFF = StreamCue(CueKind.UNFINISHED, "Swiping Up", 10.0, 10.5, 10.8, 11.5)
DRINK = StreamCue(CueKind.DISTRACTION, "drinking", 14.0, 15.0, 18.0, 19.0)


@pytest.mark.parametrize(
    ("time_s", "label"),
    [
        (1.0, NO_GESTURE),
        (4.5, None),  # the hand comes up
        (5.5, None),  # in the midst of the stroke
        (5.9, "Swiping Left"),
        (6.4, "Swiping Left"),
        (7.5, None),  # the model may still speak of it
        (8.5, NO_GESTURE),
        (10.2, NO_GESTURE),  # nothing to be seen of it yet
        (11.0, OTHER_THINGS),
        (12.0, OTHER_THINGS),
        (13.0, NO_GESTURE),
        (16.0, OTHER_THINGS),
    ],
)
def test_a_gesture_is_named_at_the_end_of_its_stroke_and_nothing_else_is(
    time_s: float, label: str | None
) -> None:
    assert step_labels((SWIPE, BROKEN_OFF, DRINK), [time_s]) == [label]


def test_a_gesture_right_after_a_distraction_is_named() -> None:
    soon = StreamCue(CueKind.GESTURE, "Thumb Up", 19.0, 19.2, 19.6, 20.0)
    assert step_labels((DRINK, soon), [18.5, 19.3, 19.6]) == [OTHER_THINGS, None, "Thumb Up"]
