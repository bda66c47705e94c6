"""The free variation of the performer's recipes: crop, proportions, colours, flips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.clip import Image, Size
from training.data.regions import Region, covering, cut_and_scale
from training.data.variation import Variation, Vary
from training.number_kinds import (
    AtLeastOne,
    ClosedUnitInterval,
    NonNegativeFloat,
    PositiveShare,
)


@dataclass(frozen=True)
class Augmentation(Vary):
    """Strength of the random changes.

    Attributes:
        min_scale: Smallest side of the random crop, as a fraction of the image.
        max_aspect: Largest factor by which the crop's proportions change.
        brightness: Largest relative change of brightness.
        contrast: Largest relative change of contrast.
        hue_shift: Largest change of each colour channel's gain.
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
        """Return a varied clip."""
        region = self._region(Size(*images[0].shape[:2]), target, rng)
        table = self._colour_table(rng)
        mirrored = bool(rng.random() < self.flip_probability) and may_flip
        clip = cut_and_scale(images, region, target, mirrored=mirrored)
        for image in clip:
            cv2.LUT(image, table, dst=image)
        return Variation(clip, mirrored)

    def _region(self, image: Size, target: Size, rng: np.random.Generator) -> Region:
        scale = rng.uniform(self.min_scale, 1.0)
        aspect = np.exp(rng.uniform(-1, 1) * np.log(self.max_aspect))
        base_height, base_width = covering(image, target)
        height = min(image.height, max(1, round(base_height * scale * np.sqrt(aspect))))
        width = min(image.width, max(1, round(base_width * scale / np.sqrt(aspect))))
        top = int(rng.integers(0, image.height - height + 1))
        left = int(rng.integers(0, image.width - width + 1))
        return Region(top, left, height, width)

    def _colour_table(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Draw brightness, contrast and colour balance, as a look-up table of all levels."""
        gain = 1 + rng.uniform(-self.contrast, self.contrast)
        balance = 1 + rng.uniform(-self.hue_shift, self.hue_shift, 3)
        offset = 128 * rng.uniform(-self.brightness, self.brightness)
        levels = np.arange(256)[:, None]
        table = np.clip((levels - 128) * gain * balance + 128 + offset, 0, 255)
        return table.astype(np.uint8)[None]
