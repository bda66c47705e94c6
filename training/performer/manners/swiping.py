"""Swipes: the whole hand moves across the picture, or turns about an elbow or a wrist."""

from __future__ import annotations

import math
from dataclasses import replace

from training.performer.arrays import Floats
from training.performer.gesture import ELBOW_LEVER_M, WRIST_LEVER_M, Draw, Gesture
from training.performer.handshapes import varied
from training.performer.manners.manner import Manner, Manners, composer
from training.performer.manners.palms import Directions, down, front, level, moving_hand, upright
from training.performer.motion import HandState, Oscillation, eased

# Jester's words are the person's: their left is the unmirrored picture's right.


def _ordered(label: str, left: HandState, right: HandState) -> tuple[HandState, HandState]:
    """Return a sideways stroke's ends in the order of their times."""
    return (left, right) if label.endswith("Left") else (right, left)


def _raised(label: str, low: HandState, high: HandState) -> tuple[HandState, HandState]:
    """Return a vertical stroke's ends in the order of their times."""
    return (low, high) if label.endswith("Up") else (high, low)


def arched(gesture: Gesture, height: float) -> Gesture:
    """Return the stroke with its middle higher by `height`, as picture coordinates count it."""

    def lift(state: HandState, elapsed_s: float, strength: float) -> HandState:
        way = eased(min(max(elapsed_s / gesture.duration_s, 0.0), 1.0))
        return replace(state, v=state.v + 4.0 * height * strength * way * (1.0 - way))

    return replace(gesture, oscillations=(Oscillation(0.0, gesture.duration_s, lift),))


def _swiping_palms(draw: Draw) -> tuple[Floats, Floats]:
    """Return the palm at the picture's left and at its right end of a sideways swipe."""
    kind = 0.0 if draw.plain else draw.rng.random()
    if kind < 0.45:
        return front(draw, 0.15), front(draw, 0.25)
    if kind < 0.65:  # the palm or the back of the hand leads, like a page being turned
        palm = draw.direction(1.0, -0.1, draw.between(-0.1, 0.6), 0.12)
        return palm, palm
    if kind < 0.85:  # it turns meanwhile
        return front(draw, 0.1), draw.direction(1.0, 0.0, draw.between(-0.2, 0.5), 0.12)
    away = draw.direction(draw.between(0.0, 0.5), 0.0, -1.0, 0.15)
    return away, away


def _across_by_arm(draw: Draw, label: str) -> Gesture:
    """Move an upright hand across with the whole arm."""
    pose = moving_hand(draw)
    half = draw.between(0.42 if draw.plain else 0.32, 0.6)
    center = 0.4 * draw.u + draw.between(-0.1, 0.15)
    rise = draw.between(-0.12, 0.12)
    palms = _swiping_palms(draw)
    lean, toward = draw.between(-0.25, 0.45), draw.between(0.0, 0.5)
    at_rest = draw.between(-0.2, 0.4)
    left = draw.state(
        pose, upright(draw, at_rest - lean, toward), palms[0], u=center - half, v=draw.v - rise
    )
    right = draw.state(
        varied(draw.rng, pose),
        upright(draw, at_rest + lean, toward),
        palms[1],
        u=center + half,
        v=draw.v + rise,
    )
    gesture = draw.stroke(label, *_ordered(label, left, right))
    return arched(gesture, draw.between(-0.05, 0.12))


def _across_about(draw: Draw, label: str, lever_m: float, least: float, most: float) -> Gesture:
    """Turn the hand about a joint from one side to the other; `least` and `most` are radians."""
    pose = moving_hand(draw)
    palms = _swiping_palms(draw)
    toward = draw.between(0.0, 0.7)
    to_left, to_right = draw.between(least, most), draw.between(least, most)
    turns = (
        (upright(draw, -to_left, toward), palms[0]),
        (upright(draw, to_right, toward), palms[1]),
    )
    left, right = draw.turned_about(lever_m, pose, *turns)
    sagitta_m = lever_m * (1.0 - math.cos(0.5 * (to_left + to_right)))
    gesture = draw.stroke(label, *_ordered(label, left, right))
    return arched(gesture, sagitta_m / (draw.distance * draw.framing.tangent))


