"""Everyday motions that are no command: what people do before a webcam between gestures."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from training.performer.framing import Framing
from training.performer.gesture import Draw, Gesture, sample_draw
from training.performer.manners import everyday, showing
from training.performer.manners.manner import Composer

_LABEL = "Doing other things"


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
    USING_TELEPHONE = "using a telephone"
    WRITING = "writing"
    PASSING_BY = "raising a hand to nothing"
    BOTH_HANDS = "clapping or folding the hands"
    SIGNING = "showing a sign of no meaning"
    HOLDING = "holding up a shape of no meaning"
    CHANGING = "changing from shape to shape"
    COUNTING = "counting on the fingers"
    CLICKING = "clicking with a finger"
    POINTING = "pointing"


# What is done, and how often, relative to the others. A hand that is held up to the camera is what
# most needs telling from a gesture.
_COMPOSERS: dict[Distraction, tuple[Composer, float]] = {
    Distraction.DRINKING: (everyday.drink, 0.04),
    Distraction.SCRATCHING: (everyday.scratch, 0.04),
    Distraction.TOUCHING_FACE: (everyday.touch_face, 0.05),
    Distraction.RESTING_CHIN: (everyday.rest_chin, 0.04),
    Distraction.ADJUSTING_HEADPHONES: (everyday.adjust_headphones, 0.03),
    Distraction.TYPING: (everyday.type_, 0.04),
    Distraction.LEANING: (everyday.lean, 0.04),
    Distraction.TALKING: (everyday.talk, 0.08),
    Distraction.REACHING: (everyday.reach, 0.04),
    Distraction.USING_TELEPHONE: (everyday.use_telephone, 0.04),
    Distraction.WRITING: (everyday.write, 0.03),
    Distraction.PASSING_BY: (showing.pass_by, 0.05),
    Distraction.BOTH_HANDS: (showing.both_hands, 0.05),
    Distraction.SIGNING: (showing.sign, 0.11),
    Distraction.HOLDING: (showing.hold, 0.08),
    Distraction.CHANGING: (showing.change, 0.12),
    Distraction.COUNTING: (showing.count, 0.06),
    Distraction.CLICKING: (showing.click, 0.04),
    Distraction.POINTING: (showing.point, 0.06),
}


def sample_distraction(rng: np.random.Generator) -> Distraction:
    """Draw a kind of motion by how often people do it."""
    kinds = tuple(_COMPOSERS)
    shares = np.array([share for _, share in _COMPOSERS.values()])
    return kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]


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
        The motion, labeled "Doing other things", and the draw it was built from.
    """
    draw = sample_draw(rng, framing, duration_range_s)
    return distract(kind, draw), draw


def distract(kind: Distraction, draw: Draw) -> Gesture:
    """Build an everyday motion from a draw."""
    compose, _ = _COMPOSERS[kind]
    return compose(draw, _LABEL)
