"""ResNet-18 and ResNet-50 (He et al., 2016), a fusion site after each block's first convolution.

Parameter names follow torchvision, so that ImageNet weights load.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from models.network.backbones.base import Backbone, ResidualBlock, SiteOperations, convolution
from models.network.backbones.layouts.base import Block, Convolution, Layout


class _ShortcutBlock(ResidualBlock):
    """What both kinds of block share: the shortcut.

    Attributes:
        downsample: Gives the input the shape of the output; None where it has that shape.
    """

    downsample: nn.Module | None

    def __init__(self, layout: Block) -> None:
        super().__init__()
        self.downsample = None
        if layout.projection is not None:
            self.downsample = nn.Sequential(
                convolution(layout.projection), nn.BatchNorm2d(layout.projection.channels)
            )
        self.relu = nn.ReLU(inplace=True)

    def shortcut(self, x: Tensor) -> Tensor:
        """Return the block's input in the shape of its output."""
        if self.downsample is None:
            return x
        projected: Tensor = self.downsample(x)
        return projected

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The batch norm whose output joins the residual sum."""
        raise NotImplementedError


class BasicBlock(_ShortcutBlock):
    """Two 3x3 convolutions; the fusion site is between them."""

    def __init__(self, layout: Block) -> None:
        super().__init__(layout)
        first, second = layout.convolutions
        self.conv1 = convolution(first)
        self.bn1 = nn.BatchNorm2d(first.channels)
        self.conv2 = convolution(second)
        self.bn2 = nn.BatchNorm2d(second.channels)

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The batch norm whose output joins the residual sum."""
        return self.bn2

    def forward(self, x: Tensor, site: SiteOperations) -> Tensor:
        """Return the block's output for an input of shape (N, C_in, H, W)."""
        shifted = site.shift(x)
        fused = site.fuse(shifted, self.relu(self.bn1(self.conv1(shifted))))
        out: Tensor = self.relu(self.bn2(self.conv2(fused)) + self.shortcut(x))
        return out


class Bottleneck(_ShortcutBlock):
    """1x1, 3x3 and 1x1 convolutions; the fusion site is after the first."""

    def __init__(self, layout: Block) -> None:
        super().__init__(layout)
        first, second, third = layout.convolutions
        self.conv1 = convolution(first)
        self.bn1 = nn.BatchNorm2d(first.channels)
        self.conv2 = convolution(second)
        self.bn2 = nn.BatchNorm2d(second.channels)
        self.conv3 = convolution(third)
        self.bn3 = nn.BatchNorm2d(third.channels)

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The batch norm whose output joins the residual sum."""
        return self.bn3

    def forward(self, x: Tensor, site: SiteOperations) -> Tensor:
        """Return the block's output for an input of shape (N, C_in, H, W)."""
        shifted = site.shift(x)
        fused = site.fuse(shifted, self.relu(self.bn1(self.conv1(shifted))))
        inner = self.relu(self.bn2(self.conv2(fused)))
        out: Tensor = self.relu(self.bn3(self.conv3(inner)) + self.shortcut(x))
        return out


class ResNet(Backbone):
    """A residual network of four stages, of basic blocks or of bottlenecks."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        stem = layout.stem[0]
        assert isinstance(stem, Convolution)
        self.conv1 = convolution(stem)
        self.bn1 = nn.BatchNorm2d(stem.channels)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        for stage in range(len(layout.stages)):
            blocks = nn.ModuleList(
                BasicBlock(block) if len(block.convolutions) == 2 else Bottleneck(block)
                for block in layout.blocks
                if block.stage == stage
            )
            self.add_module(f"layer{stage + 1}", blocks)
        self._initialize()

    def _initialize(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, _ShortcutBlock):
                # A block that starts as the identity trains faster and better (Goyal et al., 2017).
                nn.init.zeros_(module.last_norm.weight)

    def forward(self, images: Tensor, operations: Sequence[SiteOperations]) -> Tensor:
        """Return pooled features of shape (N, feature_count) for images of shape (N, 3, H, W)."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        for site, operation in zip(self.sites, operations, strict=True):
            x = self.get_submodule(site.name)(x, operation)
        pooled: Tensor = self.avgpool(x)
        return pooled.flatten(1)
