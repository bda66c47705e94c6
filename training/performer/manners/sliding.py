"""Slides of two fingers: mostly a flick of the wrist or the knuckles, seldom the whole arm."""

from __future__ import annotations

import math

import numpy as np

from training.performer.arrays import Floats
from training.performer.gesture import ELBOW_LEVER_M, WRIST_LEVER_M, Draw, Gesture
from training.performer.handshapes import two_fingers, varied, with_bends
from training.performer.manners.manner import Manner, Manners, composer
from training.performer.manners.palms import down, front, level, upright
from training.performer.motion import HandState


def _ordered(label: str, left: HandState, right: HandState) -> tuple[HandState, HandState]:
    """Return a sideways stroke's ends in the order of their times."""
    return (left, right) if label.endswith("Left") else (right, left)


def _raised(label: str, low: HandState, high: HandState) -> tuple[HandState, HandState]:
    """Return a vertical stroke's ends in the order of their times."""
    return (low, high) if label.endswith("Up") else (high, low)


def _flat_palm(draw: Draw) -> Floats:
    """Return a palm for fingers that lie level: mostly down, at times to the camera or away."""
    kind = draw.rng.random()
    if kind < 0.55:
        return down(draw, draw.between(-0.6, 0.6))
    return draw.direction(0.0, -0.3, 1.0 if kind < 0.75 else -1.0, 0.2)


def _across_by_arm(draw: Draw, label: str) -> Gesture:
    """Move upright fingers across with the whole arm."""
    pose = two_fingers(draw.rng)
    half = draw.between(0.42, 0.6) if draw.plain else draw.between(0.2, 0.5)
    lean = draw.between(0.0, 0.5)
    center = 0.4 * draw.u + draw.between(-0.1, 0.15)
    rise = draw.between(-0.1, 0.1)
    left = draw.state(pose, upright(draw, -lean), front(draw), u=center - half, v=draw.v - rise)
    right = draw.state(
        varied(draw.rng, pose), upright(draw, lean), front(draw), u=center + half, v=draw.v + rise
    )
    return draw.stroke(label, *_ordered(label, left, right))


def _across_level(draw: Draw, label: str) -> Gesture:
    """Move fingers that lie level, across the picture or toward the lens."""
    pose = two_fingers(draw.rng)
    half = draw.between(0.15, 0.5)
    center = 0.4 * draw.u + draw.between(-0.1, 0.1)
    toward = draw.between(0.0, 1.0)
    side = draw.side(0.85)
    palm = _flat_palm(draw)
    turn = draw.between(0.0, 0.5)
    left = draw.state(pose, level(draw, side - turn, toward), palm, u=center - half)
    right = draw.state(
        varied(draw.rng, pose), level(draw, side + turn, toward), palm, u=center + half
    )
    return draw.stroke(label, *_ordered(label, left, right))


def _across_by_flick(draw: Draw, label: str) -> Gesture:
    """Flick fingers that point at the camera, or across, to a side, about the wrist."""
    pose = two_fingers(draw.rng)
    toward = draw.between(0.5, 1.2)
    palm = _flat_palm(draw)
    left, right = draw.turned_about(
        WRIST_LEVER_M,
        pose,
        (level(draw, draw.between(-0.9, -0.1), toward), palm),
        (level(draw, draw.between(0.5, 1.5), toward), palm),
    )
    return draw.stroke(label, *_ordered(label, left, right))


def _across_by_turn(draw: Draw, label: str) -> Gesture:
    """Tilt upright fingers from one side to the other, about the wrist or the elbow."""
    pose = two_fingers(draw.rng)
    lever_m = WRIST_LEVER_M if draw.chance(0.6) else ELBOW_LEVER_M
    toward = draw.between(0.0, 0.5)
    left, right = draw.turned_about(
        lever_m,
        pose,
        (upright(draw, -draw.between(0.2, 0.9), toward), front(draw)),
        (upright(draw, draw.between(0.3, 1.1), toward), front(draw)),
    )
    return draw.stroke(label, *_ordered(label, left, right))


