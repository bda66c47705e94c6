"""The two labels that are no command: sitting still, and doing anything else."""

from dataclasses import replace

from training.performer.distractions import Distraction, distract
from training.performer.gesture import Draw, Gesture, resting_state
from training.performer.motion import Keyframe

# A hand that is held up to the camera is what most needs telling from a gesture.
_HELD_UP_SHARE = 0.4
_HELD_UP = (Distraction.SIGNING, Distraction.COUNTING)
_EVERYDAY = tuple(kind for kind in Distraction if kind not in _HELD_UP)


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
    kinds = _HELD_UP if draw.chance(_HELD_UP_SHARE) else _EVERYDAY
    gesture = distract(kinds[int(draw.rng.integers(len(kinds)))], draw)
    return replace(gesture, label=label)
