"""What happens in a collage: the performer's movement, and which hand shapes are shown in it."""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from training.labels import JESTER_LABELS, OTHER_THINGS, SILENT_LABELS, mirrored_label
from training.performer.collage.distractions import IdleMotion, distraction, unfinished
from training.performer.collage.shapes import HandShape
from training.performer.framing import Framing
from training.performer.gesture import Draw, Gesture, sample_draw
from training.performer.handshapes import thumb_fist
from training.performer.motion import Keyframe
from training.performer.performance import Cue, Performance, perform, sample_cue
from training.performer.repertoire import compose

_MOVING_FINGERS = ("Rolling", "Turning", "Drumming")

GESTURE_LABELS: tuple[str, ...] = tuple(
    label
    for label in JESTER_LABELS
    if label not in SILENT_LABELS and not label.startswith(_MOVING_FINGERS)
)
"""Gestures that a moving picture of a hand can show; the others are for the renderer."""

COLLAGE_LABELS: tuple[str, ...] = (*GESTURE_LABELS, *SILENT_LABELS)

# What holds up a shape is the gesture from the first moment to the last, and has no half of it.
_MOVING_LABELS = tuple(
    label for label in GESTURE_LABELS if not label.startswith(("Thumb", "Stop", "Shaking"))
)
# A push that is broken off is a hand held up, and a zoom broken off a fist.
_BREAKABLE_LABELS = tuple(
    label for label in GESTURE_LABELS if label.startswith(("Swiping", "Sliding"))
)
_HELD_LABELS = ("Thumb Up", "Thumb Down", "Stop Sign")
_HELD_THROUGHOUT_SHARE = 0.25

_MARGIN_S = 0.12
_MIRRORED_SHARE = 0.5
_STEADY_S = (0.6, 1.1)
_IDLE_LABEL = OTHER_THINGS
# Of "Doing other things": a stroke that just ended, one that is about to begin, one broken off.
_AFTER_SHARE, _BEFORE_SHARE, _UNFINISHED_SHARE = 0.18, 0.1, 0.14
# And of what is neither: a hand that is there from the first frame to the last.
_HELD_SIGN_SHARE = 0.12


class Phase(IntEnum):
    """What the hand is about at a moment."""

    REST = 0
    RAISE = 1
    STROKE = 2
    HOLD = 3
    RETRACT = 4


@dataclass(frozen=True)
class Act:
    """What happens in a clip, before anything is drawn.

    Attributes:
        label: What the finished clip shows.
        performance: A right-handed person's movement.
        cue: The clip's one stroke; for "Doing other things" it may lie outside the clip.
        flipped: True if the finished picture is to be mirrored.
        shapes: The main hand's shapes: one, or two where the first turns into the second.
        second_shape: The other hand's.
    """

    label: str
    performance: Performance
    cue: Cue
    flipped: bool
    shapes: tuple[HandShape, ...]
    second_shape: HandShape

    @property
    def opens(self) -> bool:
        """True if the hand opens, where it changes its shape."""
        return self.shapes[-1] in (HandShape.OPEN_PALM, HandShape.PINCH_OPEN)

    def change_at(self, time_s: float) -> float:
        """Return how far the first shape has turned into the second, 0 to 1."""
        if len(self.shapes) < 2:
            return 0.0
        share = (time_s - self.cue.start_s) / self.cue.gesture.duration_s
        return float(np.clip((share - 0.12) / 0.76, 0.0, 1.0))

    def phase_at(self, time_s: float) -> Phase:
        """Return what the main hand is about at a time."""
        cue = self.cue
        if self.performance.main is None or not cue.busy_from_s <= time_s <= cue.busy_until_s:
            return Phase.REST
        if cue.start_s <= time_s <= cue.end_s:
            return Phase.STROKE
        if time_s < cue.start_s:
            return Phase.RAISE if time_s < cue.start_s - cue.hold_before_s else Phase.HOLD
        return Phase.HOLD if time_s <= cue.end_s + cue.hold_after_s else Phase.RETRACT


def compose_act(label: str, rng: np.random.Generator, framing: Framing, duration_s: float) -> Act:
    """Decide what happens in a clip and when.

    Args:
        label: What the finished clip shows, one of `COLLAGE_LABELS`.
        rng: Source of chance.
        framing: The camera's view.
        duration_s: Length of the clip.
    """
    flipped = bool(rng.random() < _MIRRORED_SHARE)
    longest_s = duration_s - 2.0 * _MARGIN_S
    if label == _IDLE_LABEL:
        return _idle_act(rng, framing, duration_s, flipped=flipped)
    performed = mirrored_label(label) if flipped else label
    gesture, draw = _composed(performed, rng, framing, longest_s)
    slack = duration_s - gesture.duration_s
    middle = 0.5 * slack + 0.3 * slack * rng.uniform(-1.0, 1.0)
    start_s = float(np.clip(middle, _MARGIN_S, slack - _MARGIN_S))
    cue = sample_cue(gesture, draw, start_s)
    if label in _HELD_LABELS and rng.random() < _HELD_THROUGHOUT_SHARE:
        cue = replace(cue, hold_before_s=duration_s, hold_after_s=duration_s)
    return _act(label, cue, _shapes(performed, rng), rng, flipped=flipped)


