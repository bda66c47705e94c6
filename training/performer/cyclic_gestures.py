"""Gestures that turn or repeat: rolling, turning, shaking and drumming."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import (
    claw,
    drumming_hand,
    open_hand,
    relaxed_hand,
    varied,
    with_bends,
)
from training.performer.motion import HandState, Keyframe, Oscillation

_TAU = 2.0 * math.pi
Movement = Callable[[HandState, float, float], HandState]


def _with_oscillation(gesture: Gesture, movement: Movement) -> Gesture:
    """Return the gesture with a movement over the whole stroke."""
    oscillation = Oscillation(0.0, gesture.duration_s, movement)
    return replace(gesture, oscillations=(oscillation,))


def rolling(draw: Draw, label: str) -> Gesture:
    """Circle one hand, or both around each other, in the plane of up and toward the camera.

    Rolling forward, the top of the circle moves toward the camera: the hand is nearest, and
    largest, while it goes down.
    """
    sense = 1.0 if label.endswith("Forward") else -1.0
    pose = open_hand(draw.rng) if draw.chance(0.5) else relaxed_hand(draw.rng)
    fingers = draw.direction(1.0, draw.between(0.0, 0.35), draw.between(0.0, 0.3), 0.08)
    palm = draw.direction(0.0, -0.5, -1.0, 0.2)
    u = 0.4 * draw.u - 0.08
    v = float(np.clip(draw.v - 0.05, -0.4, 0.15))
    centre = draw.state(pose, fingers, palm, u=u, v=v, distance=draw.distance * 1.12)
    gesture = draw.stroke(label, centre, replace(centre, pose=varied(draw.rng, pose, 2.0)))
    turns_per_s = draw.between(1.0, 1.55)
    phase, rise = draw.between(0.0, _TAU), draw.between(0.26, 0.38)
    depth, swing = draw.between(0.2, 0.28), draw.between(0.2, 0.55)

    def circle(offset: float) -> Movement:
        def move(state: HandState, elapsed_s: float, strength: float) -> HandState:
            angle = sense * _TAU * turns_per_s * elapsed_s + offset
            nearer = depth * strength * math.sin(angle)
            v_now = state.v + rise * strength * math.cos(angle)
            moved = replace(state, v=v_now, distance=state.distance * (1.0 - nearer))
            return moved.turned((1.0, 0.0, 0.0), swing * strength * math.sin(angle))

        return move

    gesture = _with_oscillation(gesture, circle(phase))
    if draw.chance(0.5):
        # The other hand in mirrored coordinates, half a turn behind and a little lower.
        other = replace(centre, u=-u - 0.25, v=v - 0.03)
        keyframes = (Keyframe(0.0, other), Keyframe(draw.duration_s, other))
        behind = Oscillation(0.0, draw.duration_s, circle(phase + math.pi))
        gesture = replace(gesture, second=keyframes, second_oscillations=(behind,))
    return gesture


def turning(draw: Draw, label: str) -> Gesture:
    """Turn a half-open hand about the line of sight, as if turning a large knob."""
    sense = -1.0 if label.endswith(" Clockwise") else 1.0
    draw = replace(draw, share=max(draw.share, 0.44)).beside_face()
    pose = claw(draw.rng)
    lean = math.radians(draw.between(5.0, 45.0))
    tilt = draw.between(-0.25, 0.15)
    fingers = np.array([tilt, math.cos(lean), math.sin(lean)])
    palm = draw.direction(0.05, -math.sin(lean), math.cos(lean), 0.06)
    axis = draw.direction(0.0, 0.0, 1.0, 0.12)
    half = math.radians(draw.between(55.0, 75.0))
    middle = draw.state(pose, fingers, palm)
    first, last = middle.turned(axis, -sense * half), middle.turned(axis, sense * half)
    duration = draw.duration_s
    states = [
        Keyframe(0.0, first),
        Keyframe(0.08 * duration, first),
        Keyframe(0.92 * duration, last),
        Keyframe(duration, last),
    ]
    return Gesture(label, tuple(states), duration)


def shaking(draw: Draw, label: str) -> Gesture:
    """Wave an open hand from side to side."""
    pose = open_hand(draw.rng)
    fingers = draw.direction(0.0, 1.0, 0.05, 0.06)
    palm = draw.direction(0.1, 0.0, 1.0, 0.1)
    u = draw.u * 0.8
    still = draw.state(pose, fingers, palm, u=u)
    gesture = draw.stroke(label, still, replace(still, pose=varied(draw.rng, pose, 1.5)))
    waves_per_s, phase = draw.between(1.5, 2.3), draw.between(0.0, _TAU)
    angle, reach = draw.between(0.3, 0.5), draw.between(0.08, 0.2)

    def wave(state: HandState, elapsed_s: float, strength: float) -> HandState:
        side = strength * math.sin(_TAU * waves_per_s * elapsed_s + phase)
        return replace(state, u=state.u + reach * side).turned((0.0, 0.0, 1.0), -angle * side)

    return _with_oscillation(gesture, wave)


def drumming(draw: Draw, label: str) -> Gesture:
    """Tap the fingers one after the other in the air."""
    draw = draw.beside_face()
    pose = drumming_hand(draw.rng)
    style = draw.rng.random()
    if style < 0.65:
        fingers = draw.direction(draw.between(0.5, 1.0), -0.05, draw.between(0.3, 0.8), 0.08)
        palm = draw.direction(0.0, -1.0, 0.25, 0.12)
    else:
        fingers = draw.direction(draw.between(0.0, 0.4), 1.0, 0.35, 0.08)
        palm = draw.direction(0.5, -0.3, 1.0, 0.12)
    nearer = draw.framing.distance_for(max(draw.share, 0.42))
    still = draw.state(pose, fingers, palm, distance=nearer, v=min(draw.v, 0.15))
    gesture = draw.stroke(label, still, replace(still, u=still.u + 0.01))
    taps_per_s, size = draw.between(1.4, 2.3), math.radians(draw.between(32.0, 45.0))
    lag = draw.between(0.9, 1.5) * (1.0 if draw.chance(0.7) else -1.0)

    def tap(state: HandState, elapsed_s: float, strength: float) -> HandState:
        extra = np.zeros(12)
        for finger in range(4):
            lift = math.sin(_TAU * taps_per_s * elapsed_s + lag * finger)
            extra[3 * finger] = size * strength * lift
            extra[3 * finger + 1] = 0.5 * size * strength * max(0.0, lift)
        return replace(state, pose=with_bends(state.pose, extra))

    return _with_oscillation(gesture, tap)