def _across_by_elbow(draw: Draw, label: str) -> Gesture:
    """Swing the forearm about the elbow, which stays where it is."""
    return _across_about(draw, label, ELBOW_LEVER_M, 0.2, 0.85)


def _across_by_wrist(draw: Draw, label: str) -> Gesture:
    """Flick the hand from one side to the other about the wrist."""
    return _across_about(draw, label, WRIST_LEVER_M, 0.45, 1.15)


def _across_level(draw: Draw, label: str) -> Gesture:
    """Sweep a hand whose fingers point at the camera, or along the way, as if wiping."""
    pose = moving_hand(draw)
    half, toward = draw.between(0.25, 0.6), draw.between(0.3, 1.0)
    center = 0.4 * draw.u + draw.between(-0.1, 0.15)
    palm = down(draw) if draw.chance(0.5) else draw.direction(1.0, 0.0, 0.2, 0.15)
    at_left, at_right = draw.between(-0.9, 0.2), draw.between(0.0, 1.0)
    left = draw.state(pose, level(draw, at_left, toward), palm, u=center - half)
    right = draw.state(varied(draw.rng, pose), level(draw, at_right, toward), palm, u=center + half)
    return draw.stroke(label, *_ordered(label, left, right))


def _across_through(draw: Draw, label: str) -> Gesture:
    """Come in from a side at the stroke's own speed, or leave the picture with it."""
    pose = moving_hand(draw)
    palms = _swiping_palms(draw)
    out = 1.2 + 0.6 * draw.share / draw.framing.aspect
    enters, leaves = draw.chance(0.75), draw.chance(0.4)
    if not (enters or leaves):
        enters = True
    stop = draw.between(0.1, 0.65)
    goes_right = label.endswith("Left")
    left_u = -out if (enters if goes_right else leaves) else -stop
    right_u = out if (leaves if goes_right else enters) else stop
    lean = draw.between(-0.3, 0.6)
    left = draw.state(pose, upright(draw, -lean), palms[0], u=left_u)
    right = draw.state(varied(draw.rng, pose), upright(draw, lean), palms[1], u=right_u)
    return draw.stroke(label, *_ordered(label, left, right))


def _vertical_span(draw: Draw) -> tuple[float, float]:
    """Return the lower and the upper end of a vertical swipe."""
    half = draw.between(0.38, 0.55) if draw.plain else draw.between(0.28, 0.72)
    if draw.framing.far and not draw.plain:  # who stands has room for the whole arm
        half = draw.between(0.35, 0.95)
    center = draw.between(-0.2, 0.1)
    return center - half, min(center + half, max(1.0 - 0.55 * draw.share, center + 0.2))


def _upright_vertically(draw: Draw, label: str) -> Gesture:
    """Move an upright hand up or down with the whole arm."""
    pose = moving_hand(draw)
    low_v, high_v = _vertical_span(draw)
    lean = draw.between(-0.35, 0.35)
    toward = draw.between(0.0, 0.5)
    palm = front(draw) if draw.plain or draw.chance(0.75) else draw.direction(0.2, 0.1, -1.0, 0.15)
    turned = draw.between(-0.25, 0.25)
    low = draw.state(pose, upright(draw, lean, toward + draw.between(-0.1, 0.5)), palm, v=low_v)
    high = draw.state(
        varied(draw.rng, pose),
        upright(draw, lean + turned, toward),
        palm,
        v=high_v,
        u=draw.u + draw.between(-0.12, 0.12),
    )
    return draw.stroke(label, *_raised(label, low, high))


