"""One hand, cut out of a picture, and the measures that let an arm carry it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.performer.arrays import Floats
from training.performer.collage.shapes import HandShape

Pixels = NDArray[np.uint8]

STORED_HAND_PX = 96
"""Longer side of a cut-out in memory."""

_OPAQUE = 128
# Length of the hand that a cut-out shows, from the wrist on, over that of a stretched hand.
_LENGTH_SHARE: dict[HandShape, float] = {
    HandShape.OPEN_PALM: 1.0,
    HandShape.TWO_FINGERS: 0.95,
    HandShape.THUMB: 0.62,
    HandShape.FIST: 0.6,
    HandShape.BUNCH: 0.85,
    HandShape.PINCH_OPEN: 0.9,
    HandShape.PINCH_CLOSED: 0.7,
    HandShape.POINTING: 0.9,
    HandShape.OTHER_SIGN: 0.95,
}
# The same for its width, which tells the size where a piece of the forearm is in the picture too.
_WIDTH_SHARE: dict[HandShape, float] = {
    HandShape.OPEN_PALM: 0.62,
    HandShape.THUMB: 0.72,
    HandShape.PINCH_OPEN: 0.78,
}
_USUAL_WIDTH_SHARE = 0.5


@dataclass(frozen=True)
class CutOut:
    """A right hand seen from its palm's side, fingers (or a fist's knuckles) up.

    Attributes:
        pixels: RGBA, color not multiplied by opacity, shape (H, W, 4).
        shape: What the hand does.
        wrist: Where the arm begins, (x, y) in pixels.
        wrist_px: How wide the arm is there.
        hand_px: How long the hand would be, stretched.
        tone: Median color of the skin, linear RGB, shape (3,).
        joints: The 21 joints in MediaPipe's order, in pixels, shape (21, 2); None if not known.
    """

    pixels: Pixels
    shape: HandShape
    wrist: tuple[float, float]
    wrist_px: float
    hand_px: float
    tone: Floats
    joints: Floats | None = None


def cut_out(
    pixels: Pixels,
    shape: HandShape,
    *,
    turns: int | None,
    with_arm: bool = False,
    known_hand_px: float | None = None,
    joints: Floats | None = None,
) -> CutOut | None:
    """Turn a picture's hand upright, shrink it to the stored size and measure it.

    Args:
        pixels: RGBA, shape (H, W, 4).
        shape: What the hand does.
        turns: Quarter turns, counterclockwise, that bring the arm to the lower edge; None to find
            the edge at which the arm was cut.
        with_arm: True if much of the forearm may be in the picture.
        known_hand_px: How long the hand would be in the picture, stretched, if that is known.
        joints: Where its joints are in the picture, shape (21, 2), if that is known.

    Returns:
        The cut-out, or None if next to nothing of the picture is opaque.
    """
    window = _opaque_window(pixels)
    if window is None:
        return None
    trimmed, turns = pixels[window], _turns_to_stand(pixels) if turns is None else turns
    upright = np.rot90(trimmed, turns)
    small = _shrunk(np.ascontiguousarray(upright))
    opaque = small[..., 3] >= _OPAQUE
    rows = np.flatnonzero(opaque.any(1))
    if known_hand_px is not None:
        hand_px = known_hand_px * max(small.shape[:2]) / max(trimmed.shape[:2])
    elif with_arm or shape is HandShape.THUMB:
        hand_px = float(np.max(opaque.sum(1))) / _WIDTH_SHARE.get(shape, _USUAL_WIDTH_SHARE)
    else:
        hand_px = float(len(rows)) / _LENGTH_SHARE[shape]
    # Below the wrist a painted arm takes over from the photographed one.
    end = min(int(rows[-1]), round(rows[0] + _LENGTH_SHARE[shape] * hand_px))
    columns = np.flatnonzero(opaque[end - round(0.05 * hand_px) : end + 1].any(0))
    wrist_px = float(np.clip(columns[-1] - columns[0] + 1.0, 0.24 * hand_px, 0.4 * hand_px))
    # The arm reaches a little into the hand, so that no gap shows.
    wrist = (float(columns.mean()), end - 0.03 * hand_px)
    skin = (small[..., :3][opaque] / 255.0) ** 2.2
    if joints is not None:
        corner = (window[1].start, window[0].start)
        joints = _turned(joints - corner, turns, trimmed.shape[:2])
        joints = joints * np.divide(small.shape[1::-1], upright.shape[1::-1])
    return CutOut(small, shape, wrist, wrist_px, hand_px, np.median(skin, 0) + 1e-3, joints)


def _turned(points: Floats, turns: int, size: tuple[int, ...]) -> Floats:
    """Return where `np.rot90` puts points (x, y) of a picture of a height and a width."""
    height, width = size
    for _ in range(turns % 4):
        points = np.stack([points[:, 1], width - points[:, 0]], axis=1)
        height, width = width, height
    return points


def _opaque_window(pixels: Pixels) -> tuple[slice, slice] | None:
    """Return rows and columns of the picture without its empty margin."""
    opaque = pixels[..., 3] >= _OPAQUE
    rows, columns = np.flatnonzero(opaque.any(1)), np.flatnonzero(opaque.any(0))
    if len(rows) < 8 or len(columns) < 8:
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _turns_to_stand(pixels: Pixels) -> int:
    """Return how often to turn the picture until the edge that cuts the arm is the lower one."""
    opaque = pixels[..., 3] >= _OPAQUE
    contacts = (opaque[-2:].any(0), opaque[:, :2].any(1), opaque[:2].any(0), opaque[:, -2:].any(1))
    return int(np.argmax([contact.sum() for contact in contacts]))


def _shrunk(pixels: Pixels) -> Pixels:
    """Scale to the stored size without letting the color of what was cut away bleed in."""
    scale = STORED_HAND_PX / max(pixels.shape[:2])
    alpha = pixels[..., 3:].astype(np.float32) / 255.0
    weighted = np.dstack([pixels[..., :3] * alpha, 255.0 * alpha])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    interpolation = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    small = cv2.resize(weighted, size, interpolation=interpolation)
    color = 255.0 * small[..., :3] / np.maximum(small[..., 3:], 1.0)
    result = np.dstack([color, small[..., 3:]])
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)
