"""The description of a backbone that its network and the sparse engine's planner both read.

A backbone is a stem, blocks and a tail. Each block is a chain of convolutions with a fusion site
behind the first one, and perhaps a shortcut around the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from math import prod

SHIFT_DIVISOR = 8
"""One channel in eight moves by one frame, in each direction (Lin et al., TSM, 2019)."""


def shifted_channels(channels: int) -> int:
    """Return how many of `channels` the temporal shift moves in one direction."""
    return channels // SHIFT_DIVISOR


class Activation(Enum):
    """What follows a convolution and its batch norm; `value` is its smallest and largest result."""

    NONE = (float("-inf"), float("inf"))
    RELU = (0.0, float("inf"))
    RELU6 = (0.0, 6.0)


@dataclass(frozen=True)
class Convolution:
    """A convolution without a bias, and the batch norm that follows it.

    Attributes:
        name: Parameter prefix of the convolution, such as "layer2.0.conv1".
        norm: Parameter prefix of the batch norm.
        in_channels: Channels of the input.
        channels: Channels of the output.
        kernel: Height and width of the kernel, in pixels; odd, and padded by half of it.
        stride: 1 or 2.
        groups: 1, or as many as channels for a depthwise convolution.
        activation: Of a block's last convolution, it comes after the sum with the shortcut.
    """

    name: str
    norm: str
    in_channels: int
    channels: int
    kernel: int
    stride: int = 1
    groups: int = 1
    activation: Activation = Activation.RELU

    @property
    def padding(self) -> int:
        """Zeros around the input, in pixels."""
        return self.kernel // 2

    @property
    def depthwise(self) -> bool:
        """Whether every channel reads itself alone."""
        return self.groups == self.channels == self.in_channels

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """Shape of the weights: (C_out, C_in / groups, k, k)."""
        return (self.channels, self.in_channels // self.groups, self.kernel, self.kernel)


@dataclass(frozen=True)
class MaxPool:
    """The largest of 3 by 3 values, with a stride of two."""

    stride: int = 2


@dataclass(frozen=True)
class FusionSite:
    """Where in a backbone channels may be kept, reused or skipped.

    Attributes:
        name: Name of the block, such as "layer2.0".
        stage: Stage of the network, counted from 0; TSM+Last fuses in the last one only.
        in_channels: Channels of the block's input.
        channels: Channels of the fused convolution's output.
        in_stride: Pixels of the network's input per pixel of the block's input.
        stride: Pixels of the network's input per pixel of the fused convolution's output.
        producer: Parameter prefix of the fused convolution, `producer_norm` that of its batch norm.
        producer_norm: See `producer`.
        consumers: Parameter prefixes of the layers that a skipped channel spares: from the one that
            reads the fused channels to the convolution that first mixes them.
        shifts: Whether TSM shifts the block's input in time.
    """

    name: str
    stage: int
    in_channels: int
    channels: int
    in_stride: int
    stride: int
    producer: str
    producer_norm: str
    consumers: tuple[str, ...]
    shifts: bool = True


@dataclass(frozen=True)
class Block:
    """A chain of convolutions whose first output is fused, and what is added to its result.

    Attributes:
        name: Such as "layer2.0".
        stage: Stage of the network, counted from 0.
        convolutions: From input to output, at least two.
        residual: Whether the block's input is added to the last convolution's output.
        projection: Convolution of the input before it is added; None adds the input as it is.
        shifts: Whether TSM shifts the block's input in time.
    """

    name: str
    stage: int
    convolutions: tuple[Convolution, ...]
    residual: bool
    projection: Convolution | None = None
    shifts: bool = True

    @property
    def in_channels(self) -> int:
        """Channels of the block's input."""
        return self.convolutions[0].in_channels

    @property
    def channels(self) -> int:
        """Channels of the block's output."""
        return self.convolutions[-1].channels

    @property
    def stride(self) -> int:
        """Pixels of the input per pixel of the output."""
        return prod(convolution.stride for convolution in self.convolutions)

    def site(self, in_stride: int) -> FusionSite:
        """Return the fusion site of a block at `in_stride` pixels of the image per input pixel."""
        first, second, *rest = self.convolutions
        # Behind a depthwise convolution a skipped channel is still one channel.
        spared = (second.name, second.norm, rest[0].name) if second.depthwise else (second.name,)
        return FusionSite(
            name=self.name,
            stage=self.stage,
            in_channels=first.in_channels,
            channels=first.channels,
            in_stride=in_stride,
            stride=in_stride * first.stride,
            producer=first.name,
            producer_norm=first.norm,
            consumers=spared,
            shifts=self.shifts,
        )


@dataclass(frozen=True)
class Layout:
    """A whole backbone, from the image to the map that is pooled.

    Attributes:
        stem: Layers before the first block.
        blocks: Each with a fusion site.
        tail: Convolutions behind the last block.
        stages: Names of the submodules of each stage; the stem belongs to the first.
    """

    stem: tuple[Convolution | MaxPool, ...]
    blocks: tuple[Block, ...]
    tail: tuple[Convolution, ...]
    stages: tuple[tuple[str, ...], ...]

    @cached_property
    def sites(self) -> tuple[FusionSite, ...]:
        """The fusion sites, from input to output."""
        in_stride, sites = prod(layer.stride for layer in self.stem), []
        for block in self.blocks:
            sites.append(block.site(in_stride))
            in_stride *= block.stride
        return tuple(sites)

    @property
    def feature_count(self) -> int:
        """Length of the pooled feature vector."""
        return self.tail[-1].channels if self.tail else self.blocks[-1].channels

    def convolutions(self) -> Iterator[Convolution]:
        """Yield every convolution of the backbone."""
        yield from (layer for layer in self.stem if isinstance(layer, Convolution))
        for block in self.blocks:
            yield from block.convolutions
            if block.projection is not None:
                yield block.projection
        yield from self.tail
