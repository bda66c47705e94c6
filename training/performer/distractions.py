"""Everyday motions that are no command: what people do before a webcam between gestures."""

import math
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import numpy as np

from training.performer.framing import Framing
from training.performer.gesture import Draw, Gesture, resting_state, sample_draw
from training.performer.handshapes import (
    counted_fingers,
    drumming_hand,
    fist,
    odd_sign,
    relaxed_hand,
    varied,
    with_bends,
)
from training.performer.motion import HandState, Keyframe, Oscillation

_TAU = 2.0 * math.pi
# What sits at the picture's lower edge shows its upper half.
_LOWER_EDGE_V = -0.95


class Distraction(StrEnum):
    """A kind of motion that must not be taken for a gesture."""

    DRINKING = "drinking"
    SCRATCHING = "scratching"
    TOUCHING_FACE = "touching the face"
    RESTING_CHIN = "resting the chin"
    ADJUSTING_HEADPHONES = "adjusting headphones"
    TYPING = "typing"
    LEANING = "leaning"
    TALKING = "talking with the hands"
    REACHING = "reaching across"
    SIGNING = "showing a sign of no meaning"
    COUNTING = "counting on the fingers"


def compose_distraction(
    kind: Distraction,
    rng: np.random.Generator,
    framing: Framing,
    duration_range_s: tuple[float, float] = (1.5, 4.0),
) -> tuple[Gesture, Draw]:
    """Make up one performance of an everyday motion.

    Args:
        kind: What is done.
        rng: Source of chance.
        framing: The camera's view.
        duration_range_s: Range of its length.

    Returns:
        The motion, labelled "Doing other things", and the draw it was built from.
    """
    draw = sample_draw(rng, framing, duration_range_s)
    return distract(kind, draw), draw


def distract(kind: Distraction, draw: Draw) -> Gesture:
    """Build an everyday motion from a draw."""
    return _COMPOSERS[kind](draw, "Doing other things")


def _at_head(draw: Draw, low: float = -0.12, high: float = 0.1) -> HandState:
    """Return a hand that touches the face, the hair or the chin.

    Args:
        draw: The person's choices.
        low: Lowest place, metres above the head's centre.
        high: Highest place.
    """
    head = draw.framing.head
    point = head + np.array([draw.between(-0.1, -0.02), draw.between(low, high), 0.13])
    u, v = draw.framing.picture_position(point)
    fingers = draw.direction(0.5, 0.8, -0.3, 0.2)
    palm = draw.direction(0.4, 0.0, -1.0, 0.2)
    return draw.state(relaxed_hand(draw.rng), fingers, palm, u=u, v=v, distance=-float(point[2]))


def _drink(draw: Draw, label: str) -> Gesture:
    """Bring a cup from the table to the mouth, drink, and put it down."""
    mouth = _at_head(draw, -0.1, -0.06)
    table = replace(
        mouth, u=mouth.u - draw.between(0.1, 0.4), v=_LOWER_EDGE_V, distance=draw.distance
    )
    tipped = mouth.turned((1.0, 0.0, 0.0), -draw.between(0.2, 0.5))
    gesture = draw.stroke(label, table, mouth, tipped, mouth, table)
    return replace(gesture, unrest=1.5, holds_cup=True)


def _scratch(draw: Draw, label: str) -> Gesture:
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


def _touch_face(draw: Draw, label: str) -> Gesture:
    """Wipe over face or hair, or push the glasses up."""
    return replace(draw.stroke(label, _at_head(draw), _at_head(draw)), unrest=2.0)


def _rest_chin(draw: Draw, label: str) -> Gesture:
    """Prop the head on a hand, and stay."""
    state = replace(_at_head(draw, -0.16, -0.1), pose=fist(draw.rng))
    return replace(draw.stroke(label, state, state), unrest=0.6)


def _adjust_headphones(draw: Draw, label: str) -> Gesture:
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


def _type(draw: Draw, label: str) -> Gesture:
    """Type with both hands at the picture's lower edge."""
    share = min(draw.share, 0.45)
    fingers = draw.direction(0.25, 0.35, 1.0, 0.1)
    palm = draw.direction(0.0, -1.0, 0.3, 0.1)
    state = draw.state(
        drumming_hand(draw.rng),
        fingers,
        palm,
        u=draw.between(-0.4, -0.15),
        v=_LOWER_EDGE_V - 0.3 * share + draw.between(0.0, 0.2),
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


def _lean(draw: Draw, label: str) -> Gesture:
    """Move head and body only."""
    state = resting_state(draw)
    return replace(draw.stroke(label, state, state), hands_hidden=True, unrest=6.0)


def _talk(draw: Draw, label: str) -> Gesture:
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


def _reach(draw: Draw, label: str) -> Gesture:
    """Reach for something beside the keyboard and take it back: a low, slack hand."""
    fingers = draw.direction(draw.between(-0.6, 0.6), 0.6, 0.7, 0.2)
    palm = draw.direction(0.1, -1.0, 0.1, 0.2)
    near = draw.state(
        relaxed_hand(draw.rng),
        fingers,
        palm,
        u=draw.between(-0.3, 0.1),
        v=_LOWER_EDGE_V + draw.between(0.0, 0.2),
    )
    side = 1.0 if draw.chance(0.5) else -1.0
    far = replace(near, u=side * draw.between(0.6, 0.95), v=near.v + draw.between(0.0, 0.35))
    grasped = replace(far, pose=fist(draw.rng))
    return replace(draw.stroke(label, near, far, grasped, near), unrest=2.0)


def _sign(draw: Draw, label: str) -> Gesture:
    """Hold up a sign that means nothing here, perhaps changing to another."""
    fingers = draw.direction(draw.between(-0.1, 0.4), 1.0, 0.0, 0.15)
    palm = draw.direction(0.1, 0.0, 1.0, 0.4)
    first = draw.state(odd_sign(draw.rng), fingers, palm)
    then = odd_sign(draw.rng) if draw.chance(0.4) else varied(draw.rng, first.pose, 2.0)
    return draw.stroke(label, first, draw.state(then, fingers, palm, u=draw.u + 0.04))


def _count(draw: Draw, label: str) -> Gesture:
    """Open fingers from a fist and close them again, the palm or the back of the hand in front."""
    fingers = draw.direction(draw.between(-0.2, 0.8), 1.0, 0.0, 0.2)
    palm = draw.direction(0.1, 0.0, 1.0 if draw.chance(0.6) else -1.0, 0.4)
    closed = draw.state(fist(draw.rng), fingers, palm)
    number = int(draw.rng.integers(1, 6))
    shown = draw.state(counted_fingers(draw.rng, number), fingers, palm, v=draw.v + 0.04)
    states = [closed, shown, shown]
    if draw.chance(0.4):
        other = counted_fingers(draw.rng, 1 + number % 5)
        states += [replace(shown, pose=other)] * 2
    if draw.chance(0.5):
        states.append(closed)
    return draw.stroke(label, *states)


_COMPOSERS: dict[Distraction, Callable[[Draw, str], Gesture]] = {
    Distraction.DRINKING: _drink,
    Distraction.SCRATCHING: _scratch,
    Distraction.TOUCHING_FACE: _touch_face,
    Distraction.RESTING_CHIN: _rest_chin,
    Distraction.ADJUSTING_HEADPHONES: _adjust_headphones,
    Distraction.TYPING: _type,
    Distraction.LEANING: _lean,
    Distraction.TALKING: _talk,
    Distraction.REACHING: _reach,
    Distraction.SIGNING: _sign,
    Distraction.COUNTING: _count,
}
