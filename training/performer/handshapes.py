"""Named hand shapes, each drawn with a little of a person's own habit."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from training.performer.arrays import Floats
from training.performer.hand import BENDS, SPREADS

Bends = tuple[float, float, float]

_STRAIGHT: Bends = (4.0, 6.0, 4.0)
_FOLDED: Bends = (80.0, 98.0, 60.0)
_PINCHED: Bends = (52.0, 44.0, 24.0)
# Thumbs: metacarpal azimuth and elevation, phalanx azimuth and elevation, bend of the tip.
_THUMB_WIDE = (52.0, 12.0, 48.0, 8.0, 0.0)
_THUMB_BESIDE = (35.0, 15.0, 25.0, 12.0, 0.0)
_THUMB_TUCKED = (30.0, 48.0, -42.0, 28.0, 20.0)
_THUMB_PINCHING = (28.0, 36.0, 6.0, 38.0, 5.0)
_THUMB_UP = (40.0, 4.0, 92.0, 2.0, -8.0)


def hand_shape(fingers: Sequence[Bends], spreads: ArrayLike, thumb: ArrayLike) -> Floats:
    """Assemble a pose vector from angles in degrees (index finger first)."""
    angles = (np.ravel(np.asarray(fingers)), np.asarray(spreads), np.asarray(thumb))
    pose: Floats = np.radians(np.concatenate(angles))
    return pose


def varied(rng: np.random.Generator, pose: Floats, degrees: float = 3.0) -> Floats:
    """Return the pose with every joint a little off."""
    offsets = np.radians(rng.normal(0.0, degrees, pose.size))
    offsets[SPREADS] *= 0.4
    return pose + offsets


def open_hand(rng: np.random.Generator) -> Floats:
    """A flat hand, fingers together or apart."""
    spread, curl = rng.uniform(0.2, 1.0), rng.uniform(0.0, 12.0)
    spreads = np.array([9.0, 2.0, -6.0, -14.0]) * spread
    thumb = np.asarray(_THUMB_WIDE) if rng.random() < 0.6 else np.asarray(_THUMB_BESIDE)
    return varied(rng, hand_shape([(curl * 0.6, curl, curl * 0.6)] * 4, spreads, thumb))


def spread_hand(rng: np.random.Generator) -> Floats:
    """Five fingers wide apart: the end of a zoom in."""
    spreads = np.array([14.0, 4.0, -8.0, -20.0]) * rng.uniform(0.8, 1.1)
    return varied(rng, hand_shape([_STRAIGHT] * 4, spreads, (62.0, 12.0, 58.0, 6.0, 0.0)), 2.5)


def bunched_hand(rng: np.random.Generator) -> Floats:
    """All fingertips on the thumb's: the start of a zoom in."""
    if rng.random() < 0.3:
        return fist(rng)
    bends = tuple(np.asarray(_PINCHED) * rng.uniform(1.0, 1.2))
    return varied(rng, hand_shape([bends] * 4, [-3.0, 0.0, 4.0, 9.0], _THUMB_PINCHING), 2.5)


def fist(rng: np.random.Generator) -> Floats:
    """A closed fist, the thumb across the fingers."""
    return varied(rng, hand_shape([_FOLDED] * 4, [2.0, 0.0, -2.0, -4.0], _THUMB_TUCKED))


def thumb_fist(rng: np.random.Generator) -> Floats:
    """A fist with the thumb stretched away from it."""
    bends = tuple(np.asarray(_FOLDED) * rng.uniform(0.92, 1.02))
    return varied(rng, hand_shape([bends] * 4, [0.0] * 4, _THUMB_UP), 2.5)


def two_fingers(rng: np.random.Generator) -> Floats:
    """Index and middle finger stretched side by side, the others folded, the thumb tucked away."""
    curl, apart = rng.uniform(0.0, 10.0), rng.uniform(0.0, 1.0) ** 2
    stretched = (curl, curl, curl * 0.5)
    spreads = [7.0 * apart - 1.0, -6.0 * apart + 1.0, -4.0, -6.0]
    fingers = [stretched, stretched, _FOLDED, _FOLDED]
    return varied(rng, hand_shape(fingers, spreads, _THUMB_TUCKED))


