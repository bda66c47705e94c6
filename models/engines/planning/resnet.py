"""Turns the weights of an AdaFuse ResNet into a program of the kernels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.bundle import Bundle
from models.engines.kernels.records import COUNTS, NONE, Kind
from models.engines.planning.builder import ProgramBuilder
from models.engines.planning.memory import Program
from models.engines.planning.parameters import Parameters
from models.engines.planning.shapes import Filter, MapShape, TileShapes
from models.spec import Method, Shift

SHIFT_DIVISOR = 8
"""One part in eight of the channels arrives from the previous frame (Lin et al., TSM, 2019)."""

STAGES = 4


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


class _ResNetPlan:
    def __init__(self, bundle: Bundle, tiles: TileShapes) -> None:
        self._spec = bundle.spec
        self._cost = bundle.cost
        self._parameters = Parameters(bundle)
        self._site_numbers = {site.name: i for i, site in enumerate(bundle.cost.sites)}
        self._builder = ProgramBuilder(tiles)
        self._builder.reserve("counts", COUNTS * len(bundle.cost.sites))
        self._blocks = list(self._find_blocks())

    def _find_blocks(self) -> Iterator[Block]:
        spec, parameters = self._spec, self._parameters
        shifts = spec.method is not Method.TSN and spec.shift is Shift.ONE_WAY
        for stage in range(1, STAGES + 1):
            index = 0
            while f"backbone.layer{stage}.{index}.conv1.weight" in parameters:
                name = f"layer{stage}.{index}"
                in_channels = parameters.shape(f"backbone.{name}.conv1.weight")[1]
                yield Block(
                    name=name,
                    stride=2 if stage > 1 and index == 0 else 1,
                    bottleneck=f"backbone.{name}.conv3.weight" in parameters,
                    fused=name in self._site_numbers,
                    fold=in_channels // SHIFT_DIVISOR if shifts else 0,
                )
                index += 1

    def build(self) -> Program:
        """Add everything from the frame to the logits."""
        builder = self._builder
        x, shape = self._stem()
        for place, block in enumerate(self._blocks):
            following = self._blocks[place + 1] if place + 1 < len(self._blocks) else None
            x, shape = self._block(block, x, shape, following)
        features = builder.vector(shape.channels)
        builder.mean(x, features)
        weight = self._parameters.matrix("head.weight", (len(self._spec.labels), shape.channels))
        bias = self._parameters.vector("head.bias", weight.shape[0])
        logits = builder.vector(weight.shape[0])
        builder.linear(weight, np.ones_like(bias), bias, features, logits)
        self._parameters.check_all_used()
        return builder.build()

    def _input_slots(self, block: Block | None) -> int:
        """Return the steps that a block's input map itself, unsplit, has to be remembered."""
        return 1 if block is None or block.splits_input else block.remembered

    def _stem(self) -> tuple[int, MapShape]:
        """Add the first convolution and the pooling; return the map behind them."""
        builder = self._builder
        layer = self._parameters.filter("backbone.conv1", "backbone.bn1", stride=2, padding=3)
        image = MapShape(3, self._spec.input_height, self._spec.input_width)
        frame = builder.buffer(image, 0)
        phases = builder.buffer(image.halved(), layer.gap, phases=4)
        builder.split(frame, phases, 3)
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
        builder, parameters = self._builder, self._parameters
        name = f"backbone.{block.name}"
        first_stride = 1 if block.bottleneck else block.stride
        padding = 0 if block.bottleneck else 1
        first = parameters.filter(f"{name}.conv1", f"{name}.bn1", first_stride, padding)
        second = parameters.filter(
            f"{name}.conv2", f"{name}.bn2", block.stride // first_stride, padding=1
        )
        pooled = self._policy_input(block, x) if block.fused else NONE
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
            builder.dense_convolution(projection, subsampled, out, low=-np.inf)
            residual = out
        inner_shape = (shape if block.bottleneck else halved).with_channels(first.weight.shape[0])
        if not block.bottleneck:
            self._pair(Pair(block, first, second, source, inner_shape, out, residual), pooled)
        else:
            middle = builder.buffer(halved.with_channels(second.weight.shape[0]), 1)
            self._pair(Pair(block, first, second, source, inner_shape, middle), pooled)
            builder.dense_convolution(last, middle, out, residual=residual)
        return out, out_shape

    def _policy_input(self, block: Block, x: int) -> int:
        """Add the pooled input of a block's policy; return its vectors."""
        builder = self._builder
        channels = builder.get("buffers", x, "channels")
        pooled = builder.vector(channels, slots=3)
        builder.mean(x, pooled, fold=block.fold)
        return pooled

    def _pair(self, pair: Pair, pooled: int) -> None:
        """Add the two convolutions around a fusion site."""
        if pair.block.fused:
            self._fused_pair(pair, pooled)
        else:
            self._plain_pair(pair)

    def _plain_pair(self, pair: Pair) -> None:
        builder = self._builder
        inner = builder.buffer(pair.inner_shape, 1)
        builder.dense_convolution(pair.first, pair.source, inner, fold=pair.block.fold)
        if pair.second.stride == 2:
            phases = builder.buffer(pair.inner_shape.halved(), 1, phases=4)
            builder.split(inner, phases, pair.inner_shape.channels)
            inner = phases
        builder.dense_convolution(pair.second, inner, pair.out, residual=pair.residual)

    def _policy(self, block: Block, pooled: int, in_channels: int, channels: int) -> int:
        """Add a block's policy network; return its logits."""
        builder = self._builder
        policy = self._parameters.policy(
            block.name, self._site_numbers[block.name], in_channels, channels
        )
        hidden = builder.vector(policy.first.shape[0])
        logits = builder.vector(policy.second.shape[0])
        builder.linear(
            policy.first, policy.scale, policy.shift, pooled, hidden, previous=True, low=0.0
        )
        ones = np.ones(policy.second.shape[0], np.float32)
        builder.linear(policy.second, ones, policy.bias, hidden, logits)
        return logits

    def _fused_pair(self, pair: Pair, pooled: int) -> None:
        builder = self._builder
        first, second = pair.first, pair.second
        channels, in_channels = first.weight.shape[:2]
        number = self._site_numbers[pair.block.name]
        cost = self._cost.sites[number]
        logits = self._policy(pair.block, pooled, in_channels, channels)
        raw = builder.buffer(pair.inner_shape, 1, slots=2)
        terms = builder.input_terms(first, pair.source, fold=pair.block.fold)
        keep, late = (builder.chosen_group(channels, lag, terms) for lag in (0, 1))
        fusion = builder.add(
            "fusions",
            channels=channels,
            logits=logits,
            actions=builder.reserve("actions", channels),
            # Before the first frame everything is zero, and that is known without computing it.
            computed=builder.lists(np.ones(channels)),
            counts=1 + COUNTS * number,
            keep_cost=cost.produce + cost.consume,
            reuse_cost=cost.consume,
            late_cost=cost.produce,
            raw=raw,
            row_size=first.weight[0].size,
            keep=keep,
            late=late,
            consumer_pack=builder.pack(pair.out),
            split=NONE,
            split_operation=NONE,
        )
        builder.operation(Kind.SELECT, fusion, 1)
        convolution, operation = builder.convolution(
            first, [keep, late], builder.weights(first.weight), raw
        )
        read = raw
        if second.stride == 2:
            read = builder.buffer(pair.inner_shape.halved(), 1, phases=4)
            split, split_operation = builder.chosen_split(raw, read, channels)
            builder.change("fusions", fusion, split=split, split_operation=split_operation)
        consumer_taps, consumer_tap_count = builder.taps(second, read)
        own = builder.own_terms(channels * consumer_tap_count)
        consumer, weights = builder.dense_group(second, pair.out, own)
        builder.convolution(second, [consumer], weights, pair.out, residual=pair.residual)
        builder.change(
            "fusions",
            fusion,
            producer_operation=operation,
            producer_convolution=convolution,
            consumer=consumer,
            consumer_taps=consumer_taps,
            consumer_tap_count=consumer_tap_count,
        )
