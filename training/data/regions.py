"""Rectangles cut out of all frames of a clip alike, and scaled to the network's input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.clip import Image, Size


@dataclass(frozen=True)
class Region:
    """A rectangle of an image, in pixels.

    Attributes:
        top: Its first row.
        left: Its first column.
        height: Rows.
        width: Columns.
    """

    top: int
    left: int
    height: int
    width: int

    def cut(self, image: Image) -> Image:
        """Return this part of an image, without copying it."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]


def covering(image: Size, target: Size) -> tuple[float, float]:
    """Return height and width of the largest rectangle of an image with the target's proportions.

    For a square target it is the short side, twice: TSN's base of its crops.
    """
    cover = min(image.height / target.height, image.width / target.width)
    return target.height * cover, target.width * cover


def cut_and_scale(
    images: Sequence[Image], region: Region, target: Size, *, mirrored: bool = False
) -> NDArray[np.uint8]:
    """Cut a region out of BGR images and scale it, to RGB of shape (T, height, width, 3).

    The region is cut first, so that no pixel is scaled only to be thrown away; it is mirrored, and
    its channels are put in order, while it is smaller. Shrinking averages areas, enlarging is
    bilinear.
    """
    clip = np.empty((len(images), target.height, target.width, 3), np.uint8)
    shrinks = region.height > target.height or region.width > target.width
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    size = (target.width, target.height)
    for image, scaled in zip(images, clip, strict=True):
        part = region.cut(image)
        if shrinks:
            cv2.resize(part, size, dst=scaled, interpolation=interpolation)
            _turn(scaled, scaled, mirrored=mirrored)
        else:
            turned = np.empty(part.shape, np.uint8)
            _turn(part, turned, mirrored=mirrored)
            cv2.resize(turned, size, dst=scaled, interpolation=interpolation)
    return clip


def _turn(image: NDArray[np.uint8], result: NDArray[np.uint8], *, mirrored: bool) -> None:
    """Write a BGR image as RGB, mirrored or not; `result` may be the image itself."""
    cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=result)
    if mirrored:
        cv2.flip(result, 1, dst=result)
