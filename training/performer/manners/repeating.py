"""Gestures that repeat: rolling, shaking and drumming."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from training.performer.arrays import Floats
from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import (
    drumming_hand,
    fist,
    open_hand,
    pointing_hand,
    relaxed_hand,
    varied,
    with_bends,
)
from training.performer.manners.manner import Manner, Manners, composer
from training.performer.motion import HandState, Keyframe, Oscillation

_TAU = 2.0 * math.pi
Movement = Callable[[HandState, float, float], HandState]


def with_oscillation(gesture: Gesture, movement: Movement) -> Gesture:
    """Return the gesture with a movement over the whole stroke."""
    oscillation = Oscillation(0.0, gesture.duration_s, movement)
    return replace(gesture, oscillations=(oscillation,))


def _rolling_hand(draw: Draw) -> Floats:
    kind = draw.rng.random()
    if kind < 0.4:
        return open_hand(draw.rng)
    if kind < 0.75:
        return relaxed_hand(draw.rng)
    return fist(draw.rng) if kind < 0.88 else pointing_hand(draw.rng)


def _circling(draw: Draw, label: str, fingers: Floats, palm: Floats, *, both: bool) -> Gesture:
    """Circle one hand, or both around each other, in the plane of up and toward the camera.

    Rolling forward, the top of the circle moves toward the camera: the hand is nearest, and
    largest, while it goes down.
    """
    sense = 1.0 if label.endswith("Forward") else -1.0
    pose = _rolling_hand(draw)
    u = 0.5 * draw.u - (0.12 if both else 0.0)
    v = float(np.clip(draw.v, -0.45, 0.25))
    center = draw.state(pose, fingers, palm, u=u, v=v, distance=draw.distance * 1.08)
    gesture = draw.stroke(label, center, replace(center, pose=varied(draw.rng, pose, 2.0)))
    turns_per_s, phase = draw.between(0.9, 1.7), draw.between(0.0, _TAU)
    rise = draw.between(0.16, 0.4)
    depth, swing = draw.between(0.14, 0.28), draw.between(0.15, 0.6)
    aside = draw.between(-0.1, 0.1)

    def circle(offset: float) -> Movement:
        def move(state: HandState, elapsed_s: float, strength: float) -> HandState:
            angle = sense * _TAU * turns_per_s * elapsed_s + offset
            nearer = depth * strength * math.sin(angle)
            moved = replace(
                state,
                u=state.u + aside * strength * math.cos(angle),
                v=state.v + rise * strength * math.cos(angle),
                distance=state.distance * (1.0 - nearer),
            )
            return moved.turned((1.0, 0.0, 0.0), swing * strength * math.sin(angle))

        return move

    gesture = with_oscillation(gesture, circle(phase))
    if both:
        # The other hand in mirrored coordinates, half a turn behind and a little lower.
        other = replace(center, u=-u - draw.between(0.12, 0.35), v=v - 0.03)
        keyframes = (Keyframe(0.0, other), Keyframe(draw.duration_s, other))
        behind = Oscillation(0.0, draw.duration_s, circle(phase + math.pi))
        gesture = replace(gesture, second=keyframes, second_oscillations=(behind,))
    return gesture


def _roll_both(draw: Draw, label: str) -> Gesture:
    """Roll both hands around each other, fingers across the picture."""
    fingers = draw.direction(1.0, draw.between(-0.1, 0.5), draw.between(0.0, 0.4), 0.08)
    palm = draw.direction(0.0, -0.5, -1.0, 0.25)
    return _circling(draw, label, fingers, palm, both=True)


def _roll_one(draw: Draw, label: str) -> Gesture:
    """Roll one hand whose fingers lie across the picture."""
    fingers = draw.direction(1.0, draw.between(-0.1, 0.6), draw.between(0.0, 0.5), 0.08)
    palm = draw.direction(0.0, -0.5, draw.side(0.3), 0.3)
    return _circling(draw, label, fingers, palm, both=False)


def _roll_upright(draw: Draw, label: str) -> Gesture:
    """Roll one hand whose fingers point up or at the camera."""
    fingers = draw.direction(draw.between(-0.2, 0.5), draw.between(0.2, 1.0), 0.8, 0.1)
    palm = draw.direction(0.3, -0.6, draw.between(-0.6, 0.8), 0.25)
    return _circling(draw, label, fingers, palm, both=False)


def _wave(draw: Draw, label: str) -> Gesture:
    """Wave a raised hand from side to side."""
    pose = open_hand(draw.rng) if draw.plain or draw.chance(0.8) else relaxed_hand(draw.rng)
    fingers = draw.direction(draw.between(-0.2, 0.25), 1.0, draw.between(0.0, 0.35), 0.06)
    palm = draw.direction(draw.between(-0.1, 0.6), 0.0, 1.0, 0.1)
    still = draw.state(pose, fingers, palm)
    gesture = draw.stroke(label, still, replace(still, pose=varied(draw.rng, pose, 1.5)))
    waves_per_s, phase = draw.between(1.2, 2.3), draw.between(0.0, _TAU)
    angle = draw.between(0.2, 0.6)
    reach = draw.between(0.1, 0.22) if draw.plain else draw.between(0.02, 0.32)

    def wave(state: HandState, elapsed_s: float, strength: float) -> HandState:
        side = strength * math.sin(_TAU * waves_per_s * elapsed_s + phase)
        return replace(state, u=state.u + reach * side).turned((0.0, 0.0, 1.0), -angle * side)

    return with_oscillation(gesture, wave)


def _shake(draw: Draw, label: str) -> Gesture:
    """Shake a slack hand: the fingers flap, or the forearm rolls to and fro."""
    pose = relaxed_hand(draw.rng) if draw.chance(0.6) else open_hand(draw.rng)
    fingers = draw.direction(draw.between(-0.2, 0.5), 1.0, draw.between(0.0, 0.7), 0.08)
    palm = draw.direction(draw.between(0.0, 0.8), -0.2, 1.0, 0.15)
    still = draw.state(pose, fingers, palm)
    gesture = draw.stroke(label, still, replace(still, pose=varied(draw.rng, pose, 1.5)))
    shakes_per_s, phase = draw.between(1.4, 2.3), draw.between(0.0, _TAU)
    angle = draw.between(0.3, 0.7)
    flaps = draw.chance(0.5)

    def shake(state: HandState, elapsed_s: float, strength: float) -> HandState:
        side = strength * math.sin(_TAU * shakes_per_s * elapsed_s + phase)
        return state.turned(state.rotation[:, 0 if flaps else 1], angle * side)

    return with_oscillation(gesture, shake)


def _tapping(draw: Draw, label: str, fingers: Floats, palm: Floats) -> Gesture:
    """Tap the fingers one after the other."""
    still = draw.state(drumming_hand(draw.rng), fingers, palm)
    gesture = draw.stroke(label, still, replace(still, u=still.u + 0.01))
    taps_per_s, size = draw.between(1.3, 2.3), math.radians(draw.between(26.0, 45.0))
    lag = draw.between(0.8, 1.6) * draw.side(0.7)

    def tap(state: HandState, elapsed_s: float, strength: float) -> HandState:
        extra = np.zeros(12)
        for finger in range(4):
            lift = math.sin(_TAU * taps_per_s * elapsed_s + lag * finger)
            extra[3 * finger] = size * strength * lift
            extra[3 * finger + 1] = 0.5 * size * strength * max(0.0, lift)
        return replace(state, pose=with_bends(state.pose, extra))

    return with_oscillation(gesture, tap)


def _drum_level(draw: Draw, label: str) -> Gesture:
    """Drum on an air table: palm down, fingers toward the camera or across."""
    fingers = draw.direction(draw.between(0.0, 1.0), -0.05, draw.between(0.3, 1.0), 0.1)
    return _tapping(draw, label, fingers, draw.direction(0.0, -1.0, 0.3, 0.15))


def _drum_upright(draw: Draw, label: str) -> Gesture:
    """Drum on an upright pane: fingers up, palm to the camera or half away from it."""
    fingers = draw.direction(draw.between(-0.1, 0.5), 1.0, draw.between(0.1, 0.6), 0.1)
    return _tapping(draw, label, fingers, draw.direction(draw.between(0.0, 0.7), -0.3, 1.0, 0.15))


def _drum_from_behind(draw: Draw, label: str) -> Gesture:
    """Drum toward oneself: the back of the hand shows."""
    fingers = draw.direction(draw.between(0.2, 1.0), draw.between(0.2, 1.0), 0.2, 0.1)
    return _tapping(draw, label, fingers, draw.direction(0.1, -0.4, -1.0, 0.2))


ROLLING: Manners = (
    Manner("both hands", 0.45, _roll_both),
    Manner("one hand", 0.35, _roll_one),
    Manner("upright", 0.2, _roll_upright),
)
SHAKING: Manners = (Manner("waving", 0.68, _wave), Manner("shaking", 0.32, _shake))
DRUMMING: Manners = (
    Manner("level", 0.5, _drum_level),
    Manner("upright", 0.32, _drum_upright),
    Manner("from behind", 0.18, _drum_from_behind),
)

rolling, shaking, drumming = composer(ROLLING), composer(SHAKING), composer(DRUMMING)
