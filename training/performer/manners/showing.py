"""Hands that show a shape which is no gesture: held still, changed, counted, pointed with."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from training.performer.arrays import Floats
from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import (
    bunched_hand,
    claw,
    counted_fingers,
    fist,
    odd_sign,
    open_hand,
    pinch,
    pointing_hand,
    relaxed_hand,
    thumb_fist,
    two_fingers,
    varied,
    with_bends,
)
from training.performer.manners.palms import Directions, down, front, level, upright
from training.performer.manners.repeating import with_oscillation
from training.performer.motion import HandState, Keyframe

_TAU = 2.0 * math.pi


def _any_way(draw: Draw) -> Directions:
    """Return fingers and palm as people show a hand: mostly upright, from either side."""
    kind = draw.rng.random()
    if kind < 0.62:
        fingers = upright(draw, draw.between(-0.4, 0.6), draw.between(-0.1, 0.5))
        return fingers, draw.direction(draw.between(-0.3, 0.8), 0.0, draw.side(0.72), 0.15)
    if kind < 0.8:
        return level(draw, draw.side(0.8), draw.between(-0.1, 0.6)), draw.direction(
            0.0, draw.between(-0.6, 0.3), draw.side(0.4), 0.15
        )
    if kind < 0.95:
        palm = down(draw) if draw.chance(0.6) else draw.direction(1.0, 0.2, 0.2, 0.2)
        return level(draw, draw.between(-0.4, 0.6), 1.0), palm
    return draw.direction(draw.between(-0.3, 0.5), -1.0, 0.3, 0.1), front(draw)


def _level_thumb(draw: Draw) -> HandState:
    """Return a thumb that points sideways: neither up nor down."""
    yaw = math.radians(draw.between(-10.0, 60.0))
    fingers = np.array([0.0, draw.side(0.6) * math.sin(yaw), math.cos(yaw)])
    side = draw.direction(draw.side(0.4), draw.between(-0.3, 0.3), 0.1, 0.05)
    return draw.state(thumb_fist(draw.rng), fingers, np.cross(side, fingers))


def _turned_away(draw: Draw) -> HandState:
    """Return an open hand that is no stop sign: on edge, from behind, level, or hanging."""
    kind = draw.rng.random()
    pose = open_hand(draw.rng)
    if kind < 0.42:
        fingers = upright(draw, draw.between(-0.3, 0.5), draw.between(0.0, 0.6))
        return draw.state(pose, fingers, draw.direction(draw.side(0.85), 0.0, 0.0, 0.15))
    if kind < 0.57:
        fingers = upright(draw, draw.between(-0.4, 0.6), draw.between(-0.2, 0.4))
        return draw.state(pose, fingers, draw.direction(draw.between(-0.4, 0.4), 0.0, -1.0, 0.12))
    if kind < 0.9:
        fingers = level(draw, draw.between(-0.5, 1.2), draw.between(0.4, 1.0))
        return draw.state(pose, fingers, draw.direction(0.0, draw.side(0.3), 0.1, 0.15))
    return draw.state(pose, *_any_way(draw), v=draw.v - 0.1)


def _fist(draw: Draw) -> HandState:
    return draw.state(fist(draw.rng), *_any_way(draw))


def _odd_sign(draw: Draw) -> HandState:
    return draw.state(odd_sign(draw.rng), *_any_way(draw))


def _two_fingers(draw: Draw) -> HandState:
    return draw.state(two_fingers(draw.rng), *_any_way(draw))


def _slack(draw: Draw) -> HandState:
    """Return a hand that shows nothing: slack, clawed, pinching or bunched."""
    poses: tuple[Floats, ...] = (
        relaxed_hand(draw.rng),
        relaxed_hand(draw.rng),
        claw(draw.rng),
        pinch(draw.rng, closed=draw.chance(0.5), others_folded=draw.chance(0.5)),
        bunched_hand(draw.rng),
    )
    return draw.state(poses[int(draw.rng.integers(len(poses)))], *_any_way(draw))


_SHAPES = (_fist, _odd_sign, _two_fingers, _level_thumb, _turned_away, _slack)
_SHAPE_SHARES = (0.2, 0.34, 0.08, 0.08, 0.18, 0.12)


def other_shape(draw: Draw) -> HandState:
    """Return a hand that shows anything but a thumb up, a thumb down or a stop sign."""
    return _SHAPES[int(draw.rng.choice(len(_SHAPES), p=_SHAPE_SHARES))](draw)


def _movable_shape(draw: Draw) -> HandState:
    """Return a hand that stays no gesture when it moves: not open, slack or two fingers."""
    kind = draw.rng.random()
    if kind < 0.35:
        return _fist(draw)
    if kind < 0.9:
        return draw.state(odd_sign(draw.rng, two_fingers=False), *_any_way(draw))
    return _level_thumb(draw)


def _elsewhere(draw: Draw, state: HandState, reach: float = 1.0) -> HandState:
    """Return a hand that has been moved and turned on the way to nothing in particular."""
    moved = replace(
        state,
        u=state.u + reach * draw.between(-0.45, 0.45),
        v=state.v + reach * draw.between(-0.35, 0.35),
        distance=state.distance * (1.0 + reach * draw.between(-0.2, 0.25)),
    )
    turned = moved.turned((0.0, 0.0, 1.0), reach * draw.between(-0.8, 0.8))
    return turned.turned(draw.direction(1.0, 1.0, 0.0, 0.7), reach * draw.between(-0.7, 0.7))


def held_still(draw: Draw, label: str, state: HandState) -> Gesture:
    """Hold a shape as still as people can; the performance adds how still that is."""
    drift = draw.jitter(0.015)
    last = replace(state, pose=varied(draw.rng, state.pose, 1.0), u=state.u + float(drift[0]))
    return draw.stroke(label, state, last)


def hold(draw: Draw, label: str) -> Gesture:
    """Hold up a shape that means nothing here, and perhaps wave it about."""
    if draw.chance(0.5):
        return held_still(draw, label, other_shape(draw))
    shape = _movable_shape(draw)
    return draw.stroke(label, shape, *(_elsewhere(draw, shape) for _ in range(2)))


def sign(draw: Draw, label: str) -> Gesture:
    """Show a sign that means nothing here, perhaps changing to another."""
    if draw.chance(0.5):
        first = _movable_shape(draw)
        then = _elsewhere(draw, first, 0.5)
    else:
        first = other_shape(draw)
        then = _elsewhere(draw, first, 0.12)
    pose = odd_sign(draw.rng) if draw.chance(0.4) else varied(draw.rng, then.pose, 2.0)
    return draw.stroke(label, first, replace(then, pose=pose))


def change(draw: Draw, label: str) -> Gesture:
    """Turn one shape into another and back: a V into a fist, an open hand into a fist."""
    first = _movable_shape(draw) if draw.chance(0.7) else other_shape(draw)
    poses = (odd_sign(draw.rng), fist(draw.rng), relaxed_hand(draw.rng))
    moved = replace(_elsewhere(draw, first), pose=poses[int(draw.rng.integers(len(poses)))])
    # Many turn the hand over meanwhile.
    then = moved.turned(first.rotation[:, 1], draw.between(-2.5, 2.5) if draw.chance(0.5) else 0.0)
    states = [first, first, then, then]
    return draw.stroke(label, *states, *([first] if draw.chance(0.4) else []))


def count(draw: Draw, label: str) -> Gesture:
    """Open fingers from a fist and close them again, the palm or the back of the hand in front."""
    fingers = draw.direction(draw.between(-0.2, 0.8), 1.0, 0.0, 0.2)
    palm = draw.direction(0.1, 0.0, draw.side(0.6), 0.4)
    closed = draw.state(fist(draw.rng), fingers, palm)
    number = int(draw.rng.integers(1, 6))
    shown = replace(_elsewhere(draw, closed, 0.5), pose=counted_fingers(draw.rng, number))
    states = [closed, shown, shown]
    if draw.chance(0.4):
        other = counted_fingers(draw.rng, 1 + number % 5)
        states += [replace(shown, pose=other)] * 2
    if draw.chance(0.5):
        states.append(closed)
    return draw.stroke(label, *states)


def click(draw: Draw, label: str) -> Gesture:
    """Tap once or twice with the index finger, as on a button in the air."""
    pose = pointing_hand(draw.rng) if draw.chance(0.8) else odd_sign(draw.rng)
    still = draw.state(pose, *_any_way(draw))
    taps, size = int(draw.rng.integers(1, 4)), math.radians(draw.between(25.0, 60.0))
    bent = replace(still, pose=with_bends(still.pose, np.array([size, 0.4 * size] + [0.0] * 10)))
    return draw.stroke(label, *[still, bent] * taps, still)


def point(draw: Draw, label: str) -> Gesture:
    """Point at something, then at something else, or draw circles in the air."""
    moves = draw.chance(0.5)
    pose = pointing_hand(draw.rng) if moves or draw.chance(0.6) else two_fingers(draw.rng)
    first = draw.state(pose, *_any_way(draw))
    if moves:
        moved = _elsewhere(draw, first)
        return draw.stroke(label, first, moved, moved)
    gesture = draw.stroke(label, first, first)
    turns_per_s, size = draw.side() * draw.between(0.7, 1.6), draw.between(0.05, 0.15)

    def circle(state: HandState, elapsed_s: float, strength: float) -> HandState:
        angle = _TAU * turns_per_s * elapsed_s
        u = state.u + strength * size * math.cos(angle) / draw.framing.aspect
        return replace(state, u=u, v=state.v + strength * size * math.sin(angle))

    return with_oscillation(gesture, circle)


def both_hands(draw: Draw, label: str) -> Gesture:
    """Clap, rub or fold both hands, or hold something between them."""
    pose = open_hand(draw.rng) if draw.chance(0.6) else relaxed_hand(draw.rng)
    fingers = draw.direction(draw.between(0.0, 0.9), 1.0, draw.between(0.0, 0.6), 0.1)
    palm = draw.direction(1.0, draw.between(-0.4, 0.2), draw.between(-0.3, 0.3), 0.1)
    near = draw.between(0.03, 0.1)
    apart = near + (draw.between(0.05, 0.3) if draw.chance(0.6) else 0.0)
    middle = draw.between(-0.15, 0.15)
    v = min(draw.v, draw.between(-0.7, 0.1))
    together = draw.state(pose, fingers, palm, u=middle - near, v=v)
    beats = max(2, round(draw.duration_s * draw.between(1.0, 2.5)))
    states = [together, replace(together, u=middle - apart)] * beats
    gesture = draw.stroke(label, *states)
    second = tuple(
        Keyframe(key.time_s, replace(key.state, u=-2.0 * middle + key.state.u))
        for key in gesture.keyframes
    )
    return replace(gesture, second=second, unrest=1.5)


def pass_by(draw: Draw, label: str) -> Gesture:
    """Raise a slack hand a little and let it sink: to nothing that could be seen."""
    low = -1.0 + draw.share * draw.between(0.0, 1.0)
    fingers = draw.direction(draw.between(-0.3, 0.8), 1.0, 0.3, 0.2)
    state = draw.state(relaxed_hand(draw.rng), fingers, draw.direction(0.2, 0.0, 1.0, 0.4), v=low)
    return draw.stroke(label, state, replace(state, u=state.u + draw.between(-0.1, 0.1)))
