"""Named hand shapes, each drawn with a little of a person's own habit."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from training.performer.arrays import Floats
from training.performer.hand import BENDS, SPREADS

Bends = tuple[float, float, float]
Thumb = tuple[float, float, float, float, float]

_STRAIGHT: Bends = (4.0, 6.0, 4.0)
_FOLDED: Bends = (80.0, 98.0, 60.0)
_PINCHED: Bends = (52.0, 44.0, 24.0)
# Thumbs: metacarpal azimuth and elevation, phalanx azimuth and elevation, bend of the tip.
_THUMB_WIDE = (52.0, 12.0, 48.0, 8.0, 0.0)
_THUMB_BESIDE = (35.0, 15.0, 25.0, 12.0, 0.0)
_THUMB_ALONG = (24.0, 14.0, 8.0, 10.0, 0.0)
_THUMB_TUCKED = (30.0, 48.0, -42.0, 28.0, 20.0)
_THUMB_ON_FIST = (30.0, 34.0, -6.0, 34.0, 18.0)
_THUMB_PINCHING = (28.0, 36.0, 6.0, 38.0, 5.0)
_THUMB_BEAK = (26.0, 42.0, 2.0, 50.0, 5.0)


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
    """A flat or slightly curled hand, fingers together as often as apart."""
    together = rng.random() < 0.5
    spread = rng.uniform(-0.15, 0.2) if together else rng.uniform(0.4, 1.1)
    curl = rng.uniform(0.0, 12.0) if rng.random() < 0.7 else rng.uniform(12.0, 26.0)
    return _open(rng, spread, curl)


def flat_hand(rng: np.random.Generator) -> Floats:
    """A palm that is shown: straight fingers, together as often as apart."""
    together = rng.random() < 0.5
    return _open(
        rng, rng.uniform(-0.15, 0.2) if together else rng.uniform(0.45, 1.2), rng.uniform(0.0, 9.0)
    )


def _open(rng: np.random.Generator, spread: float, curl: float) -> Floats:
    spreads = np.array([9.0, 2.0, -6.0, -14.0]) * spread
    thumb = _either(rng, (_THUMB_WIDE, _THUMB_BESIDE, _THUMB_ALONG), (0.45, 0.35, 0.2))
    return varied(rng, hand_shape([(curl * 0.6, curl, curl * 0.6)] * 4, spreads, thumb))


def spread_hand(rng: np.random.Generator) -> Floats:
    """Five fingers apart: the end of a zoom in."""
    spreads = np.array([14.0, 4.0, -8.0, -20.0]) * rng.uniform(0.5, 1.1)
    curl = rng.uniform(0.0, 14.0)
    thumb = (rng.uniform(50.0, 66.0), 12.0, rng.uniform(45.0, 62.0), 6.0, 0.0)
    return varied(rng, hand_shape([(curl * 0.5, curl, curl * 0.5)] * 4, spreads, thumb), 2.5)


def bunched_hand(rng: np.random.Generator) -> Floats:
    """All fingertips on the thumb's, as a beak; now and then a fist: the start of a zoom in."""
    if rng.random() < 0.2:
        return fist(rng)
    if rng.random() < 0.5:
        bends = tuple(np.asarray(_PINCHED) * rng.uniform(0.95, 1.2))
        return varied(rng, hand_shape([bends] * 4, [-3.0, 0.0, 4.0, 9.0], _THUMB_PINCHING), 2.5)
    knuckle = rng.uniform(52.0, 68.0)
    bends = (knuckle, rng.uniform(12.0, 26.0), rng.uniform(4.0, 14.0))
    return varied(rng, hand_shape([bends] * 4, [-4.0, 0.0, 5.0, 10.0], _THUMB_BEAK), 2.5)


def fist(rng: np.random.Generator) -> Floats:
    """A closed fist, the thumb across the fingers or beside them."""
    bends = tuple(np.asarray(_FOLDED) * rng.uniform(0.82, 1.02))
    thumb = _either(rng, (_THUMB_TUCKED, _THUMB_ON_FIST), (0.6, 0.4))
    return varied(rng, hand_shape([bends] * 4, [2.0, 0.0, -2.0, -4.0], thumb))


def thumb_fist(rng: np.random.Generator) -> Floats:
    """A fist, tight or half open, with the thumb stretched away from it."""
    bends = tuple(np.asarray(_FOLDED) * rng.uniform(0.62, 1.04))
    thumb = (
        rng.uniform(25.0, 55.0),
        rng.uniform(-6.0, 14.0),
        rng.uniform(72.0, 100.0),
        rng.uniform(-10.0, 10.0),
        rng.uniform(-20.0, 6.0),
    )
    return varied(rng, hand_shape([bends] * 4, [0.0] * 4, thumb), 3.0)


def two_fingers(rng: np.random.Generator) -> Floats:
    """Index and middle finger stretched side by side, the others curled, mostly loosely."""
    curl, apart = rng.uniform(0.0, 16.0), rng.uniform(0.0, 1.0) ** 2
    stretched = (curl, curl, curl * 0.5)
    curled = tuple(np.asarray(_FOLDED) * rng.uniform(0.55, 1.0))
    spreads = [7.0 * apart - 1.0, -6.0 * apart + 1.0, -4.0, -6.0]
    thumb = _either(
        rng, (_THUMB_TUCKED, _THUMB_ON_FIST, _THUMB_BESIDE, _THUMB_WIDE), (0.45, 0.15, 0.25, 0.15)
    )
    return varied(rng, hand_shape([stretched, stretched, curled, curled], spreads, thumb))


