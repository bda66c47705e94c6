"""Turns the weights of an AdaFuse ResNet into a program of the kernels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.bundle import Bundle
from models.engines.kernels.records import NONE
from models.engines.planning.builder import INFINITY
from models.engines.planning.memory import Program
from models.engines.planning.network_plan import NetworkPlan
from models.engines.planning.shapes import Filter, MapShape, TileShapes


@dataclass(frozen=True)
class Block:
    """One residual block.

    Attributes:
        name: Such as "layer2.0".
        stride: 1 or 2.
        bottleneck: Three convolutions, the middle one with the stride; else two, the first with it.
        fused: Whether a policy governs it.
        fold: Input channels that arrive from the previous frame.
    """

    name: str
    stride: int
    bottleneck: bool
    fused: bool
    fold: int

    @property
    def remembered(self) -> int:
        """Steps that the input of its first convolution has to be remembered, this one included."""
        return 1 + (1 if self.fused else 0) + (1 if self.fold else 0)

    @property
    def splits_input(self) -> bool:
        """Whether its first convolution reads phases."""
        return self.stride == 2 and not self.bottleneck


@dataclass(frozen=True)
class Pair:
    """The two convolutions around a fusion site.

    Attributes:
        block: Where they are.
        first: The one whose output is fused.
        second: The one that reads it.
        source: Buffer that the first one reads.
        inner_shape: Size of the fused map.
        out: Buffer that the second one writes.
        residual: Buffer that is added there, or NONE.
    """

    block: Block
    first: Filter
    second: Filter
    source: int
    inner_shape: MapShape
    out: int
    residual: int = NONE


def resnet_program(bundle: Bundle, tiles: TileShapes) -> Program:
    """Build the program of a ResNet bundle.

    Args:
        bundle: The model.
        tiles: Shapes of the convolutions' tiles.

    Raises:
        ModelError: The weights do not fit the description.
    """
    return _ResNetPlan(bundle, tiles).build()


class _ResNetPlan(NetworkPlan):
    def __init__(self, bundle: Bundle, tiles: TileShapes) -> None:
        super().__init__(bundle, tiles)
        self._blocks = list(self._find_blocks())

    def _find_blocks(self) -> Iterator[Block]:
        for block in self.layout.blocks:
            yield Block(
                name=block.name,
                stride=block.stride,
                bottleneck=len(block.convolutions) == 3,
                fused=self.is_fused(block.name),
                fold=self.fold(block.in_channels),
            )

    def build(self) -> Program:
        """Add everything from the frame to the logits."""
        x, shape = self._stem()
        for place, block in enumerate(self._blocks):
            following = self._blocks[place + 1] if place + 1 < len(self._blocks) else None
            x, shape = self._block(block, x, shape, following)
        return self.head(x)

    def _input_slots(self, block: Block | None) -> int:
        """Return the steps that a block's input map itself, unsplit, has to be remembered."""
        return 1 if block is None or block.splits_input else block.remembered

    def _stem(self) -> tuple[int, MapShape]:
        """Add the first convolution and the pooling; return the map behind them."""
        builder = self.builder
        layer = self.parameters.filter("backbone.conv1", "backbone.bn1", stride=2, padding=3)
        phases, image = self.frame(layer.gap)
        shape = image.halved(layer.weight.shape[0])
        convolved = builder.buffer(shape, layer.gap)
        builder.dense_convolution(layer, phases, convolved)
        shape = shape.halved()
        x = builder.buffer(shape, 1, slots=self._input_slots(self._blocks[0]))
        builder.max_pool(convolved, x)
        return x, shape

    def _block(
        self, block: Block, x: int, shape: MapShape, following: Block | None
    ) -> tuple[int, MapShape]:
        """Add one residual block; return the map behind it."""
        builder, parameters = self.builder, self.parameters
        name = f"backbone.{block.name}"
        first_stride = 1 if block.bottleneck else block.stride
        padding = 0 if block.bottleneck else 1
        first = parameters.filter(f"{name}.conv1", f"{name}.bn1", first_stride, padding)
        second = parameters.filter(
            f"{name}.conv2", f"{name}.bn2", block.stride // first_stride, padding=1
        )
        pooled = self.policy_input(x, block.fold) if block.fused else NONE
        halved = shape if block.stride == 1 else shape.halved()
        source, subsampled = x, x
        if block.stride == 2:
            phases, slots = (1, 1) if block.bottleneck else (4, block.remembered)
            subsampled = builder.buffer(halved, 1, slots=slots, phases=phases)
            builder.split(x, subsampled, shape.channels)
            source = x if block.bottleneck else subsampled
        last = parameters.filter(f"{name}.conv3", f"{name}.bn3") if block.bottleneck else second
        out_shape = halved.with_channels(last.weight.shape[0])
        out = builder.buffer(out_shape, 1, slots=self._input_slots(following))
        residual = x
        if f"{name}.downsample.0.weight" in parameters:
            projection = parameters.filter(f"{name}.downsample.0", f"{name}.downsample.1")
            builder.dense_convolution(projection, subsampled, out, low=-INFINITY)
            residual = out
        inner_shape = (shape if block.bottleneck else halved).with_channels(first.weight.shape[0])
        if not block.bottleneck:
            self._pair(Pair(block, first, second, source, inner_shape, out, residual), pooled)
        else:
            middle = builder.buffer(halved.with_channels(second.weight.shape[0]), 1)
            self._pair(Pair(block, first, second, source, inner_shape, middle), pooled)
            builder.dense_convolution(last, middle, out, residual=residual)
        return out, out_shape

    def _pair(self, pair: Pair, pooled: int) -> None:
        """Add the two convolutions around a fusion site."""
        if not pair.block.fused:
            self._plain_pair(pair)
            return
        site = self.site(
            pair.block.name,
            pooled,
            pair.first,
            pair.source,
            pair.inner_shape,
            fold=pair.block.fold,
            stride=pair.second.stride,
        )
        self.consumer(site, pair.second, site.read, pair.out, residual=pair.residual)

    def _plain_pair(self, pair: Pair) -> None:
        builder = self.builder
        inner = builder.buffer(pair.inner_shape, 1)
        builder.dense_convolution(pair.first, pair.source, inner, fold=pair.block.fold)
        if pair.second.stride == 2:
            phases = builder.buffer(pair.inner_shape.halved(), 1, phases=4)
            builder.split(inner, phases, pair.inner_shape.channels)
            inner = phases
        builder.dense_convolution(pair.second, inner, pair.out, residual=pair.residual)
