"""The performer's repertoire: from a Jester label to a gesture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.labels import JESTER_LABELS
from training.performer.framing import Framing
from training.performer.gesture import Draw, Gesture, sample_draw
from training.performer.manners.idle import no_gesture, other_things
from training.performer.manners.manner import Composer
from training.performer.manners.pushing import (
    pull_hand,
    pull_two_fingers,
    push_hand,
    push_two_fingers,
)
from training.performer.manners.repeating import drumming, rolling, shaking
from training.performer.manners.showing import held_still, other_shape
from training.performer.manners.signs import stop_sign, stop_state, thumb, thumb_state
from training.performer.manners.sliding import slide_sideways, slide_vertically
from training.performer.manners.swiping import swipe_sideways, swipe_vertically
from training.performer.manners.turning import turning
from training.performer.manners.zooming import zoom_full_hand, zoom_two_fingers

STILL_LABELS = ("Thumb Up", "Thumb Down", "Stop Sign", "Doing other things")
"""What a hand that is held still from the first frame to the last can show."""

_BRISK_S = (0.3, 1.0)
_STEADY_S = (0.5, 1.2)
_REPEATED_S = (1.0, 1.8)
_TURN_S = (0.6, 1.5)
# Signs and what is none take equally long: a shape tells them apart, not its length.
_SHOWN_S = (0.5, 1.8)

# The first entry that a label begins with decides.
_COMPOSERS: tuple[tuple[str, Composer, tuple[float, float]], ...] = (
    ("Swiping Left", swipe_sideways, _BRISK_S),
    ("Swiping Right", swipe_sideways, _BRISK_S),
    ("Swiping", swipe_vertically, _BRISK_S),
    ("Sliding Two Fingers Left", slide_sideways, _BRISK_S),
    ("Sliding Two Fingers Right", slide_sideways, _BRISK_S),
    ("Sliding", slide_vertically, _BRISK_S),
    ("Pushing Hand", push_hand, _BRISK_S),
    ("Pushing Two", push_two_fingers, _BRISK_S),
    ("Pulling Hand", pull_hand, _BRISK_S),
    ("Pulling Two", pull_two_fingers, _BRISK_S),
    ("Rolling", rolling, _REPEATED_S),
    ("Turning", turning, _TURN_S),
    ("Zooming In With Full", zoom_full_hand, _STEADY_S),
    ("Zooming Out With Full", zoom_full_hand, _STEADY_S),
    ("Zooming", zoom_two_fingers, _STEADY_S),
    ("Thumb", thumb, _SHOWN_S),
    ("Shaking", shaking, _REPEATED_S),
    ("Stop", stop_sign, _SHOWN_S),
    ("Drumming", drumming, _REPEATED_S),
    ("No gesture", no_gesture, _SHOWN_S),
    ("Doing other things", other_things, _SHOWN_S),
)


def compose(
    label: str,
    rng: np.random.Generator,
    framing: Framing,
    longest_s: float = 10.0,
    *,
    plain: bool = False,
) -> tuple[Gesture, Draw]:
    """Make up one performance of a gesture by a right-handed person.

    Args:
        label: A label of `JESTER_LABELS`.
        rng: Source of chance.
        framing: The camera's view.
        longest_s: Upper limit for the stroke's length.
        plain: True to show it to others: in its plainest manner, in the middle of the picture.

    Returns:
        The gesture and the draw it was built from.

    Raises:
        ValueError: If `label` is not a Jester label.
    """
    if label not in JESTER_LABELS:
        raise ValueError(f"'{label}' is not a Jester label.")
    _, composer, duration_s = next(entry for entry in _COMPOSERS if label.startswith(entry[0]))
    draw = sample_draw(rng, framing, duration_s, plain=plain)
    draw = replace(draw, duration_s=min(draw.duration_s, longest_s))
    return composer(draw, label), draw


def compose_still(
    label: str, rng: np.random.Generator, framing: Framing, duration_s: float
) -> tuple[Gesture, Draw]:
    """Make up a hand that is held still.

    Args:
        label: What it shows, one of `STILL_LABELS`; "Doing other things" is any other shape.
        rng: Source of chance.
        framing: The camera's view.
        duration_s: For how long.

    Raises:
        ValueError: If the label cannot be told from a still hand.
    """
    if label not in STILL_LABELS:
        raise ValueError(f"'{label}' is not told by a hand that is held still.")
    draw = sample_draw(rng, framing, (duration_s, duration_s))
    if label == "Stop Sign":
        state = stop_state(draw)
    else:
        state = thumb_state(draw, label) if label.startswith("Thumb") else other_shape(draw)
    return held_still(draw, label, state), draw