def _act(
    label: str, cue: Cue, shapes: tuple[HandShape, ...], rng: np.random.Generator, *, flipped: bool
) -> Act:
    second = shapes[0] if rng.random() < 0.6 else HandShape.FIST
    return Act(label, perform([cue]), cue, flipped, shapes, second)


def _composed(
    label: str, rng: np.random.Generator, framing: Framing, longest_s: float
) -> tuple[Gesture, Draw]:
    """Compose a gesture so that a flat picture of a hand can show it."""
    if not label.startswith("Thumb"):
        return compose(label, rng, framing, longest_s, plain=True)
    draw = sample_draw(rng, framing, _STEADY_S)
    draw = replace(draw, duration_s=min(draw.duration_s, longest_s))
    return _thumb(draw, label), draw


def _thumb(draw: Draw, label: str) -> Gesture:
    """Show a fist with the thumb up or down, the knuckles to one side.

    In the hand's own space the thumb points away from its first axis; see `HandShape.THUMB`.
    """
    draw = replace(draw, share=max(draw.share, 0.45)).beside_face()
    up = 1.0 if label == "Thumb Up" else -1.0
    knuckles_right = draw.chance(0.75)
    # Knuckles that point down would put a thumb down before the forearm, where nobody sees it.
    lean = draw.between(-0.35 if up > 0.0 else 0.0, 0.35)
    fingers = draw.direction(1.0 if knuckles_right else -1.0, lean, draw.between(0.0, 0.5))
    # With the palm turned away a picture is shown mirrored, which turns the thumb over.
    palm = draw.direction(0.0, 0.0, up if knuckles_right else -up)
    if up < 0.0:
        lift = np.array([-0.16 if knuckles_right else 0.1, draw.between(0.2, 0.35), 0.0])
        draw = replace(draw, elbow=draw.elbow + lift, v=draw.v + 0.1)
    pose = thumb_fist(draw.rng)
    side = 0.95 - 1.1 * draw.share / draw.framing.aspect
    draw = replace(draw, u=float(np.clip(draw.u, -side, side)))
    limit = 0.9 - 0.75 * draw.share
    v = float(np.clip(draw.v, -limit, limit))
    first = draw.state(pose, fingers, palm, v=v - 0.06 * up)
    shown = draw.state(pose, fingers, palm, v=v)
    times = (0.0, 0.3 * draw.duration_s, draw.duration_s)
    states = (first, shown, replace(shown, u=shown.u + float(draw.jitter(0.015)[0])))
    keyframes = tuple(Keyframe(time, state) for time, state in zip(times, states, strict=True))
    return Gesture(label, keyframes, draw.duration_s)


def _shapes(label: str, rng: np.random.Generator) -> tuple[HandShape, ...]:
    """Return the hand shapes that a gesture shows, in their order."""
    if label.startswith("Zooming"):
        if "Full Hand" in label:
            closed = HandShape.FIST if rng.random() < 0.6 else HandShape.BUNCH
            pair = (closed, HandShape.OPEN_PALM)
        else:
            pair = (HandShape.PINCH_CLOSED, HandShape.PINCH_OPEN)
        return pair if label.startswith("Zooming In") else pair[::-1]
    if "Two Fingers" in label:
        return (HandShape.TWO_FINGERS,)
    if label.startswith("Thumb"):
        return (HandShape.THUMB,)
    if label == "No gesture":
        return (HandShape.FIST,)
    return (HandShape.OPEN_PALM,)


def _idle_act(
    rng: np.random.Generator, framing: Framing, duration_s: float, *, flipped: bool
) -> Act:
    """Do something that is no gesture, or show the part of one that must not count."""
    kind = rng.random()
    longest_s = duration_s - 2.0 * _MARGIN_S
    label = _MOVING_LABELS[int(rng.integers(len(_MOVING_LABELS)))]
    if kind < _AFTER_SHARE + _BEFORE_SHARE:
        gesture, draw = _composed(label, rng, framing, longest_s)
        cue = sample_cue(gesture, draw, 0.0, unhurried=True)
        if kind < _AFTER_SHARE:
            cue = replace(cue, start_s=-gesture.duration_s - rng.uniform(0.0, 0.15))
        else:
            cue = replace(cue, start_s=duration_s - rng.uniform(-0.1, 0.15) * gesture.duration_s)
        return _act(_IDLE_LABEL, cue, _shapes(label, rng), rng, flipped=flipped)
    if kind < _AFTER_SHARE + _BEFORE_SHARE + _UNFINISHED_SHARE:
        label = _BREAKABLE_LABELS[int(rng.integers(len(_BREAKABLE_LABELS)))]
        gesture, draw = _composed(label, rng, framing, longest_s)
        shape = _shapes(label, rng)[0]
        idle = IdleMotion(unfinished(gesture, rng), draw, shape, brief=True)
    else:
        idle = distraction(rng, framing, longest_s)
    start_s = 0.5 * (duration_s - idle.gesture.duration_s) + rng.uniform(-0.2, 0.2)
    cue = sample_cue(idle.gesture, idle.draw, max(0.0, start_s), unhurried=idle.brief)
    if idle.brief:
        cue = replace(cue, hold_before_s=0.05, hold_after_s=0.05)
    elif kind > 1.0 - _HELD_SIGN_SHARE:
        cue = replace(cue, hold_before_s=duration_s, hold_after_s=duration_s)
    return _act(_IDLE_LABEL, cue, (idle.shape,), rng, flipped=flipped)
