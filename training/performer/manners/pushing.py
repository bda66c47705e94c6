"""Pushes and pulls: toward the camera and back, with the whole hand or two fingers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.performer.arrays import Floats
from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import fist, flat_hand, relaxed_hand, two_fingers, varied
from training.performer.manners.manner import Manner, Manners, composer
from training.performer.manners.palms import Directions, down, front, level, moving_hand, upright


def _between(
    draw: Draw,
    label: str,
    pose: Floats,
    far: Directions,
    near: Directions,
    last: Floats | None = None,
) -> Gesture:
    """Return the stroke between a far and a near hand.

    Args:
        draw: The person's choices.
        label: What the finished clip shows.
        pose: Joint angles.
        far: Where the hand points at the far end.
        near: Where it points at the near end.
        last: Joint angles at the stroke's end; None for nearly the same.
    """
    framing = draw.framing
    far_m = framing.distance_for(draw.between(0.26, 0.5))
    near_m = min(framing.distance_for(draw.between(0.55, 0.95)), far_m * draw.between(0.5, 0.75))
    near_m = max(near_m, far_m - 0.45)
    near_share = framing.share_at(near_m)
    near_v = float(np.clip(0.6 * draw.v, -0.5, max(0.95 - 0.95 * near_share, -0.3)))
    ends = [
        draw.state(
            pose,
            *far,
            distance=far_m,
            v=near_v + draw.between(-0.15, 0.2),
            u=draw.u + draw.between(-0.15, 0.15),
        ),
        draw.state(pose, *near, distance=near_m, v=near_v, u=0.75 * draw.u),
    ]
    first, second = ends if label.startswith("Pushing") else ends[::-1]
    closing = varied(draw.rng, pose) if last is None else last
    return draw.stroke(label, first, replace(second, pose=closing))


def _tilted_front(draw: Draw) -> Directions:
    """Return an upright hand that shows its palm, leaning a little."""
    return upright(draw, draw.between(-0.3, 0.35), draw.between(-0.1, 0.4)), front(draw)


def _push_palm(draw: Draw, label: str) -> Gesture:
    """Push with the palm in front, fingers up."""
    held = _tilted_front(draw)
    pose = flat_hand(draw.rng) if draw.chance(0.6) else moving_hand(draw)
    return _between(draw, label, pose, held, held)


def _push_rolling(draw: Draw, label: str) -> Gesture:
    """Push so that the hand tips back, or comes up from a level hand."""
    pose = moving_hand(draw)
    near = upright(draw, draw.between(-0.2, 0.2), draw.between(-0.4, 0.1)), front(draw)
    return _between(
        draw, label, pose, (upright(draw, 0.0, draw.between(0.3, 1.2)), front(draw)), near
    )


def _push_fingers_first(draw: Draw, label: str) -> Gesture:
    """Push with the fingers toward the camera, palm down or to the side."""
    palm = down(draw) if draw.chance(0.6) else draw.direction(1.0, 0.0, 0.2, 0.15)
    held = level(draw, draw.between(-0.4, 0.4), 1.0), palm
    return _between(draw, label, moving_hand(draw), held, held)


def _pull_palm(draw: Draw, label: str) -> Gesture:
    """Draw an upright hand back, palm or back of the hand in front."""
    held = _tilted_front(draw)
    if not draw.plain and draw.chance(0.5):
        held = held[0], draw.direction(0.2, 0.1, -1.0, 0.15)
    return _between(draw, label, moving_hand(draw), held, held)


def _pull_beckoning(draw: Draw, label: str) -> Gesture:
    """Beckon: palm up near the camera, then the fingers rise and the back of the hand shows."""
    near = (
        level(draw, draw.between(-0.4, 0.4), draw.between(0.5, 1.0)),
        draw.direction(draw.between(-0.3, 0.4), 1.0, 0.2, 0.15),
    )
    far = (
        upright(draw, draw.between(-0.3, 0.5), draw.between(-0.3, 0.3)),
        draw.direction(0.2, 0.2, -1.0, 0.15),
    )
    pose = moving_hand(draw)
    curled = relaxed_hand(draw.rng) if draw.chance(0.5) else None
    return _between(draw, label, pose, far, near, curled)


def _pull_raking(draw: Draw, label: str) -> Gesture:
    """Rake the air in: palm down, fingers toward the camera, closing on the way."""
    side = draw.between(-0.4, 0.6)
    near = level(draw, side, 1.0), down(draw, draw.between(0.1, 0.6))
    far = (
        draw.direction(side, draw.between(-0.2, 0.7), 0.8, 0.1),
        down(draw, draw.between(0.1, 0.6)),
    )
    closing = fist(draw.rng) if draw.chance(0.4) else relaxed_hand(draw.rng)
    return _between(draw, label, moving_hand(draw), far, near, closing)


def _at_lens(draw: Draw) -> Directions:
    """Return two fingers that point at the lens, or nearly."""
    palm = down(draw) if draw.chance(0.7) else draw.direction(1.0, 0.0, 0.2, 0.15)
    return level(draw, draw.between(-0.35, 0.45), draw.between(0.7, 1.4)), palm


def _two_at_lens(draw: Draw, label: str) -> Gesture:
    """Push or pull two fingers that point at the lens."""
    held = _at_lens(draw)
    return _between(draw, label, two_fingers(draw.rng), held, held)


def _two_upright(draw: Draw, label: str) -> Gesture:
    """Push or pull two upright fingers."""
    held = _tilted_front(draw)
    if not draw.plain and label.startswith("Pulling") and draw.chance(0.4):
        held = held[0], draw.direction(0.2, 0.1, -1.0, 0.15)
    return _between(draw, label, two_fingers(draw.rng), held, held)


def _two_tipping(draw: Draw, label: str) -> Gesture:
    """Tip two fingers from upright toward the lens in a push, and back in a pull."""
    upright_ones = _tilted_front(draw)
    return _between(draw, label, two_fingers(draw.rng), upright_ones, _at_lens(draw))


def _two_beckoning(draw: Draw, label: str) -> Gesture:
    """Beckon with two fingers, palm up."""
    near = (
        level(draw, draw.between(-0.3, 0.4), 1.0),
        draw.direction(draw.between(-0.2, 0.3), 1.0, 0.2, 0.15),
    )
    far = upright(draw, draw.between(-0.2, 0.4)), draw.direction(0.2, 0.2, -1.0, 0.15)
    return _between(draw, label, two_fingers(draw.rng), far, near)


PUSH: Manners = (
    Manner("palm", 0.6, _push_palm),
    Manner("rolling", 0.25, _push_rolling),
    Manner("fingers first", 0.15, _push_fingers_first),
)
PULL: Manners = (
    Manner("palm", 0.3, _pull_palm),
    Manner("beckoning", 0.45, _pull_beckoning),
    Manner("raking", 0.25, _pull_raking),
)
PUSH_TWO: Manners = (
    Manner("at the lens", 0.55, _two_at_lens),
    Manner("upright", 0.27, _two_upright),
    Manner("tipping", 0.18, _two_tipping),
)
PULL_TWO: Manners = (
    Manner("upright", 0.27, _two_upright),
    Manner("at the lens", 0.28, _two_at_lens),
    Manner("beckoning", 0.3, _two_beckoning),
    Manner("tipping", 0.15, _two_tipping),
)

push_hand, pull_hand = composer(PUSH), composer(PULL)
push_two_fingers, pull_two_fingers = composer(PUSH_TWO), composer(PULL_TWO)
