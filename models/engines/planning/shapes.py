"""Sizes of feature maps and tiles, and convolutions as the planner sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class MapShape:
    """Size of a feature map.

    Attributes:
        channels: Number of channels.
        height: In pixels.
        width: In pixels.
    """

    channels: int
    height: int
    width: int

    def halved(self, channels: int | None = None) -> MapShape:
        """Return the size after a stride of two."""
        count = self.channels if channels is None else channels
        return MapShape(count, -(-self.height // 2), -(-self.width // 2))

    def with_channels(self, channels: int) -> MapShape:
        """Return the same map with another number of channels."""
        return MapShape(channels, self.height, self.width)


@dataclass(frozen=True)
class Filter:
    """A convolution's weights, batch norm folded in.

    Attributes:
        weight: float32 of shape (C_out, C_in, k, k); (C, 1, k, k) if depthwise.
        bias: float32 of shape (C_out,).
        stride: 1 or 2.
        padding: Zeros around the input.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    stride: int
    padding: int

    @property
    def gap(self) -> int:
        """Zeros needed between the lines of the planes that it reads."""
        return line_gap(self.weight.shape[-1], self.padding, self.stride)


def line_gap(kernel: int, padding: int, stride: int) -> int:
    """Return the zeros that a convolution needs between the lines of the planes that it reads.

    Args:
        kernel: Its width, in pixels.
        padding: Zeros around its input, in pixels.
        stride: Its stride; planes of phases are read where it is 2.
    """
    reach = (padding, kernel - 1 - padding)
    return max(-(-side // stride) for side in reach)


@dataclass(frozen=True)
class TileShapes:
    """Most output channels of a tile; it takes as many vectors as the registers then allow.

    Attributes:
        large: For maps of many vectors.
        small: For maps of few, where the last tile of a line of tiles is often half empty.
    """

    large: int
    small: int

    SMALL_VECTORS: ClassVar[int] = 16

    def rows(self, vectors: int) -> int:
        """Return the choice for a map of so many vectors."""
        return self.small if vectors <= self.SMALL_VECTORS else self.large
