"""The transforms of a clip: random crops, colors and flips for training, the center otherwise.

One draw serves all frames of a clip, so that motion stays motion.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preprocess import cover_crop
from training.data.clip import Image, Size
from training.number_types import (
    AtLeastOne,
    ClosedUnitInterval,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveShare,
)


class Variation(NamedTuple):
    """A clip as training sees it once.

    Attributes:
        pixels: RGB of shape (T, height, width, 3).
        mirrored: Whether it was flipped, so that its label has to follow.
    """

    pixels: NDArray[np.uint8]
    mirrored: bool


class RandomTransform(ABC):
    """A random transform of a clip."""

    @abstractmethod
    def smallest(self, target: Size) -> Size:
        """Return the size of image that the smallest crop does not have to enlarge."""

    @abstractmethod
    def __call__(
        self, images: Sequence[Image], target: Size, rng: np.random.Generator, *, may_flip: bool
    ) -> Variation:
        """Return a varied clip.

        Args:
            images: BGR images of one size.
            target: The network's input.
            rng: The source of all randomness.
            may_flip: Whether a flipped clip has a label.
        """


@dataclass(frozen=True)
class Augmentation(RandomTransform):
    """The performer's recipes: free crops and proportions, brightness, contrast, color, flips.

    Attributes:
        min_scale: Smallest side of the random crop, as a fraction of the image.
        max_aspect: Largest factor by which the crop's proportions change.
        brightness: Largest relative change of brightness.
        contrast: Largest relative change of contrast.
        hue_shift: Largest change of each color channel's gain.
        flip_probability: How often the clip is mirrored; its label is then mirrored too, and a clip
            whose mirror image has no label stays as it is.
    """

    min_scale: PositiveShare = 0.8
    max_aspect: AtLeastOne = 1.15
    brightness: NonNegativeFloat = 0.25
    contrast: NonNegativeFloat = 0.25
    hue_shift: NonNegativeFloat = 0.1
    flip_probability: ClosedUnitInterval = 0.5

    def smallest(self, target: Size) -> Size:
        """Return the size of image that the smallest crop does not have to enlarge."""
        least = self.min_scale / self.max_aspect**0.5
        return Size(ceil(target.height / least), ceil(target.width / least))

    def __call__(
        self, images: Sequence[Image], target: Size, rng: np.random.Generator, *, may_flip: bool
    ) -> Variation:
        """Return a varied clip; see `RandomTransform`."""
        region = self._region(Size(*images[0].shape[:2]), target, rng)
        table = self._color_table(rng)
        mirrored = bool(rng.random() < self.flip_probability) and may_flip
        clip = cut_and_scale(images, region, target, mirrored=mirrored)
        for image in clip:
            cv2.LUT(image, table, dst=image)
        return Variation(clip, mirrored)

    def _region(self, image: Size, target: Size, rng: np.random.Generator) -> Region:
        scale = rng.uniform(self.min_scale, 1.0)
        aspect = np.exp(rng.uniform(-1, 1) * np.log(self.max_aspect))
        base_height, base_width = _covering(image, target)
        height = min(image.height, max(1, round(base_height * scale * np.sqrt(aspect))))
        width = min(image.width, max(1, round(base_width * scale / np.sqrt(aspect))))
        top = int(rng.integers(0, image.height - height + 1))
        left = int(rng.integers(0, image.width - width + 1))
        return Region(top, left, height, width)

    def _color_table(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Draw brightness, contrast and color balance, as a look-up table of all levels."""
        gain = 1 + rng.uniform(-self.contrast, self.contrast)
        balance = 1 + rng.uniform(-self.hue_shift, self.hue_shift, 3)
        offset = 128 * rng.uniform(-self.brightness, self.brightness)
        levels = np.arange(256)[:, None]
        table = np.clip((levels - 128) * gain * balance + 128 + offset, 0, 255)
        return table.astype(np.uint8)[None]


GRID_STEPS = 4
"""TSN's crops lie on a grid of this many steps across the free space."""

GRID_POSITIONS: tuple[tuple[int, int], ...] = (
    *((0, 0), (0, 4), (4, 0), (4, 4)),  # corners
    (2, 2),  # center
    *((0, 2), (2, 0), (2, 4), (4, 2)),  # middles of the sides
    *((1, 1), (1, 3), (3, 1), (3, 3)),  # quarters
)
"""TSN's thirteen positions of a crop, as steps from the top and from the left."""