def pinch(rng: np.random.Generator, *, closed: bool, others_folded: bool) -> Floats:
    """Thumb and index finger touching (`closed`) or wide apart; the other fingers keep still."""
    folded = tuple(np.asarray(_FOLDED) * rng.uniform(0.8, 1.0))
    others = (
        [folded] * 3 if others_folded else [(30.0, 35.0, 20.0), (38.0, 40.0, 22.0), (45.0,) * 3]
    )
    index: Bends = _PINCHED if closed else (2.0, 5.0, 4.0)
    thumb = _THUMB_PINCHING if closed else (66.0, 20.0, 72.0, 10.0, -5.0)
    return varied(rng, hand_shape([index, *others], [4.0, 0.0, -3.0, -6.0], thumb), 2.0)


def relaxed_hand(rng: np.random.Generator) -> Floats:
    """A hand at rest, half curled, the little finger mostly more than the index finger."""
    curls = rng.uniform(5.0, 40.0) + rng.uniform(-3.0, 20.0) * np.arange(4)
    bends = [(curl * 0.7, curl, curl * 0.6) for curl in curls.tolist()]
    thumb = _either(rng, (_THUMB_BESIDE, _THUMB_ALONG, _THUMB_ON_FIST), (0.6, 0.2, 0.2))
    return varied(rng, hand_shape(bends, [4.0, 1.0, -3.0, -7.0], thumb), 4.0)


def claw(rng: np.random.Generator) -> Floats:
    """Fingers spread and half bent, as around a door knob."""
    bends = (rng.uniform(12.0, 28.0), rng.uniform(25.0, 42.0), rng.uniform(15.0, 28.0))
    return varied(
        rng, hand_shape([bends] * 4, [12.0, 3.0, -7.0, -17.0], (55.0, 28.0, 42.0, 30.0, 8.0))
    )


def drumming_hand(rng: np.random.Generator) -> Floats:
    """Slightly arched fingers, ready to tap one after the other."""
    arch = rng.uniform(0.5, 1.5)
    bends = (18.0 * arch, 26.0 * arch, 14.0 * arch)
    return varied(rng, hand_shape([bends] * 4, [7.0, 1.0, -5.0, -11.0], _THUMB_BESIDE))


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


def odd_sign(rng: np.random.Generator, *, two_fingers: bool = True) -> Floats:
    """A hand sign that is no Jester gesture, whichever way it is turned.

    Args:
        rng: Source of chance.
        two_fingers: False to leave out those that look like two fingers sliding once they move.
    """
    signs = _SIGNS if two_fingers else [sign for sign in _SIGNS if not _is_two(sign[0])]
    fingers, spreads, thumb = signs[int(rng.integers(len(signs)))]
    loose = rng.uniform(0.8, 1.0)
    bends = [tuple(np.asarray(bend) * loose) if bend is _FOLDED else bend for bend in fingers]
    return varied(rng, hand_shape(bends, np.asarray(spreads) * rng.uniform(0.4, 1.1), thumb))


def _either(rng: np.random.Generator, thumbs: Sequence[Thumb], shares: Sequence[float]) -> Thumb:
    """Return one of several thumbs."""
    return thumbs[int(rng.choice(len(thumbs), p=shares))]


def _is_two(fingers: Sequence[Bends]) -> bool:
    """Return True for index and middle finger stretched and no other."""
    return tuple(fingers) == (_STRAIGHT, _STRAIGHT, _FOLDED, _FOLDED)


def with_bends(pose: Floats, extra: Floats) -> Floats:
    """Return the pose with `extra` (12 angles, radians) added to the finger bends."""
    result = pose.copy()
    result[BENDS] += extra
    return result


# Fingers from index to little finger, their spreads, and the thumb.
_SIGNS: tuple[tuple[tuple[Bends, ...], tuple[float, ...], Thumb], ...] = (
    ((_STRAIGHT, _FOLDED, _FOLDED, _FOLDED), (0.0, 0.0, 0.0, 0.0), _THUMB_TUCKED),  # pointing
    ((_STRAIGHT, _FOLDED, _FOLDED, _FOLDED), (0.0, 0.0, 0.0, 0.0), _THUMB_WIDE),  # an L
    ((_STRAIGHT, _STRAIGHT, _FOLDED, _FOLDED), (14.0, -12.0, 0.0, 0.0), _THUMB_TUCKED),  # V
    ((_STRAIGHT, _STRAIGHT, _FOLDED, _FOLDED), (14.0, -12.0, 0.0, 0.0), _THUMB_WIDE),  # three
    ((_STRAIGHT, _STRAIGHT, _STRAIGHT, _FOLDED), (10.0, 0.0, -10.0, 0.0), _THUMB_TUCKED),
    ((_STRAIGHT,) * 4, (12.0, 2.0, -8.0, -16.0), _THUMB_TUCKED),  # four
    ((_PINCHED, _STRAIGHT, _STRAIGHT, _STRAIGHT), (0.0, 4.0, -4.0, -12.0), _THUMB_PINCHING),  # OK
    ((_FOLDED, _FOLDED, _FOLDED, _STRAIGHT), (0.0, 0.0, 0.0, -12.0), _THUMB_TUCKED),
    ((_FOLDED, _FOLDED, _FOLDED, _STRAIGHT), (0.0, 0.0, 0.0, -14.0), _THUMB_WIDE),  # telephone
    ((_STRAIGHT, _FOLDED, _FOLDED, _STRAIGHT), (4.0, 0.0, 0.0, -10.0), _THUMB_TUCKED),  # horns
)
