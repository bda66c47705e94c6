"""MobileNetV2 (Sandler et al., 2018), a fusion site after the expansion of each inverted residual.

Parameter names follow torchvision, so that ImageNet weights load. The convolution that reads a
site's channels is depthwise: a skipped channel is zero before it and a constant behind it, ReLU6 of
its bias, so that the projection need not multiply it at every pixel either.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from models.network.backbones.base import Backbone, FusionSite, ResidualBlock, SiteOperations

STEM_CHANNELS = 32
HEAD_CHANNELS = 1280
EXPANSION = 6

GROUPS = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
"""Output channels, blocks and stride of each group of blocks (Table 2 there)."""


def _whole_channels(channels: float) -> int:
    """Round to a multiple of eight, never down by more than a tenth, as the published models do."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8


def _layer(
    in_channels: int, channels: int, size: int, stride: int = 1, groups: int = 1
) -> nn.Module:
    """Return convolution, batch norm and ReLU6."""
    return nn.Sequential(
        nn.Conv2d(
            in_channels, channels, size, stride, padding=size // 2, groups=groups, bias=False
        ),
        nn.BatchNorm2d(channels),
        nn.ReLU6(inplace=True),
    )


class SeparableBlock(nn.Module):
    """The first block: depthwise and pointwise convolution, nothing expanded and nothing fused."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            _layer(in_channels, in_channels, 3, groups=in_channels),
            nn.Conv2d(in_channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output for an input of shape (N, C_in, H, W)."""
        out: Tensor = self.conv(x)
        return out


class InvertedBlock(nn.Module):
    """Expansion, depthwise convolution and projection; the fusion site is after the expansion."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        expanded = in_channels * EXPANSION
        self.conv = nn.Sequential(
            _layer(in_channels, expanded, 1),
            _layer(expanded, expanded, 3, stride, groups=expanded),
            nn.Conv2d(expanded, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
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
    """Inverted residual blocks in seven groups.

    Only blocks with a residual sum shift in time, as in the published TSM models: elsewhere the
    current frame's channels would be lost to the shift.

    Args:
        width: Multiplier on all channels, rounded to a multiple of eight.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.feature_count = _whole_channels(HEAD_CHANNELS * max(1.0, width))
        layers, sites, stage_of = [], [], []
        in_channels, in_stride, stage = _whole_channels(STEM_CHANNELS * width), 2, 0
        layers.append(_layer(3, in_channels, 3, stride=2))
        for base_channels, depth, group_stride in GROUPS:
            channels = _whole_channels(base_channels * width)
            stage += group_stride - 1  # a stage ends where the resolution does
            for stride in (group_stride, *[1] * (depth - 1)):
                residual = stride == 1 and in_channels == channels
                if len(layers) == 1:
                    layers.append(SeparableBlock(in_channels, channels))
                else:
                    name = f"features.{len(layers)}"
                    sites.append(_site(name, stage, in_channels, in_stride, shifts=residual))
                    kind = ResidualInvertedBlock if residual else InvertedBlock
                    layers.append(kind(in_channels, channels, stride))
                stage_of.append(stage)
                in_channels, in_stride = channels, in_stride * stride
        layers.append(_layer(in_channels, self.feature_count, 1))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.sites = tuple(sites)
        self.stages = _stages(stage_of)
        self._initialise()

    def _initialise(self) -> None:
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


def _site(name: str, stage: int, in_channels: int, in_stride: int, *, shifts: bool) -> FusionSite:
    return FusionSite(
        name=name,
        stage=stage,
        in_channels=in_channels,
        channels=in_channels * EXPANSION,
        in_stride=in_stride,
        stride=in_stride,
        producer=f"{name}.conv.0.0",
        producer_norm=f"{name}.conv.0.1",
        consumers=(f"{name}.conv.1.0", f"{name}.conv.1.1", f"{name}.conv.2"),
        shifts=shifts,
    )


def _stages(stage_of: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    """Group the names of the blocks by their stage; the stem belongs to the first."""
    stages: list[list[str]] = [[] for _ in range(stage_of[-1] + 1)]
    stages[0].append("features.0")
    for number, stage in enumerate(stage_of, start=1):
        stages[stage].append(f"features.{number}")
    return tuple(map(tuple, stages))


def mobilenet_v2(width: float = 1.0) -> MobileNetV2:
    """Build MobileNetV2."""
    return MobileNetV2(width)
