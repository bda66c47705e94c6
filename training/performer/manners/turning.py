"""Turns: a roll of the forearm that shows the hand's other side, or a large knob."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from training.performer.arrays import Floats
from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import claw, open_hand, relaxed_hand, two_fingers
from training.performer.manners.manner import Manner, Manners, composer
from training.performer.motion import HandState


def _turning_hand(draw: Draw) -> Floats:
    """Return a pose that people turn."""
    kind = draw.rng.random()
    if kind < 0.45:
        return open_hand(draw.rng)
    if kind < 0.75 or draw.plain:
        return claw(draw.rng)
    return relaxed_hand(draw.rng) if kind < 0.93 else two_fingers(draw.rng)


def _clockwise(label: str) -> bool:
    return label.endswith(" Clockwise")


def _stroke(draw: Draw, label: str, first: HandState, last: HandState) -> Gesture:
    """Turn from one state to the other, wandering a little, with a moment's rest at both ends."""
    wander = 0.02 if draw.plain else 0.14
    moved = replace(
        last,
        u=last.u + float(draw.jitter(wander)[0]),
        v=last.v + float(draw.jitter(wander)[0]),
        distance=last.distance * (1.0 + float(draw.jitter(0.04)[0])),
    )
    rest = draw.between(0.0, 0.12)
    return draw.stroke(label, first, first, moved, moved, shares=(0.0, rest, 1.0 - rest, 1.0))


def _rolled(draw: Draw, label: str, fingers: Floats) -> Gesture:
    """Roll the forearm about the fingers' direction: clockwise is a right hand's pronation."""
    span = math.radians(draw.between(85.0, 175.0))
    middle = math.radians(draw.between(-30.0, 30.0))
    on_edge = draw.state(_turning_hand(draw), fingers, draw.direction(1.0, 0.0, 0.0, 0.05))
    axis = on_edge.rotation[:, 1]
    # Past the edge by a positive angle the palm looks away from the camera.
    away, front = (on_edge.turned(axis, middle + 0.5 * side * span) for side in (1.0, -1.0))
    swing = draw.between(-0.3, 0.3) if draw.chance(0.5) else 0.0
    first, last = (away, front) if _clockwise(label) else (front, away)
    return _stroke(draw, label, first, last.turned((0.0, 0.0, 1.0), swing))


def _upright_roll(draw: Draw, label: str) -> Gesture:
    """Roll an upright forearm."""
    return _rolled(
        draw, label, draw.direction(draw.between(-0.4, 0.5), 1.0, draw.between(-0.1, 0.6))
    )


def _roll_toward_camera(draw: Draw, label: str) -> Gesture:
    """Roll a forearm that points at the camera, fingers first."""
    side = draw.between(-0.2, 0.6)
    return _rolled(draw, label, draw.direction(side, draw.between(0.0, 0.7), 1.0))


def _knob(draw: Draw, label: str) -> Gesture:
    """Turn a half-open hand about the line of sight, as if turning a large knob."""
    sense = -1.0 if _clockwise(label) else 1.0
    lean = math.radians(draw.between(5.0, 50.0))
    fingers = np.array([draw.between(-0.25, 0.15), math.cos(lean), math.sin(lean)])
    palm = draw.direction(0.05, -math.sin(lean), math.cos(lean), 0.08)
    axis = draw.direction(0.0, 0.0, 1.0, 0.15)
    half = math.radians(draw.between(50.0, 70.0) if draw.plain else draw.between(28.0, 68.0))
    middle = draw.state(_turning_hand(draw), fingers, palm)
    return _stroke(
        draw, label, middle.turned(axis, -sense * half), middle.turned(axis, sense * half)
    )


MANNERS: Manners = (
    Manner("knob", 0.3, _knob),
    Manner("upright roll", 0.48, _upright_roll),
    Manner("roll toward the camera", 0.22, _roll_toward_camera),
)

turning = composer(MANNERS)
