"""MobileNetV2 (Sandler et al., 2018), a fusion site after the expansion of each inverted residual.

Parameter names follow torchvision, so that ImageNet weights load. The convolution that reads a
site's channels is depthwise: a skipped channel is zero before it and a constant behind it, ReLU6 of
its bias, so that the projection need not multiply it at every pixel either.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from models.network.backbones.base import Backbone, ResidualBlock, SiteOperations, convolution
from models.network.backbones.layouts.base import Block, Convolution, Layout


def _layer(layout: Convolution) -> nn.Module:
    """Return convolution, batch norm and ReLU6."""
    return nn.Sequential(
        convolution(layout), nn.BatchNorm2d(layout.channels), nn.ReLU6(inplace=True)
    )


class SeparableBlock(nn.Module):
    """The first block: depthwise and pointwise convolution, nothing expanded and nothing fused."""

    def __init__(self, depthwise: Convolution, projection: Convolution) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            _layer(depthwise), convolution(projection), nn.BatchNorm2d(projection.channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output for an input of shape (N, C_in, H, W)."""
        out: Tensor = self.conv(x)
        return out


class InvertedBlock(nn.Module):
    """Expansion, depthwise convolution and projection; the fusion site is after the expansion."""

    def __init__(self, layout: Block) -> None:
        super().__init__()
        expansion, depthwise, projection = layout.convolutions
        self.conv = nn.Sequential(
            _layer(expansion),
            _layer(depthwise),
            convolution(projection),
            nn.BatchNorm2d(projection.channels),
        )

    def forward(self, x: Tensor, site: SiteOperations) -> Tensor:
        """Return the block's output for an input of shape (N, C_in, H, W)."""
        shifted = site.shift(x)
        expand, depthwise, project, norm = self.conv
        fused = site.fuse(shifted, expand(shifted))
        out: Tensor = norm(project(depthwise(fused)))
        return out


class ResidualInvertedBlock(InvertedBlock, ResidualBlock):
    """An inverted block that adds its input, before the shift, to its output."""

    def forward(self, x: Tensor, site: SiteOperations) -> Tensor:
        """Return the block's output for an input of shape (N, C, H, W)."""
        return x + super().forward(x, site)


class MobileNetV2(Backbone):
    """Inverted residual blocks behind a stem and a separable block."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        stem, depthwise, projection = layout.stem
        assert isinstance(stem, Convolution)
        assert isinstance(depthwise, Convolution)
        assert isinstance(projection, Convolution)
        self.features = nn.Sequential(
            _layer(stem),
            SeparableBlock(depthwise, projection),
            *(
                ResidualInvertedBlock(block) if block.residual else InvertedBlock(block)
                for block in layout.blocks
            ),
            _layer(layout.tail[0]),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self._initialize()

    def _initialize(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # PyTorch counts the outputs of a depthwise convolution as if they shared inputs.
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out" if module.groups == 1 else "fan_in"
                )

    def forward(self, images: Tensor, operations: Sequence[SiteOperations]) -> Tensor:
        """Return pooled features of shape (N, feature_count) for images of shape (N, 3, H, W)."""
        stem, first, *blocks, last = self.features
        x = first(stem(images))
        for block, operation in zip(blocks, operations, strict=True):
            x = block(x, operation)
        pooled: Tensor = self.avgpool(last(x))
        return pooled.flatten(1)
