"""Gestures that move the hand from one place to another: swipes, slides, pushes and pulls."""

from training.performer.arrays import Floats
from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import open_hand, two_fingers, varied
from training.performer.motion import HandState

# Where the fingers and where the palm points.
_Directions = tuple[Floats, Floats]

# Jester's words are the person's: their left is the unmirrored picture's right.


def swipe_sideways(draw: Draw, label: str) -> Gesture:
    """Swipe or slide left (to the picture's right) or right (to its left)."""
    two = label.startswith("Sliding")
    pose = two_fingers(draw.rng) if two else open_hand(draw.rng)
    centre = 0.35 * draw.u + draw.between(-0.1, 0.15)
    half = draw.between(0.4, 0.65)
    edge = 0.95 - 0.35 * draw.share / draw.framing.aspect
    left, right = max(centre - half, -edge), min(centre + half, edge)
    tilt = draw.between(0.1, 0.6)
    style = draw.rng.integers(3)
    palm_left = draw.direction(0.2, 0.0, 1.0, 0.12)
    palm_right = draw.direction(0.25, 0.0, 1.0, 0.12)
    if style == 1 and not two:
        # The palm leads like a page being turned, or the back of the hand does.
        palm_left = palm_right = draw.direction(0.9, -0.1, 0.55, 0.1)
    elif style == 2 and not two:
        palm_right = draw.direction(0.9, 0.0, 0.4, 0.1)
    rise = draw.between(-0.12, 0.12)
    at_left = draw.state(
        pose, draw.direction(-tilt, 1.0, 0.15, 0.08), palm_left, u=left, v=draw.v - rise
    )
    at_right = draw.state(
        varied(draw.rng, pose, 2.0),
        draw.direction(tilt, 1.0, 0.15, 0.08),
        palm_right,
        u=right,
        v=draw.v + rise,
    )
    ends = (at_left, at_right) if label.endswith("Left") else (at_right, at_left)
    return draw.stroke(label, *ends)


def swipe_vertically(draw: Draw, label: str) -> Gesture:
    """Swipe or slide up or down."""
    two = label.startswith("Sliding")
    pose = two_fingers(draw.rng) if two else open_hand(draw.rng)
    half = draw.between(0.38, 0.55)
    centre = draw.between(-0.12, 0.08)
    low_v, high_v = centre - half, min(centre + half, 1.0 - 0.55 * draw.share)
    low, high = _vertical_ends(draw, label, pose_is_two=two)
    bottom = draw.state(pose, *low, v=low_v)
    drift = draw.between(-0.08, 0.08)
    top = draw.state(varied(draw.rng, pose, 2.0), *high, v=high_v, u=draw.u + drift)
    ends = (bottom, top) if label.endswith("Up") else (top, bottom)
    return draw.stroke(label, *ends)


def _vertical_ends(draw: Draw, label: str, *, pose_is_two: bool) -> tuple[_Directions, _Directions]:
    """Return (fingers, palm) at the bottom and at the top of a vertical swipe."""
    if pose_is_two:
        # Fingers across the picture or toward its top, always seen from the flat side.
        lean = draw.between(0.2, 1.0)
        fingers_low = draw.direction(lean, draw.between(-0.1, 0.5), 0.35, 0.08)
        fingers_high = draw.direction(lean * 0.7, draw.between(0.5, 1.0), 0.2, 0.08)
        palm = draw.direction(0.1, -0.15, 1.0, 0.12)
        return (fingers_low, palm), (fingers_high, palm)
    fingers_low = draw.direction(draw.between(0.5, 1.0), draw.between(-0.3, 0.2), 0.5, 0.08)
    fingers_high = draw.direction(draw.between(0.1, 0.5), 0.9, 0.1, 0.08)
    if label.endswith("Up") and draw.chance(0.6):
        # A palm that lifts: up at the bottom, toward the person at the top.
        return (fingers_low, draw.direction(0.0, 1.0, 0.1, 0.12)), (
            fingers_high,
            draw.direction(0.2, 0.3, -1.0, 0.15),
        )
    return (fingers_low, draw.direction(0.0, -1.0, 0.45, 0.12)), (
        fingers_high,
        draw.direction(0.15, -0.1, 1.0, 0.12),
    )


def push_or_pull(draw: Draw, label: str) -> Gesture:
    """Push the hand toward the camera (it grows) or pull it back (it shrinks)."""
    two, push = "Two Fingers" in label, label.startswith("Pushing")
    pose = two_fingers(draw.rng) if two else open_hand(draw.rng)
    framing = draw.framing
    far = framing.distance_for(draw.between(0.27, 0.36))
    near = min(framing.distance_for(draw.between(0.58, 0.72)), 0.6 * far)
    fingers = draw.direction(draw.between(-0.1, 0.25), 1.0, draw.between(0.0, 0.25), 0.06)
    palm = draw.direction(0.1, -0.1, 1.0, 0.12)
    if not push and draw.chance(0.5):
        palm = draw.direction(0.2, 0.15, -1.0, 0.12)
    near_share = framing.distance_for(1.0) / near
    near_v = min(0.5 * draw.v, 0.95 - 0.95 * near_share)
    far_state = draw.state(pose, fingers, palm, distance=far, v=near_v + draw.between(-0.1, 0.15))
    near_state = draw.state(
        varied(draw.rng, pose, 2.0), fingers, palm, distance=near, u=0.7 * draw.u, v=near_v
    )
    ends: tuple[HandState, HandState] = (far_state, near_state) if push else (near_state, far_state)
    return draw.stroke(label, *ends)
