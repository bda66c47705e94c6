"""Where a backbone hands its fusion sites to the caller, and the layers of its layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor, nn

from models.network.backbones.layouts.base import Convolution, FusionSite, Layout


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
        layout: What it is built from; its parameters have the names that stand there.
    """

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout

    @property
    def sites(self) -> tuple[FusionSite, ...]:
        """The fusion sites in the order in which `forward` reaches them."""
        return self.layout.sites

    @property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """Names of the submodules of each stage; the stem belongs to the first."""
        return self.layout.stages

    @property
    def feature_count(self) -> int:
        """Length of the pooled feature vector."""
        return self.layout.feature_count

    def forward(self, images: Tensor, operations: Sequence[SiteOperations]) -> Tensor:
        """Return pooled features of shape (N, feature_count).

        Args:
            images: Normalized RGB of shape (N, 3, H, W).
            operations: What happens at each of `sites`.
        """
        raise NotImplementedError


class ResidualBlock(nn.Module):
    """A block that adds its input to its output: the cost of a network includes that sum."""


def convolution(layout: Convolution) -> nn.Conv2d:
    """Return a convolution with fresh weights."""
    return nn.Conv2d(
        layout.in_channels,
        layout.channels,
        layout.kernel,
        layout.stride,
        padding=layout.padding,
        groups=layout.groups,
        bias=False,
    )
