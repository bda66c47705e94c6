"""What is known of hands in the view from their 21 joints, and joints where only a box is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.two_views.joints import PALM, SIZE_PER_EXTENT
from training.performer.arrays import Floats
from training.performer.collage.hands_table import KnownHands

_LEAST_IN_VIEW = 0.5


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
    """Return joints for which `hand_boxes` gives these boxes, where no more is known of a hand.

    Args:
        boxes: x, y and size, of shape (..., 3).

    Returns:
        The palm in the middle and the fingers around it, of shape (..., 21, 2).
    """
    around = np.zeros((21, 2))
    fingers = [joint for joint in range(21) if joint not in PALM]
    around[fingers] = np.tile([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)], (4, 1))
    reach = boxes[..., None, 2:] / (2 * SIZE_PER_EXTENT)
    joints: Floats = boxes[..., None, :2] + reach * around
    return joints


def joints_or_stand_ins(hands: KnownHands) -> tuple[Floats, NDArray[np.bool_]]:
    """Return joints of shape (N, 21, 2), and which of the N hands' only stand for their boxes."""
    unknown = np.asarray(np.isnan(hands.joints).any(axis=(1, 2)))
    return np.where(unknown[:, None, None], stand_in_joints(hands.boxes), hands.joints), unknown
