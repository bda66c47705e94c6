"""How a clip may be varied in training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.data.clip import Image, Size


class Variation(NamedTuple):
    """A clip as training sees it once.

    Attributes:
        pixels: RGB of shape (T, height, width, 3).
        mirrored: Whether it was flipped, so that its label has to follow.
    """

    pixels: NDArray[np.uint8]
    mirrored: bool


class Vary(ABC):
    """Varies a clip: one draw for all its frames, so that motion stays motion."""

    @abstractmethod
    def smallest(self, target: Size) -> Size:
        """Return the least size of image that serves for this target."""

    @abstractmethod
    def __call__(
        self, images: Sequence[Image], target: Size, rng: np.random.Generator, *, may_flip: bool
    ) -> Variation:
        """Return a varied clip.

        Args:
            images: BGR images of one size.
            target: The network's input.
            rng: All chance comes from it.
            may_flip: Whether a flipped clip has a label.
        """
