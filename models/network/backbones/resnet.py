"""ResNet-18 and ResNet-50 (He et al., 2016), a fusion site after each block's first convolution.

Parameter names follow torchvision, so that ImageNet weights load; the stride of a bottleneck sits
in its 3x3 convolution, as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn

from models.network.backbones.base import Backbone, FusionSite, ResidualBlock, SiteOperations

STAGE_CHANNELS = (64, 128, 256, 512)


def _conv3x3(in_channels: int, channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, channels, 3, stride=stride, padding=1, bias=False)


def _conv1x1(in_channels: int, channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)


class _Block(ResidualBlock):
    """What both kinds of block share: the residual path."""

    expansion: ClassVar[int]
    fused_stride: ClassVar[bool]
    """Whether the fused convolution, the first one, carries the block's stride."""
    downsample: nn.Module | None

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        out_channels = channels * self.expansion
        self.downsample = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                _conv1x1(in_channels, out_channels, stride), nn.BatchNorm2d(out_channels)
            )
        self.relu = nn.ReLU(inplace=True)

    def identity(self, x: Tensor) -> Tensor:
        """Return the block's input in the shape of its output."""
        if self.downsample is None:
            return x
        projected: Tensor = self.downsample(x)
        return projected

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The batch norm whose output joins the residual sum."""
        raise NotImplementedError


class BasicBlock(_Block):
    """Two 3x3 convolutions; the fusion site is between them."""

    expansion = 1
    fused_stride = True

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__(in_channels, channels, stride)
        self.conv1 = _conv3x3(in_channels, channels, stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = _conv3x3(channels, channels)
        self.bn2 = nn.BatchNorm2d(channels)

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The batch norm whose output joins the residual sum."""
        return self.bn2

    def forward(self, x: Tensor, site: SiteOperations) -> Tensor:
        """Return the block's output for an input of shape (N, C_in, H, W)."""
        shifted = site.shift(x)
        fused = site.fuse(shifted, self.relu(self.bn1(self.conv1(shifted))))
        out: Tensor = self.relu(self.bn2(self.conv2(fused)) + self.identity(x))
        return out


class Bottleneck(_Block):
    """1x1, 3x3 and 1x1 convolutions; the fusion site is after the first."""

    expansion = 4
    fused_stride = False

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__(in_channels, channels, stride)
        self.conv1 = _conv1x1(in_channels, channels)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = _conv3x3(channels, channels, stride)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = _conv1x1(channels, channels * self.expansion)
        self.bn3 = nn.BatchNorm2d(channels * self.expansion)

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The batch norm whose output joins the residual sum."""
        return self.bn3

    def forward(self, x: Tensor, site: SiteOperations) -> Tensor:
        """Return the block's output for an input of shape (N, C_in, H, W)."""
        shifted = site.shift(x)
        fused = site.fuse(shifted, self.relu(self.bn1(self.conv1(shifted))))
        inner = self.relu(self.bn2(self.conv2(fused)))
        out: Tensor = self.relu(self.bn3(self.conv3(inner)) + self.identity(x))
        return out


class ResNet(Backbone):
    """A residual network of four stages.

    Args:
        block: Kind of block.
        depths: Blocks in each stage.
        width: Multiplier on all channels, rounded to a multiple of eight.
    """

    def __init__(self, block: type[_Block], depths: Sequence[int], width: float = 1.0) -> None:
        super().__init__()
        stages = [max(8, round(channels * width / 8) * 8) for channels in STAGE_CHANNELS]
        self.conv1 = nn.Conv2d(3, stages[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(stages[0])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        sites: list[FusionSite] = []
        in_channels, in_stride = stages[0], 4
        for stage, (channels, depth) in enumerate(zip(stages, depths, strict=True)):
            blocks = nn.ModuleList()
            for index in range(depth):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(block(in_channels, channels, stride))
                name = f"layer{stage + 1}.{index}"
                sites.append(
                    FusionSite(
                        name=name,
                        stage=stage,
                        in_channels=in_channels,
                        channels=channels,
                        in_stride=in_stride,
                        stride=in_stride * (stride if block.fused_stride else 1),
                        producer=f"{name}.conv1",
                        producer_norm=f"{name}.bn1",
                        consumers=(f"{name}.conv2",),
                    )
                )
                in_channels, in_stride = channels * block.expansion, in_stride * stride
            self.add_module(f"layer{stage + 1}", blocks)
        self.sites = tuple(sites)
        self.stages = (
            ("conv1", "bn1", "layer1"),
            *((f"layer{stage + 1}",) for stage in range(1, len(stages))),
        )
        self.feature_count = in_channels
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, _Block):
                # A block that starts as the identity trains faster and better (Goyal et al., 2017).
                nn.init.zeros_(module.last_norm.weight)

    def forward(self, images: Tensor, operations: Sequence[SiteOperations]) -> Tensor:
        """Return pooled features of shape (N, feature_count) for images of shape (N, 3, H, W)."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        for site, operation in zip(self.sites, operations, strict=True):
            x = self.get_submodule(site.name)(x, operation)
        pooled: Tensor = self.avgpool(x)
        return pooled.flatten(1)


def resnet18(width: float = 1.0) -> ResNet:
    """Build ResNet-18."""
    return ResNet(BasicBlock, (2, 2, 2, 2), width)


def resnet50(width: float = 1.0) -> ResNet:
    """Build ResNet-50."""
    return ResNet(Bottleneck, (3, 4, 6, 3), width)
