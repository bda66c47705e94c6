"""From the 21 joints of a hand to the box that the second view looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.performer.arrays import Floats
from training.performer.collage.hands_table import KnownHands

PALM = [0, 5, 9, 13, 17]
"""The wrist and the four knuckles, in MediaPipe's order of joints."""

_PALM_LENGTHS = ((0, 9, 1.7), (0, 5, 1.7), (0, 17, 1.8), (5, 17, 2.4))
"""Two joints of the palm, and how many times their distance makes a hand's length."""

_SIZE_PER_EXTENT = 1.05
_LEAST_IN_VIEW = 0.5


def hand_boxes(joints: Floats) -> Floats:
    """Return boxes for joints of shape (..., 21, 2), in their units: x, y and size, (..., 3).

    The middle lies between that of the joints and that of the palm. The size is that of a stretched
    hand, estimated from the palm, so that it hardly changes when the hand opens or closes; a palm
    seen from its edge counts by the side that shows. Made for drawn joints and for those that a
    landmark model finds alike.
    """
    low, high = joints.min(axis=-2), joints.max(axis=-2)
    middle = (low + high) / 4 + joints[..., PALM, :].mean(axis=-2) / 2
    lengths = [
        factor * np.linalg.norm(joints[..., a, :] - joints[..., b, :], axis=-1)
        for a, b, factor in _PALM_LENGTHS
    ]
    size = np.max([*lengths, _SIZE_PER_EXTENT * (high - low).max(axis=-1)], axis=0)
    boxes: Floats = np.concatenate([middle, size[..., None]], axis=-1)
    return boxes


def in_view(joints: Floats, aspect: float) -> NDArray[np.bool_]:
    """Return which hands show: half of the joints inside the view, shape (...).

    Args:
        joints: In heights of the view, shape (..., 21, 2); NaN where there is no hand.
        aspect: Width of the view over its height.
    """
    inside = ((joints > 0.0) & (joints < np.array([aspect, 1.0]))).all(axis=-1)
    shows: NDArray[np.bool_] = inside.mean(axis=-1) > _LEAST_IN_VIEW
    return shows


def stand_in_joints(boxes: Floats) -> Floats:
    """Return joints that `hand_boxes` gives these boxes for, where nothing else is known of a hand.

    Args:
        boxes: x, y and size, of shape (..., 3).

    Returns:
        The palm in the middle and the fingers around it, of shape (..., 21, 2).
    """
    around = np.zeros((21, 2))
    fingers = [joint for joint in range(21) if joint not in PALM]
    around[fingers] = np.tile([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)], (4, 1))
    reach = boxes[..., None, 2:] / (2 * _SIZE_PER_EXTENT)
    joints: Floats = boxes[..., None, :2] + reach * around
    return joints


def joints_or_stand_ins(hands: KnownHands) -> tuple[Floats, NDArray[np.bool_]]:
    """Return joints of shape (N, 21, 2), and which of the N hands' only stand for their boxes."""
    unknown = np.asarray(np.isnan(hands.joints).any(axis=(1, 2)))
    return np.where(unknown[:, None, None], stand_in_joints(hands.boxes), hands.joints), unknown
