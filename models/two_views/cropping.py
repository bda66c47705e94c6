"""From a camera's frame and a box to the input of the second view."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preprocess import as_bgr
from models.two_views.box import Box

OUTSIDE_BGR = (104, 116, 124)
"""What the second view shows beyond the picture: ImageNet's mean, zero after normalization."""


class Area(NamedTuple):
    """A rectangle of whole pixels in a picture."""

    top: int
    left: int
    height: int
    width: int


class _Span(NamedTuple):
    """Whole source pixels along one side, `end` excluded; they may lie outside the picture."""

    begin: int
    end: int


def hand_picture(
    image: NDArray[np.uint8], box: Box, aspect: float, hand_share: float, side: int
) -> NDArray[np.uint8]:
    """Cut a square around a box out of the frame, as sharp as the camera took it.

    What the whole view does not show, because it cuts the frame to its own proportions, is not
    shown here either.

    Args:
        image: 8-bit frame of any size: gray (H, W), BGR (H, W, 3) or BGRA (H, W, 4).
        box: In heights of the whole view.
        aspect: Width of the whole view over its height.
        hand_share: Share of the square's side that the box fills.
        side: Side of the result, in pixels.

    Returns:
        BGR of shape (side, side, 3).

    Raises:
        ValueError: `image` is not such a frame.
    """
    view = _shown(as_bgr(image), aspect)
    height = view.shape[0]
    reach = box.size * height / hand_share
    rows = _span(box.y * height, reach)
    columns = _span(box.x * height, reach)
    square = _cut(view, rows, columns)
    interpolation = cv2.INTER_AREA if len(square) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (side, side), interpolation=interpolation), np.uint8)


def _shown(image: NDArray[np.uint8], aspect: float) -> NDArray[np.uint8]:
    """Return the part of the frame that the whole view shows."""
    area = shown_area(image.shape[0], image.shape[1], aspect)
    return image[area.top : area.top + area.height, area.left : area.left + area.width]


def shown_area(height: int, width: int, aspect: float) -> Area:
    """Return which part of a frame the whole view shows: its center, as wide as `aspect` says.

    Args:
        height: Height of the frame in pixels.
        width: Width of the frame in pixels.
        aspect: Width of the whole view over its height.
    """
    shown_height = min(height, max(1, round(width / aspect)))
    shown_width = min(width, max(1, round(height * aspect)))
    top, left = (height - shown_height) // 2, (width - shown_width) // 2
    return Area(top, left, shown_height, shown_width)


def _span(middle: float, reach: float) -> _Span:
    begin = round(middle - reach / 2)
    return _Span(begin, begin + max(1, round(reach)))


def _cut(view: NDArray[np.uint8], rows: _Span, columns: _Span) -> NDArray[np.uint8]:
    """Return whole pixels of `view`; what lies beyond its edges is gray."""
    height, width = view.shape[:2]
    size = (rows.end - rows.begin, columns.end - columns.begin)
    square = np.full((*size, 3), OUTSIDE_BGR, np.uint8)
    top, bottom = max(rows.begin, 0), min(rows.end, height)
    left, right = max(columns.begin, 0), min(columns.end, width)
    if top < bottom and left < right:
        target = square[top - rows.begin :, left - columns.begin :]
        target[: bottom - top, : right - left] = view[top:bottom, left:right]
    return square
