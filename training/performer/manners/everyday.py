"""Everyday motions: what hands do at the face, at the keyboard and while their owner talks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from training.performer.gesture import Draw, Gesture, resting_state
from training.performer.handshapes import (
    drumming_hand,
    fist,
    odd_sign,
    relaxed_hand,
    varied,
    with_bends,
)
from training.performer.held_thing import HeldThing
from training.performer.motion import HandState, Keyframe, Oscillation

_TAU = 2.0 * math.pi
# What sits at the picture's lower edge shows its upper half.
LOWER_EDGE_V = -0.95


def _at_head(draw: Draw, low: float = -0.12, high: float = 0.1) -> HandState:
    """Return a hand that touches the face, the hair or the chin.

    Args:
        draw: The person's choices.
        low: Lowest place, meters above the head's center.
        high: Highest place.
    """
    head = draw.framing.head
    point = head + np.array([draw.between(-0.1, -0.02), draw.between(low, high), 0.13])
    u, v = draw.framing.picture_position(point)
    fingers = draw.direction(0.5, 0.8, -0.3, 0.2)
    palm = draw.direction(0.4, 0.0, -1.0, 0.2)
    return draw.state(relaxed_hand(draw.rng), fingers, palm, u=u, v=v, distance=-float(point[2]))


def drink(draw: Draw, label: str) -> Gesture:
    """Bring a cup from the table to the mouth, drink, and put it down."""
    mouth = _at_head(draw, -0.1, -0.06)
    table = replace(
        mouth, u=mouth.u - draw.between(0.1, 0.4), v=LOWER_EDGE_V, distance=draw.distance
    )
    tipped = mouth.turned((1.0, 0.0, 0.0), -draw.between(0.2, 0.5))
    gesture = draw.stroke(label, table, mouth, tipped, mouth, table)
    return replace(gesture, unrest=1.5, held=HeldThing.CUP)


def scratch(draw: Draw, label: str) -> Gesture:
    """Rub the head with small quick movements."""
    state = _at_head(draw, 0.0, 0.14)
    gesture = draw.stroke(label, state, replace(state, pose=varied(draw.rng, state.pose, 2.0)))
    strokes_per_s, reach = draw.between(1.2, 2.3), draw.between(0.02, 0.06)
    across = draw.chance(0.5)

    def rub(state: HandState, elapsed_s: float, strength: float) -> HandState:
        offset = strength * reach * math.sin(_TAU * strokes_per_s * elapsed_s)
        return replace(state, u=state.u + offset) if across else replace(state, v=state.v + offset)

    movement = Oscillation(0.0, gesture.duration_s, rub)
    return replace(gesture, oscillations=(movement,), unrest=2.0)


def touch_face(draw: Draw, label: str) -> Gesture:
    """Wipe over face or hair, or push the glasses up."""
    return replace(draw.stroke(label, _at_head(draw), _at_head(draw)), unrest=2.0)


def rest_chin(draw: Draw, label: str) -> Gesture:
    """Prop the head on a hand, and stay."""
    state = replace(_at_head(draw, -0.16, -0.1), pose=fist(draw.rng))
    return replace(draw.stroke(label, state, state), unrest=0.6)


def adjust_headphones(draw: Draw, label: str) -> Gesture:
    """Reach for hair or headphones with both hands."""
    first, last = _at_head(draw), _at_head(draw)
    mirrored = tuple(
        Keyframe(time, replace(state, u=_mirrored_about_head(draw, state)))
        for time, state in ((0.0, first), (draw.duration_s, last))
    )
    return replace(draw.stroke(label, first, last), second=mirrored, unrest=2.0)


def _mirrored_about_head(draw: Draw, state: HandState) -> float:
    """Return the mirrored `u` that puts the other hand at the head's other side."""
    head_u, _ = draw.framing.picture_position(draw.framing.head)
    return -(2.0 * head_u - state.u)


def type_(draw: Draw, label: str) -> Gesture:
    """Type with both hands at the picture's lower edge."""
    share = min(draw.share, 0.45)
    fingers = draw.direction(0.25, 0.35, 1.0, 0.1)
    palm = draw.direction(0.0, -1.0, 0.3, 0.1)
    state = draw.state(
        drumming_hand(draw.rng),
        fingers,
        palm,
        u=draw.between(-0.4, -0.15),
        v=LOWER_EDGE_V - 0.3 * share + draw.between(0.0, 0.2),
        distance=draw.framing.distance_for(share),
    )
    taps_per_s, size = draw.between(1.4, 2.3), math.radians(draw.between(15.0, 30.0))

    def press(phase: float) -> Oscillation:
        def move(state: HandState, elapsed_s: float, strength: float) -> HandState:
            turns = _TAU * taps_per_s * elapsed_s + phase + 1.7 * np.arange(4)
            extra = np.zeros(12)
            extra[::3] = size * strength * np.sin(turns)
            return replace(state, pose=with_bends(state.pose, extra))

        return Oscillation(0.0, draw.duration_s, move)

    moved = replace(state, u=state.u + draw.between(-0.1, 0.1))
    gesture = draw.stroke(label, state, moved)
    return replace(
        gesture,
        oscillations=(press(0.0),),
        second=gesture.keyframes,
        second_oscillations=(press(2.0),),
        unrest=0.8,
    )


