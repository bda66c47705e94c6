"""Layout of MobileNetV2 (Sandler et al., 2018)."""

from __future__ import annotations

from models.network.backbones.layouts.base import Activation, Block, Convolution, Layout

STEM_CHANNELS = 32
FIRST_CHANNELS = 16
"""Output channels of the first block, which expands nothing and has no fusion site."""

HEAD_CHANNELS = 1280
EXPANSION = 6

GROUPS = ((24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
"""Output channels, blocks and stride of each group of inverted blocks (Table 2 there)."""


def mobilenet_v2_layout(width: float = 1.0) -> Layout:
    """Describe MobileNetV2, its channels times `width` rounded to a multiple of eight.

    Only blocks with a residual sum shift in time, as in the published TSM models: elsewhere the
    current frame's channels would be lost to the shift.
    """
    stem = _stem(_whole_channels(STEM_CHANNELS * width), _whole_channels(FIRST_CHANNELS * width))
    blocks: list[Block] = []
    stages = [["features.0", "features.1"]]
    in_channels = stem[-1].channels
    for base_channels, depth, group_stride in GROUPS:
        if group_stride == 2:  # a stage ends where the resolution does
            stages.append([])
        channels = _whole_channels(base_channels * width)
        for stride in (group_stride, *[1] * (depth - 1)):
            name = f"features.{len(blocks) + 2}"
            blocks.append(_inverted_block(name, len(stages) - 1, in_channels, channels, stride))
            stages[-1].append(name)
            in_channels = channels
    last = f"features.{len(blocks) + 2}"
    head_channels = _whole_channels(HEAD_CHANNELS * max(1.0, width))
    return Layout(
        stem=stem,
        blocks=tuple(blocks),
        tail=(_layer(last, in_channels, head_channels, kernel=1),),
        stages=tuple(map(tuple, stages)),
    )


def _whole_channels(channels: float) -> int:
    """Round to a multiple of eight, never down by more than a tenth, as the published models do."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8


def _layer(
    name: str, in_channels: int, channels: int, kernel: int, stride: int = 1, groups: int = 1
) -> Convolution:
    """Describe a convolution with batch norm and ReLU6 under one name."""
    return Convolution(
        f"{name}.0", f"{name}.1", in_channels, channels, kernel, stride, groups, Activation.RELU6
    )


def _projection(block: str, index: int, in_channels: int, channels: int) -> Convolution:
    """Describe the 1x1 convolution that ends a block, which no activation follows."""
    return Convolution(
        f"{block}.conv.{index}",
        f"{block}.conv.{index + 1}",
        in_channels,
        channels,
        kernel=1,
        activation=Activation.NONE,
    )


def _stem(stem_channels: int, channels: int) -> tuple[Convolution, Convolution, Convolution]:
    """Describe the first convolution, and the separable block behind it."""
    return (
        _layer("features.0", 3, stem_channels, kernel=3, stride=2),
        _layer("features.1.conv.0", stem_channels, stem_channels, 3, groups=stem_channels),
        _projection("features.1", 1, stem_channels, channels),
    )


def _inverted_block(name: str, stage: int, in_channels: int, channels: int, stride: int) -> Block:
    """Describe expansion, depthwise convolution and projection."""
    expanded = in_channels * EXPANSION
    residual = stride == 1 and in_channels == channels
    return Block(
        name=name,
        stage=stage,
        convolutions=(
            _layer(f"{name}.conv.0", in_channels, expanded, kernel=1),
            _layer(f"{name}.conv.1", expanded, expanded, 3, stride, groups=expanded),
            _projection(name, 2, expanded, channels),
        ),
        residual=residual,
        shifts=residual,
    )
