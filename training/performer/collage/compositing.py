"""Puts placed sprites into a frame: over each other, blurred by their motion, with a shadow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

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
    alpha = layer[..., 3:]
    region = frame[top:bottom, left:right]
    if shadow.strength > 0.0:
        cast = cv2.GaussianBlur(layer[..., 3], (0, 0), shadow.spread_px)
        fallen = cast[: len(cast) - shadow.shift_px, :, None]
        region[shadow.shift_px :] *= 1.0 - np.float32(shadow.strength) * fallen
    region *= 1.0 - alpha
    region += layer[..., :3]
    return frame


def _box(
    moments: Sequence[Moment], shadow: Shadow, height: int, width: int
) -> tuple[int, int, int, int] | None:
    """Return the half-open box of pixels that sprites and shadow may touch."""
    bounds = np.array([sprite.bounds() for moment in moments for sprite in moment])
    if not len(bounds):
        return None
    margin = 2.0 * shadow.spread_px + abs(shadow.shift_px) + 1.0
    left = max(0, math.floor(bounds[:, 0].min() - margin))
    top = max(0, math.floor(bounds[:, 1].min() - margin))
    right = min(width, math.ceil(bounds[:, 2].max() + margin))
    bottom = min(height, math.ceil(bounds[:, 3].max() + margin))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _mean_layer(moments: Sequence[Moment], box: tuple[int, int, int, int]) -> Picture:
    """Return the mean over all moments of what stands in a box, RGBA with colour by opacity."""
    left, top, right, bottom = box
    size = (right - left, bottom - top)
    total = np.zeros((size[1], size[0], 4), np.float32)
    for moment in moments:
        layer: Picture | None = None
        for sprite in moment:
            matrix = sprite.matrix.copy()
            matrix[:, 2] -= (left, top)
            warped = cv2.warpAffine(sprite.picture, matrix, size, flags=cv2.INTER_LINEAR)
            if layer is None:
                layer = np.asarray(warped, np.float32)
            else:
                layer *= 1.0 - warped[..., 3:]
                layer += warped
        if layer is not None:
            total += layer
    total *= np.float32(1.0 / len(moments))
    return total