def lean(draw: Draw, label: str) -> Gesture:
    """Move head and body only."""
    state = resting_state(draw)
    return replace(draw.stroke(label, state, state), hands_hidden=True, unrest=6.0)


def talk(draw: Draw, label: str) -> Gesture:
    """Wave the hands about as one does when talking."""
    states = []
    for _ in range(max(3, round(2.2 * draw.duration_s))):
        fingers = draw.direction(0.2, 0.8, 0.3, 0.4)
        palm = draw.direction(0.4, -0.2, 0.6, 0.5)
        u, v = draw.u + draw.between(-0.35, 0.5), draw.v + draw.between(-0.4, 0.2)
        far = draw.distance * draw.between(0.95, 1.2)
        pose = odd_sign(draw.rng) if draw.chance(0.3) else relaxed_hand(draw.rng)
        states.append(draw.state(pose, fingers, palm, u=u, v=v, distance=far))
    gesture = draw.stroke(label, *states)
    if draw.chance(0.5):
        second = tuple(
            Keyframe(key.time_s, replace(key.state, u=key.state.u - 0.1, v=key.state.v - 0.1))
            for key in gesture.keyframes
        )
        gesture = replace(gesture, second=second)
    return replace(gesture, unrest=1.8)


def reach(draw: Draw, label: str) -> Gesture:
    """Reach for something beside the keyboard and take it back: a low, slack hand."""
    fingers = draw.direction(draw.between(-0.6, 0.6), 0.6, 0.7, 0.2)
    palm = draw.direction(0.1, -1.0, 0.1, 0.2)
    near = draw.state(
        relaxed_hand(draw.rng),
        fingers,
        palm,
        u=draw.between(-0.3, 0.1),
        v=LOWER_EDGE_V + draw.between(0.0, 0.2),
    )
    side = 1.0 if draw.chance(0.5) else -1.0
    far = replace(near, u=side * draw.between(0.6, 0.95), v=near.v + draw.between(0.0, 0.35))
    grasped = replace(far, pose=fist(draw.rng))
    return replace(draw.stroke(label, near, far, grasped, near), unrest=2.0)


def use_telephone(draw: Draw, label: str) -> Gesture:
    """Look at a telephone that is held up, or lift it to the ear."""
    fingers = draw.direction(draw.between(-0.1, 0.5), 1.0, draw.between(-0.1, 0.3), 0.1)
    palm = draw.direction(0.3, 0.2, -1.0, 0.2)
    curled = relaxed_hand(draw.rng)
    looking = draw.state(curled, fingers, palm)
    if draw.chance(0.6):
        gesture = draw.stroke(
            label, looking, replace(looking, u=looking.u + draw.between(-0.1, 0.1))
        )
    else:
        gesture = draw.stroke(label, looking, _at_head(draw, -0.08, 0.02))
    return replace(gesture, held=HeldThing.TELEPHONE, unrest=0.8)


def write(draw: Draw, label: str) -> Gesture:
    """Write or point with a pen."""
    fingers = draw.direction(draw.between(-0.2, 0.7), draw.between(-0.1, 0.8), 0.8, 0.1)
    palm = draw.direction(0.6, -0.7, 0.2, 0.2)
    low = draw.v if draw.chance(0.4) else LOWER_EDGE_V + draw.between(0.1, 0.4)
    state = draw.state(fist(draw.rng), fingers, palm, v=low)
    moved = replace(state, u=state.u + draw.between(0.05, 0.3))
    gesture = draw.stroke(label, state, moved)
    strokes_per_s, size = draw.between(1.2, 2.3), draw.between(0.01, 0.05)

    def scribble(state: HandState, elapsed_s: float, strength: float) -> HandState:
        angle = _TAU * strokes_per_s * elapsed_s
        return replace(
            state,
            u=state.u + strength * size * math.sin(angle),
            v=state.v + strength * size * math.cos(1.7 * angle),
        )

    movement = Oscillation(0.0, gesture.duration_s, scribble)
    return replace(gesture, oscillations=(movement,), held=HeldThing.PEN)
