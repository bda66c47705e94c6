"""Zooms: a hand, or thumb and index finger, that opens (in) or closes (out)."""

from __future__ import annotations

from dataclasses import replace

from training.performer.arrays import Floats
from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import bunched_hand, pinch, spread_hand
from training.performer.manners.manner import Manner, Manners, composer
from training.performer.manners.palms import Directions


def _changing(draw: Draw, label: str, closed: Floats, opened: Floats, held: Directions) -> Gesture:
    """Change the hand's shape where it is, drifting a little, with a moment's rest at both ends."""
    start, end = (closed, opened) if label.startswith("Zooming In") else (opened, closed)
    drift = draw.jitter(0.02 if draw.plain else 0.09)
    first = draw.state(start, *held)
    last = replace(
        draw.state(end, *held, u=draw.u + drift[0], v=draw.v + drift[1]),
        distance=draw.distance * (1.0 + drift[2]),
    ).turned((0.0, 0.0, 1.0), draw.between(-0.15, 0.15))
    if not draw.plain:  # wrist and forearm give way
        last = last.turned((1.0, 0.0, 0.0), draw.between(-0.45, 0.45))
    # Holding the first and the last shape for a moment is what makes the change readable.
    rest = 0.12 if draw.plain else draw.between(0.0, 0.18)
    return draw.stroke(label, first, first, last, last, shares=(0.0, rest, 1.0 - rest, 1.0))


def _whole_hand(draw: Draw, label: str, held: Directions) -> Gesture:
    return _changing(draw, label, bunched_hand(draw.rng), spread_hand(draw.rng), held)


def _upright(draw: Draw, label: str) -> Gesture:
    """Open and close an upright hand that shows its palm."""
    fingers = draw.direction(draw.between(-0.25, 0.35), 1.0, draw.between(0.0, 0.45), 0.06)
    return _whole_hand(
        draw, label, (fingers, draw.direction(draw.between(-0.1, 0.5), -0.1, 1.0, 0.1))
    )


def _at_camera(draw: Draw, label: str) -> Gesture:
    """Open and close a hand that points at the camera, as a flower or a beak does."""
    fingers = draw.direction(draw.between(-0.3, 0.5), draw.between(0.2, 0.8), 1.0, 0.08)
    return _whole_hand(draw, label, (fingers, draw.direction(0.3, -1.0, 0.4, 0.2)))


def _from_side(draw: Draw, label: str) -> Gesture:
    """Open and close a hand seen from its side, fingers up or across."""
    fingers = draw.direction(draw.between(0.0, 1.0), draw.between(0.2, 1.0), 0.3, 0.08)
    return _whole_hand(
        draw, label, (fingers, draw.direction(0.9, -0.5, draw.between(-0.2, 0.5), 0.12))
    )


def _two_fingers(draw: Draw, label: str, held: Directions) -> Gesture:
    folded = draw.plain or draw.chance(0.7)
    closed = pinch(draw.rng, closed=True, others_folded=folded)
    opened = pinch(draw.rng, closed=False, others_folded=folded)
    # Few people open them as wide as they can.
    width = 1.0 if draw.plain else draw.between(0.6, 1.0)
    return _changing(draw, label, closed, closed + width * (opened - closed), held)


def _pinch_upright(draw: Draw, label: str) -> Gesture:
    """Spread thumb and index finger of an upright hand that shows its palm."""
    fingers = draw.direction(draw.between(-0.1, 0.6), 1.0, draw.between(0.0, 0.4), 0.06)
    # Turned a little sideways, so that the gap between thumb and finger faces the camera.
    return _two_fingers(
        draw, label, (fingers, draw.direction(draw.between(0.0, 0.7), -0.1, 1.0, 0.1))
    )


def _pinch_across(draw: Draw, label: str) -> Gesture:
    """Spread them across the picture or toward the camera, palm down or to the side."""
    fingers = draw.direction(draw.between(0.1, 1.0), draw.between(-0.1, 0.6), 0.6, 0.1)
    palm = draw.direction(0.5, -0.8, draw.between(-0.2, 0.8), 0.2)
    return _two_fingers(draw, label, (fingers, palm))


def _pinch_from_behind(draw: Draw, label: str) -> Gesture:
    """Spread them as on a pane before oneself: the back of the hand shows."""
    fingers = draw.direction(draw.between(0.2, 1.0), 1.0, draw.between(-0.2, 0.3), 0.1)
    return _two_fingers(draw, label, (fingers, draw.direction(0.2, -0.1, -1.0, 0.2)))


FULL_HAND: Manners = (
    Manner("upright", 0.55, _upright),
    Manner("at the camera", 0.25, _at_camera),
    Manner("from the side", 0.2, _from_side),
)
TWO_FINGERS: Manners = (
    Manner("upright", 0.62, _pinch_upright),
    Manner("across", 0.24, _pinch_across),
    Manner("from behind", 0.14, _pinch_from_behind),
)

zoom_full_hand, zoom_two_fingers = composer(FULL_HAND), composer(TWO_FINGERS)
