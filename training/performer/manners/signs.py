"""Signs that are told by the hand's shape: thumb up, thumb down, stop."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import flat_hand, thumb_fist, varied
from training.performer.manners.manner import Manner, Manners, composer
from training.performer.manners.palms import Directions
from training.performer.motion import HandState


def _shown(draw: Draw, label: str, sign: HandState, first: HandState) -> Gesture:
    """Bring a sign into place and hold it."""
    later = replace(
        sign,
        pose=varied(draw.rng, sign.pose, 1.5),
        u=sign.u + float(draw.jitter(0.02)[0]),
        v=sign.v + float(draw.jitter(0.02)[0]),
    )
    settled = draw.between(0.15, 0.4)
    return draw.stroke(label, first, sign, later, shares=(0.0, settled, 1.0))


def thumb_state(draw: Draw, label: str) -> HandState:
    """Return a thumb that is up or down: leaning, and with the knuckles anywhere in front."""
    sense = 1.0 if label == "Thumb Up" else -1.0
    # The knuckles' direction: 0 toward the camera, 90 degrees toward the picture's right.
    yaw = math.radians(draw.between(20.0, 80.0) if draw.plain else draw.between(-15.0, 112.0))
    lean = 0.12 if draw.plain else 0.35
    fingers = np.array([math.sin(yaw), draw.between(-lean, lean), math.cos(yaw)])
    side = draw.direction(draw.between(-lean, lean), sense, draw.between(-0.7, 0.9) * lean, 0.05)
    v = draw.v - 0.25 * sense * draw.share
    return draw.state(thumb_fist(draw.rng), fingers, np.cross(side, fingers), v=v)


def _thumb(draw: Draw, label: str) -> Gesture:
    """Raise the thumb into place and hold it."""
    sign = thumb_state(draw, label)
    return _shown(draw, label, sign, replace(sign, v=sign.v + draw.between(-0.15, 0.1)))


def _thumb_turning(draw: Draw, label: str) -> Gesture:
    """Turn the wrist until the thumb points up or down."""
    sign = thumb_state(draw, label)
    axis = sign.rotation[:, 1] if draw.chance(0.7) else np.array([0.0, 0.0, 1.0])
    turned = sign.turned(axis, draw.side() * math.radians(draw.between(25.0, 75.0)))
    return _shown(draw, label, sign, turned)


def _thumb_opening(draw: Draw, label: str) -> Gesture:
    """Stretch the thumb out of a slack or closed hand."""
    sign = thumb_state(draw, label)
    closed = sign.pose.copy()
    closed[16:] = np.radians((30.0, 40.0, -25.0, 30.0, 20.0))
    return _shown(draw, label, sign, replace(sign, pose=closed))


def stop_directions(draw: Draw) -> Directions:
    """Return where a stop sign's fingers and palm point: up and to the camera, mostly tilted."""
    if draw.plain:
        return draw.direction(0.03, 1.0, 0.0, 0.05), draw.direction(0.05, 0.0, 1.0, 0.06)
    fingers = draw.direction(draw.between(-0.45, 0.45), 1.0, draw.between(-0.35, 0.5), 0.05)
    return fingers, draw.direction(draw.between(-0.55, 0.65), 0.0, 1.0, 0.1)


def stop_state(draw: Draw) -> HandState:
    """Return a palm that is shown to the camera, its fingers together or apart."""
    return draw.state(flat_hand(draw.rng), *stop_directions(draw))


def _stop_pushed(draw: Draw, label: str) -> Gesture:
    """Show the palm with a short push toward the camera."""
    sign = stop_state(draw)
    first = replace(sign, distance=sign.distance * draw.between(1.02, 1.2), v=sign.v - 0.05)
    return _shown(draw, label, sign, first)


def _stop_raised(draw: Draw, label: str) -> Gesture:
    """Tip the palm up until it faces the camera."""
    sign = stop_state(draw)
    tipped = sign.turned((1.0, 0.0, 0.0), draw.between(0.2, 0.8))
    return _shown(draw, label, sign, replace(tipped, v=sign.v - draw.between(0.0, 0.2)))


THUMB: Manners = (
    Manner("raised", 0.5, _thumb),
    Manner("turning", 0.3, _thumb_turning),
    Manner("opening", 0.2, _thumb_opening),
)
STOP: Manners = (Manner("pushed", 0.6, _stop_pushed), Manner("raised", 0.4, _stop_raised))

thumb, stop_sign = composer(THUMB), composer(STOP)
