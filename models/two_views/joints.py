"""The joints of the hand in the square, and what the classifier reads of them over time.

The square's network says where the 21 joints are (MediaPipe's order: the wrist, then four of each
finger from the thumb on). Gestures are told apart by how they move: drawn hands and real ones look
different, but their joints do not. Lengths are in heights of the whole view. Nothing here needs
PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.two_views.box import Box

JOINTS = 21

JOINT_OUTPUTS = 2 * JOINTS
"""What the square's network says of the joints, behind `box.SQUARE_VALUES`: x and y of each, from
the middle of the box, in sizes of the box."""

JOINT_VALUES = JOINT_OUTPUTS + 5
"""Numbers of one frame that the classifier reads; see `joint_values`."""

PALM = [0, 5, 9, 13, 17]
"""The wrist and the four knuckles."""

_PALM_LENGTHS = ((0, 9, 1.7), (0, 5, 1.7), (0, 17, 1.8), (5, 17, 2.4))
"""Two joints of the palm, and how many times their distance makes a hand's length."""

SIZE_PER_EXTENT = 1.05
_USUAL_SIZE, _LEAST_SIZE = 0.3, 0.02
_SPREAD = 2.0
# Beyond these joints would show nothing.
_FARTHEST = 4.0

Joints = NDArray[np.float32]
"""Of one hand, from the middle of the view, in its heights, of shape (21, 2)."""


def hand_boxes(joints: NDArray[np.floating]) -> NDArray[np.float64]:
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
    size = np.max([*lengths, SIZE_PER_EXTENT * (high - low).max(axis=-1)], axis=0)
    boxes: NDArray[np.float64] = np.concatenate([middle, size[..., None]], axis=-1)
    return boxes


def said_joints(values: NDArray[np.float32], box: Box, aspect: float) -> Joints:
    """Return the joints that the square's network says, finite whatever it says.

    Args:
        values: Its `JOINT_OUTPUTS`.
        box: The box around which the square was cut.
        aspect: Width of the whole view over its height.
    """
    middle = np.array([box.x - aspect / 2, box.y - 0.5], np.float32)
    return joints_around(values, middle, np.asarray(box.size, np.float32))


def joints_around(
    values: NDArray[np.float32], middle: NDArray[np.float32], size: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the joints that the square's network says of any number of frames, always finite.

    Args:
        values: Its `JOINT_OUTPUTS`, of shape (..., `JOINT_OUTPUTS`).
        middle: Of the boxes, from the middle of the view, in its heights, of shape (..., 2).
        size: Of the boxes, of shape (...).

    Returns:
        From the middle of the view, in its heights, of shape (..., 21, 2).
    """
    away = values.reshape(*values.shape[:-1], JOINTS, 2)
    joints = middle[..., None, :] + size[..., None, None] * away
    finite = np.nan_to_num(np.clip(joints, -_FARTHEST, _FARTHEST))
    return np.asarray(finite, np.float32)


def joint_values(newest: Sequence[Joints | None], history: int) -> NDArray[np.float32]:
    """Return what the classifier reads of the newest frames.

    Of each frame the joints from the middle of their box, in its sizes; where that box is and the
    logarithm of its size; whether the hand was seen in this frame; and whether it was seen in this
    window yet. A frame without a hand repeats the one before.

    Args:
        newest: The joints of at most `history` frames, oldest first; None where no hand was seen.
        history: Frames of the window; before a stream's first frame none has a hand.

    Returns:
        Oldest first, of shape (history * `JOINT_VALUES`,).
    """
    window = np.zeros((history, JOINT_VALUES), np.float32)
    last: NDArray[np.float32] | None = None
    for row, joints in zip(window[history - len(newest) :], newest, strict=True):
        if joints is not None:
            last = frame_values(joints)
        if last is not None:
            row[:-2] = last
            row[-2:] = float(joints is not None), 1.0
    return window.ravel()


def frame_values(joints: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return what `joint_values` says of a seen hand, of shape (..., `JOINT_VALUES` - 2).

    Args:
        joints: From the middle of the view, in its heights, of shape (..., 21, 2).
    """
    boxes = hand_boxes(joints)
    middle, size = boxes[..., :2], np.maximum(boxes[..., 2:], _LEAST_SIZE)
    shape = (joints - middle[..., None, :]) / size[..., None]
    parts = (
        _SPREAD * shape.reshape(*shape.shape[:-2], JOINT_OUTPUTS),
        _SPREAD * middle,
        np.log(size / _USUAL_SIZE),
    )
    return np.concatenate(parts, axis=-1).astype(np.float32)


def joint_windows(
    joints: NDArray[np.floating], seen: NDArray[np.bool_], history: int
) -> NDArray[np.float32]:
    """Return `joint_values` at every frame of whole clips.

    Args:
        joints: From the middle of the view, in its heights, finite, of shape (B, N, 21, 2).
        seen: Whether the hand was seen, of shape (B, N).
        history: Frames of a window; before a clip's first frame no hand was seen.

    Returns:
        Shape (B, N, history * `JOINT_VALUES`).
    """
    batch, frames = seen.shape
    ends, ages = np.arange(frames), np.arange(history)[::-1]
    at = ends[:, None] - ages  # (N, history); negative before the clip
    newest = np.maximum.accumulate(np.where(seen, ends, -1), axis=1)
    source = np.where(at >= 0, newest[:, np.maximum(at, 0)], -1)
    known = source >= np.maximum(at[:, :1], 0)
    values = frame_values(joints)
    windows = np.zeros((batch, frames, history, JOINT_VALUES), np.float32)
    rows = np.arange(batch)[:, None, None]
    windows[..., :-2] = np.where(known[..., None], values[rows, np.maximum(source, 0)], 0.0)
    windows[..., -2] = known & (source == at)
    windows[..., -1] = known
    return windows.reshape(batch, frames, -1)
