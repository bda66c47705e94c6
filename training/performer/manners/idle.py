"""The two labels that are no command: sitting still, and doing anything else."""

from __future__ import annotations

from dataclasses import replace

from training.performer.distractions import distract, sample_distraction
from training.performer.gesture import Draw, Gesture, resting_state
from training.performer.handshapes import relaxed_hand
from training.performer.manners.manner import Manner, Manners, composer
from training.performer.motion import Keyframe


def _hands_away(draw: Draw, label: str) -> Gesture:
    """Sit still, hands out of the picture."""
    state = resting_state(draw)
    keyframes = (Keyframe(0.0, state), Keyframe(draw.duration_s, state))
    unrest = draw.between(0.2, 1.4)
    return Gesture(label, keyframes, draw.duration_s, hands_hidden=True, unrest=unrest)


def _hand_low(draw: Draw, label: str) -> Gesture:
    """Sit still, a slack hand resting low in the picture, or folded with the other one."""
    fingers = draw.direction(draw.between(-0.2, 1.0), draw.between(-0.2, 0.8), 0.4, 0.15)
    palm = draw.direction(0.2, -0.7, draw.between(-1.0, 0.3), 0.2)
    low = -1.0 + draw.share * draw.between(-0.2, 0.5)
    state = draw.state(relaxed_hand(draw.rng), fingers, palm, v=low)
    gesture = draw.stroke(label, state, state)
    if draw.chance(0.4):
        other = replace(state, u=-state.u - draw.between(0.1, 0.3))
        second = (Keyframe(0.0, other), Keyframe(draw.duration_s, other))
        gesture = replace(gesture, second=second)
    return replace(gesture, unrest=draw.between(0.2, 1.2))


def _something_else(draw: Draw, label: str) -> Gesture:
    """Do something that is no Jester gesture."""
    return replace(distract(sample_distraction(draw.rng), draw), label=label)


NO_GESTURE: Manners = (
    Manner("hands away", 0.65, _hands_away),
    Manner("hand low", 0.35, _hand_low),
)

no_gesture = composer(NO_GESTURE)
other_things = _something_else
