"""Moves somebody far away: a picture, made smaller, over one of a room."""

from __future__ import annotations

import cv2
import numpy as np

from models.two_views.joints import hand_boxes
from training.data.clip import Image
from training.performer.arrays import Floats

# Size of a hand in heights of the result, and of a person's picture without one.
_LEAST, _MOST = 0.08, 0.28
_USUAL_HAND = 0.3
_LARGEST = 0.98
_ON_THE_FLOOR = 0.6
_SOFTEST_PX, _HARDEST_PX = 9.0, 1.5


def farther_away(
    image: Image, joints: Floats, room: Image, rng: np.random.Generator
) -> tuple[Image, Floats]:
    """Lay a picture over a room, with soft edges.

    Args:
        image: BGR.
        joints: Of its hands, in its pixels, of shape (N, 21, 2); NaN where there is none.
        room: BGR.
        rng: Source of chance.

    Returns:
        The result, as large as the room, and the joints in its pixels.
    """
    height, width = room.shape[:2]
    sizes = hand_boxes(joints)[:, 2]
    known = sizes[np.isfinite(sizes)]
    hand = float(known.max()) if len(known) else _USUAL_HAND * image.shape[0]
    wanted = height * np.exp(rng.uniform(np.log(_LEAST), np.log(_MOST)))
    scale = min(wanted / hand, _LARGEST * height / image.shape[0])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tall, wide = small.shape[:2]
    left = int(rng.integers(-(wide // 4), max(width - wide + wide // 4, 1)))
    free = max(height - tall, 0)
    top = free if rng.random() < _ON_THE_FLOOR else int(rng.integers(0, free + 1))
    opacity = _soft_edges(tall, wide, rng.uniform(_HARDEST_PX, _SOFTEST_PX))
    result = room.copy()
    inside = slice(max(left, 0), min(left + wide, width))
    shown = slice(inside.start - left, inside.stop - left)
    target = result[top : top + tall, inside]
    weight = opacity[:, shown, None]
    target[:] = (small[:, shown] * weight + target * (1 - weight)).astype(np.uint8)
    stretch = np.array([wide / image.shape[1], tall / image.shape[0]])
    return result, joints * stretch + (left, top)


def _soft_edges(height: int, width: int, soft_px: float) -> Floats:
    """Return opacity that rises from the sides and from the top, of shape (height, width)."""
    across, down = np.arange(width), np.arange(height)[:, None]
    margin = np.minimum(np.minimum(across, width - 1 - across), down)
    opacity: Floats = np.clip(margin / soft_px, 0.0, 1.0)
    return opacity
