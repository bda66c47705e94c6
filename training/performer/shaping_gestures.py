"""Gestures told by the hand's shape: zooms, thumbs, the stop sign."""

from dataclasses import replace

import numpy as np

from training.performer.gesture import Draw, Gesture
from training.performer.handshapes import (
    bunched_hand,
    open_hand,
    pinch,
    spread_hand,
    thumb_fist,
    varied,
)
from training.performer.motion import Keyframe


def zoom(draw: Draw, label: str) -> Gesture:
    """Open (zoom in) or close (zoom out) the whole hand, or thumb and index finger."""
    if label.endswith("Full Hand"):
        opened, closed = spread_hand(draw.rng), bunched_hand(draw.rng)
        fingers = draw.direction(draw.between(-0.1, 0.3), 1.0, draw.between(0.0, 0.3), 0.06)
        palm = draw.direction(draw.between(-0.1, 0.35), -0.1, 1.0, 0.1)
    else:
        draw = replace(draw, share=max(draw.share, 0.44)).beside_face()
        folded = draw.chance(0.85)
        opened = pinch(draw.rng, closed=False, others_folded=folded)
        closed = pinch(draw.rng, closed=True, others_folded=folded)
        fingers = draw.direction(draw.between(0.0, 0.5), 1.0, draw.between(0.0, 0.3), 0.06)
        # Turned a little sideways, so that the gap between thumb and finger faces the camera.
        palm = draw.direction(draw.between(0.1, 0.7), -0.1, 1.0, 0.08)
    start, end = (closed, opened) if label.startswith("Zooming In") else (opened, closed)
    drift = draw.jitter(0.02)
    first = draw.state(start, fingers, palm)
    last = draw.state(end, fingers, palm, u=draw.u + drift[0], v=draw.v + drift[1])
    # Holding the first and the last shape for a moment is what makes the change readable.
    duration = draw.duration_s
    keyframes = (
        Keyframe(0.0, first),
        Keyframe(0.12 * duration, first),
        Keyframe(0.88 * duration, last),
        Keyframe(duration, last),
    )
    return Gesture(label, keyframes, duration)


def thumb(draw: Draw, label: str) -> Gesture:
    """Show the thumb up, or down with the elbow raised and the forearm coming from the side."""
    up = label == "Thumb Up"
    draw = replace(draw, share=max(draw.share, 0.48)).beside_face()
    pose = thumb_fist(draw.rng)
    # The knuckles' direction: 0 toward the camera, 90 degrees toward the picture's right. A thumb
    # down is reached by lifting the elbow, which leaves the forearm across the picture.
    yaw = np.radians(draw.between(20.0, 80.0) if up else draw.between(45.0, 95.0))
    sign = 1.0 if up else -1.0
    fingers = np.array([np.sin(yaw), draw.between(-0.12, 0.12), np.cos(yaw)])
    side = draw.direction(draw.between(-0.15, 0.15), sign, draw.between(-0.1, 0.1))
    palm = np.cross(side, fingers)
    if not up:
        lift = np.array([-0.16, draw.between(0.25, 0.4), 0.0])
        draw = replace(draw, elbow=draw.elbow + lift, v=draw.v + 0.12)
    share_v = 0.9 - 0.75 * draw.share
    v = float(np.clip(draw.v, -share_v, share_v))
    settle = 0.06 * sign
    first = draw.state(pose, fingers, palm, v=v - settle)
    shown = draw.state(varied(draw.rng, pose, 1.5), fingers, palm, v=v)
    times = (0.0, 0.3 * draw.duration_s, draw.duration_s)
    states = (first, shown, replace(shown, u=shown.u + float(draw.jitter(0.015)[0])))
    keyframes = tuple(Keyframe(time, state) for time, state in zip(times, states, strict=True))
    return Gesture(label, keyframes, draw.duration_s)


def stop_sign(draw: Draw, label: str) -> Gesture:
    """Hold up an open palm, still, after a short push toward the camera."""
    pose = open_hand(draw.rng)
    fingers = draw.direction(0.03, 1.0, draw.between(-0.1, 0.15), 0.06)
    palm = draw.direction(0.05, 0.0, 1.0, 0.08)
    first = draw.state(pose, fingers, palm, distance=draw.distance * 1.08, v=draw.v - 0.04)
    held = draw.state(pose, fingers, palm)
    later = draw.state(varied(draw.rng, pose, 1.0), fingers, palm, u=draw.u + 0.01)
    times = (0.0, 0.25 * draw.duration_s, draw.duration_s)
    states = (first, held, later)
    keyframes = tuple(Keyframe(time, state) for time, state in zip(times, states, strict=True))
    return Gesture(label, keyframes, draw.duration_s)
