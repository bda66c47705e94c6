"""What a backbone tells about its fusion sites, and what it lets happen there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn


@dataclass(frozen=True)
class FusionSite:
    """A place in a backbone where channels may be kept, reused or skipped.

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


class SiteOperations(Protocol):
    """What happens at a fusion site: a time shift before its convolution, fusion after."""

    def shift(self, x: Tensor) -> Tensor:
        """Return the input of the first convolution, of the shape of `x`, (N, C_in, H, W)."""
        ...

    def fuse(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the fused output, of the shape of `y`, (N, C, H', W').

        Args:
            x: Input of the first convolution, after the shift.
            y: Its raw output, after batch norm and ReLU.
        """
        ...


class Backbone(nn.Module):
    """A network that hands every fusion site to the caller on its way.

    Attributes:
        sites: The fusion sites in the order in which `forward` reaches them.
        stages: Names of the submodules of each stage; the stem belongs to the first.
        feature_count: Length of the pooled feature vector.
    """

    sites: tuple[FusionSite, ...]
    stages: tuple[tuple[str, ...], ...]
    feature_count: int

    def forward(self, images: Tensor, operations: Sequence[SiteOperations]) -> Tensor:
        """Return pooled features of shape (N, feature_count).

        Args:
            images: Normalised RGB of shape (N, 3, H, W).
            operations: What happens at each of `sites`.
        """
        raise NotImplementedError


class ResidualBlock(nn.Module):
    """A block that adds its input to its output: the profiler counts that sum."""