def pinch(rng: np.random.Generator, *, closed: bool, others_folded: bool) -> Floats:
    """Thumb and index finger touching (`closed`) or wide apart; the other fingers keep still."""
    others = (
        [_FOLDED] * 3 if others_folded else [(30.0, 35.0, 20.0), (38.0, 40.0, 22.0), (45.0,) * 3]
    )
    index: Bends = _PINCHED if closed else (2.0, 5.0, 4.0)
    thumb = _THUMB_PINCHING if closed else (66.0, 20.0, 72.0, 10.0, -5.0)
    return varied(rng, hand_shape([index, *others], [4.0, 0.0, -3.0, -6.0], thumb), 2.0)


def relaxed_hand(rng: np.random.Generator) -> Floats:
    """A hand at rest, half curled."""
    curl = rng.uniform(10.0, 40.0)
    bends = (curl * 0.7, curl, curl * 0.6)
    return varied(rng, hand_shape([bends] * 4, [4.0, 1.0, -3.0, -7.0], _THUMB_BESIDE), 4.0)


def claw(rng: np.random.Generator) -> Floats:
    """Fingers spread and half bent, as around a door knob."""
    bends = (rng.uniform(12.0, 28.0), rng.uniform(25.0, 42.0), rng.uniform(15.0, 28.0))
    return varied(
        rng, hand_shape([bends] * 4, [12.0, 3.0, -7.0, -17.0], (55.0, 28.0, 42.0, 30.0, 8.0))
    )


def drumming_hand(rng: np.random.Generator) -> Floats:
    """Slightly arched fingers, ready to tap one after the other."""
    return varied(rng, hand_shape([(18.0, 26.0, 14.0)] * 4, [7.0, 1.0, -5.0, -11.0], _THUMB_BESIDE))


def pointing_hand(rng: np.random.Generator) -> Floats:
    """The index finger stretched, the others folded."""
    fingers = [_STRAIGHT, _FOLDED, _FOLDED, _FOLDED]
    return varied(rng, hand_shape(fingers, [0.0] * 4, _THUMB_TUCKED))


def counted_fingers(rng: np.random.Generator, count: int) -> Floats:
    """Show a number from 1 to 5: from the index finger on, or, now and then, from the thumb on."""
    from_thumb = count == 5 or rng.random() < 0.25
    first_folded = count - 1 if from_thumb else count
    bends = [_STRAIGHT if finger < first_folded else _FOLDED for finger in range(4)]
    spreads = np.array([12.0, 2.0, -8.0, -16.0]) * rng.uniform(0.4, 1.2)
    return varied(rng, hand_shape(bends, spreads, _THUMB_WIDE if from_thumb else _THUMB_TUCKED))


def odd_sign(rng: np.random.Generator) -> Floats:
    """A hand sign that is no Jester gesture: pointing, V, three, four, OK, or a fist."""
    straight, folded = _STRAIGHT, _FOLDED
    signs: list[Floats] = [
        hand_shape([straight, folded, folded, folded], [0.0] * 4, _THUMB_TUCKED),
        hand_shape([straight, straight, folded, folded], [14.0, -12.0, 0.0, 0.0], _THUMB_TUCKED),
        hand_shape([straight, straight, straight, folded], [10.0, 0.0, -10.0, 0.0], _THUMB_TUCKED),
        hand_shape([straight] * 4, [12.0, 2.0, -8.0, -16.0], _THUMB_TUCKED),
        hand_shape(
            [_PINCHED, straight, straight, straight], [0.0, 4.0, -4.0, -12.0], _THUMB_PINCHING
        ),
        hand_shape([folded, folded, folded, straight], [0.0, 0.0, 0.0, -12.0], _THUMB_TUCKED),
        fist(rng),
    ]
    return varied(rng, signs[int(rng.integers(len(signs)))])


def with_bends(pose: Floats, extra: Floats) -> Floats:
    """Return the pose with `extra` (12 angles, radians) added to the finger bends."""
    result = pose.copy()
    result[BENDS] += extra
    return result
