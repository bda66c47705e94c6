"""Layouts of ResNet-18 and ResNet-50 (He et al., 2016).

The stride of a bottleneck sits in its 3x3 convolution, as in torchvision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.network.backbones.layouts.base import Activation, Block, Convolution, Layout, MaxPool

STAGE_CHANNELS = (64, 128, 256, 512)

BOTTLENECK_EXPANSION = 4
"""Output channels of a bottleneck per channel of its 3x3 convolution."""


def resnet18_layout(width: float = 1.0) -> Layout:
    """Describe ResNet-18, its channels times `width` rounded to a multiple of eight."""
    return _layout(_basic_block, (2, 2, 2, 2), width)


def resnet50_layout(width: float = 1.0) -> Layout:
    """Describe ResNet-50, its channels times `width` rounded to a multiple of eight."""
    return _layout(_bottleneck, (3, 4, 6, 3), width)


def _layout(
    make_block: Callable[[str, int, int, int, int], Block], depths: Sequence[int], width: float
) -> Layout:
    """Describe a network with so many blocks in each stage."""
    stage_channels = [max(8, round(channels * width / 8) * 8) for channels in STAGE_CHANNELS]
    in_channels = stage_channels[0]
    stem = Convolution("conv1", "bn1", 3, in_channels, kernel=7, stride=2)
    blocks: list[Block] = []
    for stage, (channels, depth) in enumerate(zip(stage_channels, depths, strict=True)):
        for index in range(depth):
            stride = 2 if stage > 0 and index == 0 else 1
            block = make_block(f"layer{stage + 1}.{index}", stage, in_channels, channels, stride)
            blocks.append(block)
            in_channels = block.channels
    return Layout(
        stem=(stem, MaxPool()),
        blocks=tuple(blocks),
        tail=(),
        stages=(
            ("conv1", "bn1", "layer1"),
            *((f"layer{stage + 1}",) for stage in range(1, len(depths))),
        ),
    )


def _basic_block(name: str, stage: int, in_channels: int, channels: int, stride: int) -> Block:
    """Describe two 3x3 convolutions, the first one with the stride."""
    return Block(
        name=name,
        stage=stage,
        convolutions=(
            Convolution(f"{name}.conv1", f"{name}.bn1", in_channels, channels, 3, stride),
            Convolution(f"{name}.conv2", f"{name}.bn2", channels, channels, 3),
        ),
        residual=True,
        projection=_projection(name, in_channels, channels, stride),
    )


def _bottleneck(name: str, stage: int, in_channels: int, channels: int, stride: int) -> Block:
    """Describe a 1x1, a 3x3 and a 1x1 convolution."""
    out_channels = channels * BOTTLENECK_EXPANSION
    return Block(
        name=name,
        stage=stage,
        convolutions=(
            Convolution(f"{name}.conv1", f"{name}.bn1", in_channels, channels, 1),
            Convolution(f"{name}.conv2", f"{name}.bn2", channels, channels, 3, stride),
            Convolution(f"{name}.conv3", f"{name}.bn3", channels, out_channels, 1),
        ),
        residual=True,
        projection=_projection(name, in_channels, out_channels, stride),
    )


def _projection(name: str, in_channels: int, channels: int, stride: int) -> Convolution | None:
    """Describe the convolution of the shortcut where the block changes the shape of its input."""
    if stride == 1 and in_channels == channels:
        return None
    return Convolution(
        f"{name}.downsample.0",
        f"{name}.downsample.1",
        in_channels,
        channels,
        kernel=1,
        stride=stride,
        activation=Activation.NONE,
    )
