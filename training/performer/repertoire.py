"""The performer's repertoire: from a Jester label to a gesture."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from training.labels import JESTER_LABELS
from training.performer.cyclic_gestures import drumming, rolling, shaking, turning
from training.performer.framing import Framing
from training.performer.gesture import Draw, Gesture, sample_draw
from training.performer.idle_gestures import no_gesture, other_things
from training.performer.moving_gestures import push_or_pull, swipe_sideways, swipe_vertically
from training.performer.shaping_gestures import stop_sign, thumb, zoom

Composer = Callable[[Draw, str], Gesture]

_BRISK_S = (0.4, 0.9)
_STEADY_S = (0.6, 1.1)
_REPEATED_S = (1.0, 1.8)
_TURN_S = (0.8, 1.5)
_IDLE_S = (1.0, 1.8)

# The first entry that a label begins with decides.
_COMPOSERS: tuple[tuple[str, Composer, tuple[float, float]], ...] = (
    ("Swiping Left", swipe_sideways, _BRISK_S),
    ("Swiping Right", swipe_sideways, _BRISK_S),
    ("Swiping", swipe_vertically, _BRISK_S),
    ("Sliding Two Fingers Left", swipe_sideways, _BRISK_S),
    ("Sliding Two Fingers Right", swipe_sideways, _BRISK_S),
    ("Sliding", swipe_vertically, _BRISK_S),
    ("Pushing", push_or_pull, _BRISK_S),
    ("Pulling", push_or_pull, _BRISK_S),
    ("Rolling", rolling, _REPEATED_S),
    ("Turning", turning, _TURN_S),
    ("Zooming", zoom, _STEADY_S),
    ("Thumb", thumb, _STEADY_S),
    ("Shaking", shaking, _REPEATED_S),
    ("Stop", stop_sign, _STEADY_S),
    ("Drumming", drumming, _REPEATED_S),
    ("No gesture", no_gesture, _IDLE_S),
    ("Doing other things", other_things, _IDLE_S),
)


def compose(
    label: str, rng: np.random.Generator, framing: Framing, longest_s: float = 10.0
) -> tuple[Gesture, Draw]:
    """Make up one performance of a gesture by a right-handed person.

    Args:
        label: A label of `JESTER_LABELS`.
        rng: Source of chance.
        framing: The camera's view.
        longest_s: Upper limit for the stroke's length.

    Returns:
        The gesture and the draw it was built from.

    Raises:
        ValueError: If `label` is not a Jester label.
    """
    if label not in JESTER_LABELS:
        raise ValueError(f"'{label}' is not a Jester label.")
    _, composer, duration_s = next(entry for entry in _COMPOSERS if label.startswith(entry[0]))
    draw = sample_draw(rng, framing, duration_s)
    draw = replace(draw, duration_s=min(draw.duration_s, longest_s))
    return composer(draw, label), draw