def _tipping_vertically(draw: Draw, label: str) -> Gesture:
    """Tip the hand over: upright at the top, toward the camera or across at the bottom."""
    pose = moving_hand(draw)
    low_v, high_v = _vertical_span(draw)
    away = label.endswith("Up") and draw.chance(0.5)
    high = (
        upright(draw, draw.between(-0.2, 0.4), draw.between(0.0, 0.4)),
        draw.direction(0.15, 0.2, -1.0, 0.15) if away else front(draw),
    )
    low = (
        level(draw, draw.between(-0.2, 0.9), draw.between(0.3, 1.0)),
        draw.direction(0.0, 1.0, 0.2, 0.15) if away else down(draw),
    )
    bottom = draw.state(pose, *low, v=low_v)
    top = draw.state(varied(draw.rng, pose), *high, v=high_v, u=draw.u + draw.between(-0.1, 0.1))
    return draw.stroke(label, *_raised(label, bottom, top))


def _vertically_by_wrist(draw: Draw, label: str) -> Gesture:
    """Flick the fingers up or down about the wrist or the elbow."""
    pose = moving_hand(draw)
    lever_m = WRIST_LEVER_M if draw.chance(0.5) else ELBOW_LEVER_M
    side = draw.between(-0.2, 0.5)
    low: Directions = (level(draw, side, 1.0), down(draw))
    high: Directions = (upright(draw, side, draw.between(-0.1, 0.2)), front(draw))
    bottom, top = draw.turned_about(lever_m, pose, low, high)
    return draw.stroke(label, *_raised(label, bottom, top))


def _vertically_across(draw: Draw, label: str) -> Gesture:
    """Lift or lower a hand that lies across the picture, palm up, down or to the camera."""
    pose = moving_hand(draw)
    low_v, high_v = _vertical_span(draw)
    leading = 1.0 if label.endswith("Up") else -1.0
    kind = draw.rng.random()
    if kind < 0.5:
        palm = draw.direction(0.0, leading, 0.3, 0.15)
    else:
        palm = draw.direction(0.1, -0.2, -1.0 if kind < 0.75 else 1.0, 0.15)
    low = draw.state(pose, level(draw, 1.0, draw.between(-0.1, 0.8)), palm, v=low_v)
    high_fingers = draw.direction(1.0, draw.between(0.0, 0.8), draw.between(-0.1, 0.5), 0.1)
    high = draw.state(varied(draw.rng, pose), high_fingers, palm, v=high_v)
    return draw.stroke(label, *_raised(label, low, high))


def _vertically_through(draw: Draw, label: str) -> Gesture:
    """Leave the picture downward, or come up from below it, at the stroke's own speed."""
    pose = moving_hand(draw)
    _, high_v = _vertical_span(draw)
    low_v = -1.2 - 0.6 * draw.share
    lean = draw.between(-0.3, 0.3)
    palm = front(draw)
    low = draw.state(pose, upright(draw, lean, draw.between(0.0, 0.9)), palm, v=low_v)
    high = draw.state(varied(draw.rng, pose), upright(draw, lean), palm, v=high_v)
    return draw.stroke(label, *_raised(label, low, high))


SIDEWAYS: Manners = (
    Manner("arm", 0.38, _across_by_arm),
    Manner("elbow", 0.21, _across_by_elbow),
    Manner("wrist", 0.12, _across_by_wrist),
    Manner("level", 0.14, _across_level),
    Manner("through the picture", 0.15, _across_through),
)
VERTICAL: Manners = (
    Manner("upright", 0.36, _upright_vertically),
    Manner("tipping over", 0.26, _tipping_vertically),
    Manner("wrist or elbow", 0.14, _vertically_by_wrist),
    Manner("across", 0.12, _vertically_across),
    Manner("through the picture", 0.12, _vertically_through),
)

swipe_sideways = composer(SIDEWAYS)
swipe_vertically = composer(VERTICAL)
