"""What is measured of a movement, in the same way for people and for the performer.

Lengths are counted in the mover's own size, so that neither the camera's distance nor its units
matter: in palms (wrist to middle knuckle) where the hand is known, in shoulder widths where the
arm is.
"""

from __future__ import annotations

import numpy as np

from training.performer.arrays import Floats

HAND_MEASURES = {
    "right": "travel to the picture's right, palms",
    "up": "travel upward, palms",
    "path": "length of the palm's way, palms",
    "turn": "turn in the picture, counterclockwise, degrees",
    "tilt": "largest over smallest length of the palm",
    "index": "stretch of the index finger, 1 is straight",
    "ring": "stretch of the ring finger",
    "thumb": "stretch of the thumb",
    "opening": "change of the fingertips' distance from their middle, palms",
}
"""What `measure_hand` returns, and in which units."""

ARM_MEASURES = {
    "duration": "length of the stroke, seconds",
    "speed": "highest speed of the wrist, shoulder widths a second",
    "entry right": "where the wrist starts, right of the breastbone, shoulder widths",
    "entry up": "where it starts, above the shoulders, shoulder widths",
    "elbow": "the elbow's way as a share of the wrist's",
    "size": "the wrist's reach, shoulder widths",
}
"""What `measure_arm` returns, and in which units."""

_PALM = [0, 5, 9, 13, 17]
_TIPS = [4, 8, 12, 16, 20]
_FINGERS = {"thumb": 1, "index": 5, "ring": 13}


def measure_hand(joints: Floats) -> dict[str, float]:
    """Measure one movement of a hand.

    Args:
        joints: (x, y) of 21 joints in MediaPipe's order over the stroke, x to the right and y
            down, in one unit for both; shape (T, 21, 2).
    """
    palm = np.linalg.norm(joints[:, 9] - joints[:, 0], axis=1)
    unit = max(float(np.median(palm)), 1e-6)
    centers = joints[:, _PALM].mean(1) / unit
    along = joints[:, 9] - joints[:, 0]
    angles = np.unwrap(np.arctan2(-along[:, 1], along[:, 0]))
    tips = joints[:, _TIPS]
    opened = np.linalg.norm(tips - tips.mean(1, keepdims=True), axis=2).mean(1) / unit
    return {
        "right": float(centers[-1, 0] - centers[0, 0]),
        "up": float(centers[0, 1] - centers[-1, 1]),
        "path": float(np.linalg.norm(np.diff(centers, axis=0), axis=1).sum()),
        "turn": float(np.degrees(angles[-1] - angles[0])),
        "tilt": float(palm.max() / max(palm.min(), 1e-6)),
        **{name: _stretch(joints, first) for name, first in _FINGERS.items()},
        "opening": float(opened[-1] - opened[0]),
    }


def _stretch(joints: Floats, first: int) -> float:
    """Return how straight a finger is: from its first joint to its tip, over the bones' length."""
    finger = joints[:, first : first + 4]
    bones = np.linalg.norm(np.diff(finger, axis=1), axis=2).sum(1)
    reach = np.linalg.norm(finger[:, 3] - finger[:, 0], axis=1)
    return float(np.median(reach / np.maximum(bones, 1e-6)))


def measure_arm(
    times_s: Floats, wrist: Floats, elbow: Floats, shoulders: Floats
) -> dict[str, float]:
    """Measure one movement of an arm.

    Args:
        times_s: When each frame was taken, shape (T,).
        wrist: (x, y), x to the right and y down, in one unit for both; shape (T, 2).
        elbow: Likewise.
        shoulders: Likewise, of both shoulders; shape (T, 2, 2).
    """
    width = max(float(np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1).mean()), 1e-6)
    start = (wrist[0] - shoulders[0].mean(0)) / width
    steps_s = np.maximum(np.diff(times_s), 1e-3)
    way = np.linalg.norm(np.diff(wrist, axis=0), axis=1) / width
    elbow_way = np.linalg.norm(np.diff(elbow, axis=0), axis=1).sum() / width
    return {
        "duration": float(times_s[-1] - times_s[0]),
        "speed": float(_without_spikes(way / steps_s).max()),
        "entry right": float(start[0]),
        "entry up": float(-start[1]),
        "elbow": float(elbow_way / max(way.sum(), 1e-6)),
        "size": float(np.linalg.norm(np.ptp(wrist, axis=0)) / width),
    }


def _without_spikes(speeds: Floats) -> Floats:
    """Return the medians of three: a landmark that jumps for one frame is no movement."""
    if len(speeds) < 3:
        return speeds
    return np.median(np.stack([speeds[:-2], speeds[1:-1], speeds[2:]]), axis=0)
