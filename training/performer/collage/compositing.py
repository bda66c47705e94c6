"""Puts placed sprites into a frame: over each other, blurred by their motion, with a shadow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from training.performer.arrays import Picture
from training.performer.collage.sprite import PlacedSprite

Moment = Sequence[PlacedSprite]
"""What is placed at one sub-frame, the farthest first."""


@dataclass(frozen=True)
class Shadow:
    """The darkness that a hand casts on what is behind it.

    Attributes:
        strength: 0 to 1.
        spread_px: How soft it is.
        shift_px: How far below the hand it falls.
    """

    strength: float
    spread_px: float
    shift_px: int


def composite(background: Picture, moments: Sequence[Moment], shadow: Shadow) -> Picture:
    """Return the background with the mean of all moments before it.

    Args:
        background: Linear RGB, shape (H, W, 3); not changed.
        moments: What was in view at each sub-frame of the exposure; at least one.
        shadow: What falls on the background.
    """
    frame = background.copy()
    box = _box(moments, shadow, *background.shape[:2])
    if box is None:
        return frame
    left, top, right, bottom = box
    layer = _mean_layer(moments, box)
    region = frame[top:bottom, left:right]
    cast = np.ascontiguousarray(layer[..., 3])
    if shadow.strength > 0.0:
        cast = np.asarray(cv2.GaussianBlur(cast, (0, 0), shadow.spread_px), np.float32)
    _cover(region, layer, cast, np.float32(shadow.strength), shadow.shift_px)
    return frame


@njit(cache=True, nogil=True)
def _cover(
    region: Picture, layer: Picture, cast: Picture, strength: np.float32, shift_px: int
) -> None:
    """Darken a region by a shadow that falls `shift_px` lower, and put a layer over it."""
    height, width = cast.shape
    for row in range(height):
        for column in range(width):
            fallen = cast[row - shift_px, column] if row >= shift_px else np.float32(0.0)
            seen = (np.float32(1.0) - strength * fallen) * (np.float32(1.0) - layer[row, column, 3])
            for channel in range(3):
                region[row, column, channel] *= seen
                region[row, column, channel] += layer[row, column, channel]


@njit(cache=True, nogil=True)
def _put_over(layer: Picture, picture: Picture) -> None:
    """Put an RGBA picture over an RGBA layer, both with color by opacity."""
    height, width = layer.shape[:2]
    for row in range(height):
        for column in range(width):
            alpha = picture[row, column, 3]
            if alpha > 0.0:
                for channel in range(4):
                    layer[row, column, channel] *= np.float32(1.0) - alpha
                    layer[row, column, channel] += picture[row, column, channel]


def _box(
    moments: Sequence[Moment], shadow: Shadow, height: int, width: int
) -> tuple[int, int, int, int] | None:
    """Return the half-open box of pixels that sprites and shadow may touch."""
    # Between the first and the last moment everything moves in straight lines.
    bounds = [sprite.bounds() for moment in (moments[0], moments[-1]) for sprite in moment]
    if not bounds:
        return None
    margin = 2.0 * shadow.spread_px + abs(shadow.shift_px) + 1.0
    left = max(0, math.floor(min(bound[0] for bound in bounds) - margin))
    top = max(0, math.floor(min(bound[1] for bound in bounds) - margin))
    right = min(width, math.ceil(max(bound[2] for bound in bounds) + margin))
    bottom = min(height, math.ceil(max(bound[3] for bound in bounds) + margin))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _mean_layer(moments: Sequence[Moment], box: tuple[int, int, int, int]) -> Picture:
    """Return the mean over all moments of what stands in a box, RGBA with color by opacity."""
    left, top, right, bottom = box
    total = np.zeros((bottom - top, right - left, 4), np.float32)
    for moment in moments:
        layer = np.zeros_like(total) if len(moments) > 1 else total
        for sprite in moment:
            _place(layer, sprite, left, top)
        if len(moments) > 1:
            cv2.scaleAdd(layer, 1.0 / len(moments), total, total)
    return total


def _place(layer: Picture, sprite: PlacedSprite, left: int, top: int) -> None:
    """Put a sprite over a layer whose first pixel is the frame's pixel (`left`, `top`)."""
    x_from, y_from, x_to, y_to = sprite.bounds()
    x0, x1 = max(0, math.floor(x_from) - left), min(layer.shape[1], math.ceil(x_to) + 1 - left)
    y0, y1 = max(0, math.floor(y_from) - top), min(layer.shape[0], math.ceil(y_to) + 1 - top)
    if x0 >= x1 or y0 >= y1:
        return
    matrix = sprite.matrix.copy()
    matrix[0, 2] -= left + x0
    matrix[1, 2] -= top + y0
    size = (x1 - x0, y1 - y0)
    warped = cv2.warpAffine(sprite.picture, matrix, size, flags=cv2.INTER_LINEAR)
    _put_over(layer[y0:y1, x0:x1], np.asarray(warped, np.float32))
