"""Ways to hold a hand while it moves: where its fingers and its palm point."""

from __future__ import annotations

import math

from training.performer.arrays import Floats
from training.performer.gesture import Draw
from training.performer.handshapes import claw, open_hand, pointing_hand, relaxed_hand

Directions = tuple[Floats, Floats]
"""Where the fingers and where the palm points, unit vectors."""


def moving_hand(draw: Draw) -> Floats:
    """Return a pose that people swipe, pull and roll with: mostly open, often slack."""
    if draw.plain:
        return open_hand(draw.rng)
    kind = draw.rng.random()
    if kind < 0.55:
        return open_hand(draw.rng)
    if kind < 0.86:
        return relaxed_hand(draw.rng)
    return claw(draw.rng) if kind < 0.96 else pointing_hand(draw.rng)


def upright(draw: Draw, lean_rad: float, toward: float = 0.15) -> Floats:
    """Return fingers that point up, leaning to the picture's right and toward the camera."""
    return draw.direction(math.sin(lean_rad), math.cos(lean_rad), toward, 0.07)


def front(draw: Draw, across: float = 0.1) -> Floats:
    """Return a palm toward the camera, turned a little to the picture's right."""
    return draw.direction(across, 0.0, 1.0, 0.14)


def level(draw: Draw, to_right: float, toward: float) -> Floats:
    """Return fingers that lie level: across the picture, toward the camera, or between."""
    return draw.direction(to_right, draw.between(-0.15, 0.35), toward, 0.1)


def down(draw: Draw, toward: float = 0.3) -> Floats:
    """Return a palm that faces the floor, and a little the camera."""
    return draw.direction(0.0, -1.0, toward, 0.15)
