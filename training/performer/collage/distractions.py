"""What must not be taken for a gesture: signs, hands that come and go, broken-off strokes."""

from dataclasses import dataclass, replace

import numpy as np

from training.performer.collage.shapes import HandShape
from training.performer.framing import Framing
from training.performer.gesture import Draw, Gesture, sample_draw
from training.performer.handshapes import relaxed_hand
from training.performer.motion import Keyframe, blend
from training.performer.repertoire import compose

_LABEL = "Doing other things"
_HELD_S = (0.7, 1.4)
_BRIEF_S = (0.05, 0.25)
_HELD_SHARE, _PASSING_SHARE = 0.42, 0.16
_HELD_SHAPES = (
    HandShape.POINTING,
    HandShape.OTHER_SIGN,
    HandShape.OTHER_SIGN,
    HandShape.FIST,
    HandShape.TWO_FINGERS,
    HandShape.PINCH_OPEN,
)
_TALKING_SHAPES = (
    HandShape.FIST,
    HandShape.OTHER_SIGN,
    HandShape.POINTING,
    HandShape.BUNCH,
)
_PASSING_SHAPES = (HandShape.OPEN_PALM, HandShape.TWO_FINGERS, HandShape.THUMB, HandShape.FIST)


@dataclass(frozen=True)
class IdleMotion:
    """Something that is no gesture, and the hand that does it.

    Attributes:
        gesture: The movement.
        draw: The draw that it was built from.
        shape: The main hand's shape.
        brief: True if it would be a gesture if it lasted: a palm held up is a stop sign.
    """

    gesture: Gesture
    draw: Draw
    shape: HandShape
    brief: bool


def distraction(rng: np.random.Generator, framing: Framing, longest_s: float) -> IdleMotion:
    """Make up something that is no gesture.

    Args:
        rng: Source of chance.
        framing: The camera's view.
        longest_s: Upper limit for its length.
    """
    kind = rng.random()
    if kind < _HELD_SHARE:
        draw = sample_draw(rng, framing, _HELD_S)
        draw = replace(draw, duration_s=min(draw.duration_s, longest_s))
        return IdleMotion(_held_sign(draw), draw, _choice(rng, _HELD_SHAPES), brief=False)
    if kind < _HELD_SHARE + _PASSING_SHARE:
        draw = sample_draw(rng, framing, _BRIEF_S)
        return IdleMotion(_passing(draw), draw, _choice(rng, _PASSING_SHAPES), brief=True)
    gesture, draw = compose(_LABEL, rng, framing, longest_s)
    return IdleMotion(gesture, draw, _choice(rng, _TALKING_SHAPES), brief=False)


def unfinished(gesture: Gesture, rng: np.random.Generator) -> Gesture:
    """Begin a gesture, think better of it and go back."""
    first, last = gesture.keyframes[0].state, gesture.keyframes[-1].state
    turning = blend(first, last, rng.uniform(0.12, 0.3))
    third = 0.3 * gesture.duration_s
    keyframes = (Keyframe(0.0, first), Keyframe(third, turning), Keyframe(2.0 * third, first))
    return replace(gesture, label=_LABEL, keyframes=keyframes, duration_s=2.0 * third)


def _choice(rng: np.random.Generator, shapes: tuple[HandShape, ...]) -> HandShape:
    return shapes[int(rng.integers(len(shapes)))]


def _held_sign(draw: Draw) -> Gesture:
    """Hold up a sign that means nothing here, not quite still."""
    fingers = draw.direction(draw.between(-0.5, 0.7), 1.0, 0.1, 0.15)
    palm = draw.direction(0.1, 0.0, 1.0 if draw.chance(0.75) else -1.0, 0.25)
    pose, shift = relaxed_hand(draw.rng), draw.jitter(0.05)
    first = draw.state(pose, fingers, palm)
    last = draw.state(pose, fingers, palm, u=draw.u + shift[0], v=draw.v + shift[1])
    return draw.stroke(_LABEL, first, last)


def _passing(draw: Draw) -> Gesture:
    """Come into the picture's lower part and leave it at once."""
    fingers = draw.direction(draw.between(-0.3, 0.8), 1.0, 0.3, 0.2)
    palm = draw.direction(0.2, 0.0, 1.0, 0.3)
    low = -1.0 + draw.share * draw.between(0.0, 0.8)
    state = draw.state(relaxed_hand(draw.rng), fingers, palm, v=low)
    return draw.stroke(_LABEL, state, replace(state, u=state.u + float(draw.jitter(0.06)[0])))
