"""The two labels that are no command: sitting still, and doing anything else."""

from dataclasses import replace

from training.performer.distractions import Distraction, distract
from training.performer.gesture import Draw, Gesture, resting_state
from training.performer.motion import Keyframe

_KINDS = tuple(Distraction)


def no_gesture(draw: Draw, label: str) -> Gesture:
    """Sit still, hands out of the picture or, now and then, resting at its lower edge."""
    state = resting_state(draw)
    if draw.chance(0.2):
        state = replace(state, v=-1.0 - 0.35 * draw.share)
    keyframes = (Keyframe(0.0, state), Keyframe(draw.duration_s, state))
    hidden = state.v < -1.2
    unrest = draw.between(0.3, 1.2)
    return Gesture(label, keyframes, draw.duration_s, hands_hidden=hidden, unrest=unrest)


def other_things(draw: Draw, label: str) -> Gesture:
    """Do something that is no Jester gesture."""
    gesture = distract(_KINDS[int(draw.rng.integers(len(_KINDS)))], draw)
    return replace(gesture, label=label)