@dataclass(frozen=True)
class MultiScaleCrop(RandomTransform):
    """TSN's crop, which the paper trains with: one of a few sizes, at one of thirteen positions.

    Height and width are drawn as neighboring scales, so that proportions change a little. The
    base of the scales is the largest rectangle that fits: the short side for a square input.

    Attributes:
        scales: Sides of a crop as shares of the base, from large to small.
        max_distortion: How many entries apart in `scales` height and width may be.
        flip_probability: How often the clip is mirrored; its label is then mirrored too, and a clip
            whose mirror image has no label stays as it is.
    """

    scales: tuple[float, ...] = (1.0, 0.875, 0.75, 0.66)
    max_distortion: NonNegativeInt = 1
    flip_probability: ClosedUnitInterval = 0.5

    def __post_init__(self) -> None:
        if not self.scales or not all(0 < scale <= 1 for scale in self.scales):
            raise ValueError(f"scales must be above 0 and at most 1, not {self.scales}")

    def smallest(self, target: Size) -> Size:
        """Return the size of image that the smallest crop does not have to enlarge."""
        least = min(self.scales)
        return Size(ceil(target.height / least), ceil(target.width / least))

    def __call__(
        self, images: Sequence[Image], target: Size, rng: np.random.Generator, *, may_flip: bool
    ) -> Variation:
        """Return a varied clip; see `RandomTransform`."""
        region = self.region(Size(*images[0].shape[:2]), target, rng)
        mirrored = bool(rng.random() < self.flip_probability) and may_flip
        return Variation(cut_and_scale(images, region, target, mirrored=mirrored), mirrored)

    def region(self, image: Size, target: Size, rng: np.random.Generator) -> Region:
        """Draw a crop of an image."""
        tall, wide = self._pairs[rng.integers(len(self._pairs))]
        down, across = GRID_POSITIONS[rng.integers(len(GRID_POSITIONS))]
        base_height, base_width = _covering(image, target)
        height = max(1, int(base_height * tall))
        width = max(1, int(base_width * wide))
        return Region(
            down * (image.height - height) // GRID_STEPS,
            across * (image.width - width) // GRID_STEPS,
            height,
            width,
        )

    @cached_property
    def _pairs(self) -> list[tuple[float, float]]:
        """Heights and widths that go together, as shares of the base."""
        return [
            (tall, wide)
            for (i, tall), (j, wide) in product(enumerate(self.scales), repeat=2)
            if abs(i - j) <= self.max_distortion
        ]


@dataclass(frozen=True)
class CenterCrop:
    """The center of every frame, for evaluation.

    Attributes:
        share: Sides of the crop as shares of the largest that fits: 1 is what the app sees, 0.875
            the paper's (the short side scaled to 256 pixels, and 224 of them taken).
    """

    share: PositiveShare = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share must be above 0 and at most 1, not {self.share}")

    def __call__(self, images: Sequence[Image], target: Size) -> NDArray[np.uint8]:
        """Return the clip, RGB of shape (T, height, width, 3)."""
        if self.share == 1:
            seen = [cover_crop(image, target.height, target.width) for image in images]
            return np.stack([cv2.cvtColor(image, cv2.COLOR_BGR2RGB) for image in seen])
        image = Size(*images[0].shape[:2])
        base_height, base_width = _covering(image, target)
        height, width = (max(1, round(side * self.share)) for side in (base_height, base_width))
        region = Region((image.height - height) // 2, (image.width - width) // 2, height, width)
        return cut_and_scale(images, region, target)


def centers(images: Sequence[Image], share: float) -> list[Image]:
    """Return the center of every image: its sides times `share`, which is above 0, at most 1."""
    cut = []
    for image in images:
        height, width = image.shape[:2]
        tall, wide = (max(1, round(side * share)) for side in (height, width))
        top, left = (height - tall) // 2, (width - wide) // 2
        cut.append(image[top : top + tall, left : left + wide])
    return cut


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


def cut_and_scale(
    images: Sequence[Image], region: Region, target: Size, *, mirrored: bool = False
) -> NDArray[np.uint8]:
    """Cut a region out of BGR images and scale it, to RGB of shape (T, height, width, 3).

    The region is cut first, so that no pixel is scaled only to be discarded; it is mirrored and
    converted to RGB while it is smaller. Shrinking averages areas, enlarging is bilinear.
    """
    clip = np.empty((len(images), target.height, target.width, 3), np.uint8)
    shrinks = region.height > target.height or region.width > target.width
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    size = (target.width, target.height)
    for image, scaled in zip(images, clip, strict=True):
        cut = region.cut(image)
        if shrinks:
            cv2.resize(cut, size, dst=scaled, interpolation=interpolation)
            _to_rgb(scaled, scaled, mirrored=mirrored)
        else:
            turned = np.empty(cut.shape, np.uint8)
            _to_rgb(cut, turned, mirrored=mirrored)
            cv2.resize(turned, size, dst=scaled, interpolation=interpolation)
    return clip


def _covering(image: Size, target: Size) -> tuple[float, float]:
    """Return height and width of the largest rectangle of an image with the target's proportions.

    For a square target it is the short side, twice: TSN's base of its crops.
    """
    cover = min(image.height / target.height, image.width / target.width)
    return target.height * cover, target.width * cover


def _to_rgb(image: NDArray[np.uint8], result: NDArray[np.uint8], *, mirrored: bool) -> None:
    """Write a BGR image as RGB, mirrored or not; `result` may be the image itself."""
    cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=result)
    if mirrored:
        cv2.flip(result, 1, dst=result)