def _vertical_flick(draw: Draw, label: str) -> Gesture:
    """Flick the fingers between pointing at the camera and pointing up, about the wrist."""
    pose = two_fingers(draw.rng)
    side = draw.between(-0.3, 0.5)
    low = (level(draw, side, draw.between(0.6, 1.2)), down(draw, 0.25))
    high = (upright(draw, 0.5 * side, draw.between(0.0, 0.35)), front(draw))
    bottom, top = draw.turned_about(WRIST_LEVER_M, pose, low, high)
    return draw.stroke(label, *_raised(label, bottom, top))


def _vertical_bend(draw: Draw, label: str) -> Gesture:
    """Bend and stretch the two fingers at their knuckles; the hand stays where it is."""
    pose = two_fingers(draw.rng)
    bend = math.radians(draw.between(50.0, 85.0))
    extra = np.array([bend, 0.2 * bend, 0.0] * 2 + [0.0] * 6)
    bent = with_bends(varied(draw.rng, pose), extra)
    fingers = upright(draw, draw.between(-0.2, 0.4), draw.between(0.0, 0.5))
    palm = draw.direction(draw.between(-0.1, 0.5), -0.1, 1.0, 0.12)
    half = draw.between(0.0, 0.1)
    bottom = draw.state(bent, fingers, palm, v=draw.v - half)
    top = draw.state(pose, fingers, palm, v=draw.v + half)
    return draw.stroke(label, *_raised(label, bottom, top))


def _vertical_across(draw: Draw, label: str) -> Gesture:
    """Tilt fingers that lie across the picture up or down."""
    pose = two_fingers(draw.rng)
    palm = draw.direction(0.0, -0.3, draw.side(0.5), 0.15)
    toward = draw.between(0.0, 0.5)
    low = (draw.direction(1.0, draw.between(-0.6, 0.0), toward, 0.1), palm)
    high = (draw.direction(1.0, draw.between(0.4, 1.4), toward, 0.1), palm)
    lever_m = WRIST_LEVER_M if draw.chance(0.6) else ELBOW_LEVER_M
    bottom, top = draw.turned_about(lever_m, pose, low, high)
    return draw.stroke(label, *_raised(label, bottom, top))


def _vertical_by_arm(draw: Draw, label: str) -> Gesture:
    """Move the fingers up or down with the whole arm, upright or across."""
    pose = two_fingers(draw.rng)
    half = draw.between(0.38, 0.55) if draw.plain else draw.between(0.18, 0.5)
    center = draw.between(-0.15, 0.1)
    lean = draw.between(-0.3, 1.2)
    palm = front(draw)
    bottom = draw.state(pose, upright(draw, lean, draw.between(0.1, 0.9)), palm, v=center - half)
    high_v = min(center + half, max(1.0 - 0.55 * draw.share, center + 0.15))
    top = draw.state(
        varied(draw.rng, pose),
        upright(draw, 0.7 * lean, draw.between(0.0, 0.3)),
        palm,
        v=high_v,
        u=draw.u + draw.between(-0.08, 0.08),
    )
    return draw.stroke(label, *_raised(label, bottom, top))


SIDEWAYS: Manners = (
    Manner("arm", 0.22, _across_by_arm),
    Manner("level", 0.36, _across_level),
    Manner("flick", 0.24, _across_by_flick),
    Manner("turn", 0.18, _across_by_turn),
)
VERTICAL: Manners = (
    Manner("arm", 0.2, _vertical_by_arm),
    Manner("flick", 0.46, _vertical_flick),
    Manner("knuckles", 0.2, _vertical_bend),
    Manner("across", 0.14, _vertical_across),
)

slide_sideways = composer(SIDEWAYS)
slide_vertically = composer(VERTICAL)
