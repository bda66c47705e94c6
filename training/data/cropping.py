"""The crops of TSN, which the paper trains and evaluates with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preprocess import cover_crop
from training.data.clip import Image, Size
from training.data.regions import Region, covering, cut_and_scale
from training.data.variation import Variation, Vary
from training.number_kinds import ClosedUnitInterval, NonNegativeInt, PositiveShare

STEPS = 4
"""Crops lie on a grid of this many steps across the free space."""

PLACES: tuple[tuple[int, int], ...] = (
    *((0, 0), (0, 4), (4, 0), (4, 4)),  # corners
    (2, 2),  # centre
    *((0, 2), (2, 0), (2, 4), (4, 2)),  # middles of the sides
    *((1, 1), (1, 3), (3, 1), (3, 3)),  # quarters
)
"""TSN's thirteen places of a crop, as steps from the top and from the left."""


@dataclass(frozen=True)
class MultiScaleCrop(Vary):
    """TSN's crop for training: one of a few sizes, at one of thirteen fixed places.

    Height and width are drawn as neighbouring scales, so that proportions change a little. The
    base of the scales is the largest rectangle that fits: the short side for a square input.

    Attributes:
        scales: Sides of a crop as shares of the base, from large to small.
        max_distortion: How many places apart in `scales` height and width may be.
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

    @cached_property
    def _pairs(self) -> list[tuple[float, float]]:
        """Height and width that go together, as shares of the base."""
        return [
            (tall, wide)
            for (i, tall), (j, wide) in product(enumerate(self.scales), repeat=2)
            if abs(i - j) <= self.max_distortion
        ]

    def region(self, image: Size, target: Size, rng: np.random.Generator) -> Region:
        """Draw a crop of an image."""
        tall, wide = self._pairs[rng.integers(len(self._pairs))]
        down, across = PLACES[rng.integers(len(PLACES))]
        base_height, base_width = covering(image, target)
        height = max(1, int(base_height * tall))
        width = max(1, int(base_width * wide))
        return Region(
            down * (image.height - height) // STEPS,
            across * (image.width - width) // STEPS,
            height,
            width,
        )

    def __call__(
        self, images: Sequence[Image], target: Size, rng: np.random.Generator, *, may_flip: bool
    ) -> Variation:
        """Return a varied clip."""
        region = self.region(Size(*images[0].shape[:2]), target, rng)
        mirrored = bool(rng.random() < self.flip_probability) and may_flip
        return Variation(cut_and_scale(images, region, target, mirrored=mirrored), mirrored)


@dataclass(frozen=True)
class CentreCrop:
    """The centre of every frame, for evaluation.

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
        base_height, base_width = covering(image, target)
        height, width = (max(1, round(side * self.share)) for side in (base_height, base_width))
        region = Region((image.height - height) // 2, (image.width - width) // 2, height, width)
        return cut_and_scale(images, region, target)


def centres(images: Sequence[Image], share: float) -> list[Image]:
    """Return the centre of every image: its sides times `share`, which is above 0, at most 1."""
    cut = []
    for image in images:
        height, width = image.shape[:2]
        tall, wide = (max(1, round(side * share)) for side in (height, width))
        top, left = (height - tall) // 2, (width - wide) // 2
        cut.append(image[top : top + tall, left : left + wide])
    return cut
