"""Turns the weights of an AdaFuse MobileNetV2 into a program of the kernels.

The convolution behind a fusion site is depthwise. A channel that is skipped is zero before it and a
constant behind it, ReLU6 of its bias, so the projection leaves it out as well and takes the
constants of all skipped channels into its bias.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.bundle import Bundle
from models.engines.kernels.records import NONE
from models.engines.planning.builder import INFINITY
from models.engines.planning.memory import Program
from models.engines.planning.network_plan import NetworkPlan
from models.engines.planning.shapes import Filter, MapShape, TileShapes

SIX = 6.0
"""Where ReLU6 ends."""


@dataclass(frozen=True)
class Block:
    """One inverted residual block.

    Attributes:
        name: Such as "features.3".
        stride: 1 or 2.
        residual: Whether its input is added to its output.
        fused: Whether a policy governs it.
        fold: Input channels that arrive from the previous frame.
    """

    name: str
    stride: int
    residual: bool
    fused: bool
    fold: int

    @property
    def remembered(self) -> int:
        """Steps that its input has to be remembered, this one included."""
        return 1 + (1 if self.fused else 0) + (1 if self.fold else 0)


def mobilenet_program(bundle: Bundle, tiles: TileShapes) -> Program:
    """Build the program of a MobileNetV2 bundle.

    Args:
        bundle: The model.
        tiles: Shapes of the convolutions' tiles.

    Raises:
        ModelError: The weights do not fit the description.
    """
    return _MobileNetPlan(bundle, tiles).build()


class _MobileNetPlan(NetworkPlan):
    def __init__(self, bundle: Bundle, tiles: TileShapes) -> None:
        super().__init__(bundle, tiles)
        self._blocks = list(self._find_blocks())

    def _find_blocks(self) -> Iterator[Block]:
        """Find the inverted blocks, which follow the stem and the separable block."""
        for block in self.layout.blocks:
            yield Block(
                name=block.name,
                stride=block.stride,
                residual=block.residual,
                fused=self.is_fused(block.name),
                fold=self.fold(block.in_channels) if block.shifts else 0,
            )

    def build(self) -> Program:
        """Add everything from the frame to the logits."""
        x, shape = self._stem()
        for block, following in zip(self._blocks, [*self._blocks[1:], None], strict=True):
            x, shape = self._block(block, x, shape, following)
        last = self._layer(f"features.{2 + len(self._blocks)}")
        features = self.builder.buffer(shape.with_channels(last.weight.shape[0]), 1)
        self.builder.dense_convolution(last, x, features, high=SIX)
        return self.head(features)

    def _layer(self, name: str, stride: int = 1, padding: int = 0) -> Filter:
        """Return a convolution that a batch norm and ReLU6 follow."""
        return self.parameters.filter(f"backbone.{name}.0", f"backbone.{name}.1", stride, padding)

    def _projection(self, name: str, place: int) -> Filter:
        return self.parameters.filter(
            f"backbone.{name}.conv.{place}", f"backbone.{name}.conv.{place + 1}"
        )

    def _stem(self) -> tuple[int, MapShape]:
        """Add the first convolution and the separable block; return the map behind them."""
        builder = self.builder
        layer = self._layer("features.0", stride=2, padding=1)
        phases, image = self.frame(layer.gap)
        shape = image.halved(layer.weight.shape[0])
        convolved, separated = builder.buffer(shape, 1), builder.buffer(shape, 1)
        builder.dense_convolution(layer, phases, convolved, high=SIX)
        depthwise = self._layer("features.1.conv.0", padding=1)
        builder.depthwise_convolution(depthwise, convolved, separated, high=SIX)
        projection = self._projection("features.1", 1)
        shape = shape.with_channels(projection.weight.shape[0])
        x = builder.buffer(shape, 1, slots=self._blocks[0].remembered)
        builder.dense_convolution(projection, separated, x, low=-INFINITY)
        return x, shape

    def _block(
        self, block: Block, x: int, shape: MapShape, following: Block | None
    ) -> tuple[int, MapShape]:
        """Add one inverted block; return the map behind it."""
        builder, name = self.builder, block.name
        expansion = self._layer(f"{name}.conv.0")
        depthwise = self._layer(f"{name}.conv.1", block.stride, padding=1)
        projection = self._projection(name, 2)
        expanded = shape.with_channels(expansion.weight.shape[0])
        halved = expanded if block.stride == 1 else expanded.halved()
        out_shape = halved.with_channels(projection.weight.shape[0])
        out = builder.buffer(out_shape, 1, slots=following.remembered if following else 1)
        separated = builder.buffer(halved, 1)
        residual = x if block.residual else NONE
        if not block.fused:
            inner = builder.buffer(expanded, 1)
            builder.dense_convolution(expansion, x, inner, fold=block.fold, high=SIX)
            if block.stride == 2:
                phases = builder.buffer(halved, 1, phases=4)
                builder.split(inner, phases, expanded.channels)
                inner = phases
            builder.depthwise_convolution(depthwise, inner, separated, high=SIX)
            builder.dense_convolution(projection, separated, out, residual=residual, low=-INFINITY)
            return out, out_shape
        site = self.site(
            name,
            self.policy_input(x, block.fold),
            expansion,
            x,
            expanded,
            fold=block.fold,
            high=SIX,
            stride=block.stride,
        )
        separation = builder.chosen_depthwise(depthwise, site.read, separated, SIX)
        builder.change("fusions", site.index, separation=separation)
        self.consumer(
            site,
            projection,
            separated,
            out,
            residual=residual,
            low=-INFINITY,
            bias_vector=self._bias_with_skipped(projection, separation),
        )
        return out, out_shape

    def _bias_with_skipped(self, projection: Filter, separation: int) -> int:
        """Add the sum of the bias and of what skipped channels give; return its vector."""
        builder = self.builder
        weight = projection.weight[:, :, 0, 0]
        constants = builder.get("separations", separation, "constants")
        bias = builder.vector(weight.shape[0])
        builder.linear(weight, np.ones_like(projection.bias), projection.bias, constants, bias)
        return bias
