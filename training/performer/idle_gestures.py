"""What is no command: sitting still, and doing anything else."""

from dataclasses import replace

import numpy as np

from training.performer.gesture import Draw, Gesture, resting_state
from training.performer.handshapes import odd_sign, relaxed_hand, varied
from training.performer.motion import HandState, Keyframe


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
    kinds = (_odd_sign, _touch_head, _wander, _lean, _both_hands_at_head, _wander)
    return kinds[int(draw.rng.integers(len(kinds)))](draw, label)


def _odd_sign(draw: Draw, label: str) -> Gesture:
    """Hold up a sign that means nothing here, perhaps changing to another."""
    fingers = draw.direction(draw.between(-0.1, 0.4), 1.0, 0.0, 0.15)
    palm = draw.direction(0.1, 0.0, 1.0, 0.4)
    first = draw.state(odd_sign(draw.rng), fingers, palm)
    then = odd_sign(draw.rng) if draw.chance(0.4) else varied(draw.rng, first.pose, 2.0)
    return draw.stroke(label, first, draw.state(then, fingers, palm, u=draw.u + 0.04))


def _at_head(draw: Draw) -> HandState:
    """Return a hand that touches the face, the hair or the chin."""
    head = draw.framing.head
    point = head + np.array([draw.between(-0.1, -0.02), draw.between(-0.12, 0.1), 0.13])
    u, v = draw.framing.picture_position(point)
    fingers = draw.direction(0.5, 0.8, -0.3, 0.2)
    palm = draw.direction(0.4, 0.0, -1.0, 0.2)
    return draw.state(relaxed_hand(draw.rng), fingers, palm, u=u, v=v, distance=-float(point[2]))


def _touch_head(draw: Draw, label: str) -> Gesture:
    """Scratch, rub the face, or drink."""
    gesture = draw.stroke(label, _at_head(draw), _at_head(draw))
    return replace(gesture, unrest=2.0, holds_cup=draw.chance(0.35))


def _both_hands_at_head(draw: Draw, label: str) -> Gesture:
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


def _wander(draw: Draw, label: str) -> Gesture:
    """Wave the hands about as one does when talking."""
    states = []
    for _ in range(int(draw.rng.integers(3, 5))):
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


def _lean(draw: Draw, label: str) -> Gesture:
    """Move head and body only."""
    return replace(no_gesture(draw, label), hands_hidden=True, unrest=6.0)
