"""Plans a fused block: policy, fused convolution, and the convolutions that skipped channels spare.

A channel that is skipped is zero in front of the convolution that reads it, and costs nothing
there. Behind a depthwise convolution it is a constant, the activation of its bias: the projection
that follows leaves it out as well and takes the constants of all skipped channels into its bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.engines.kernels.records import (
    BufferIndex,
    CountOffset,
    Fusion,
    GroupIndex,
    ListOffset,
    OperationIndex,
    SeparationIndex,
    SplittingIndex,
    VectorIndex,
)
from models.engines.kernels.tables import COUNTS, Kind
from models.engines.planning.convolution_builder import Epilogue, PlannedConvolution
from models.engines.planning.parameters import PolicyParameters
from models.engines.planning.program_builder import ProgramBuilder
from models.engines.planning.shapes import Filter, MapShape
from models.flops import SiteCost

NARROW = 28
"""Width of a map, in pixels, up to which gaps between lines cost so much that a second copy of the
weights pays where every channel is kept."""


@dataclass(frozen=True)
class Layer:
    """A convolution of a block.

    Attributes:
        weights: Its weights.
        epilogue: What becomes of its sums.
        depthwise: Whether every channel reads itself alone.
    """

    weights: Filter
    epilogue: Epilogue
    depthwise: bool = False


@dataclass(frozen=True)
class Site:
    """A fusion site.

    Attributes:
        index: Its index among the fused ones.
        shape: Shape of the fused map.
        gaps: Zeros between the lines of the fused map, and of the map behind the next convolution.
        policy: Weights of its policy network.
        pooled: Input of the policy network, of this step and the previous one.
        cost: Multiply-adds of its channels.
    """

    index: int
    shape: MapShape
    gaps: tuple[int, int]
    policy: PolicyParameters
    pooled: VectorIndex
    cost: SiteCost


@dataclass(frozen=True)
class Reading:
    """How the convolutions behind a fusion site read its channels.

    Attributes:
        buffer: Map that they read: the raw outputs, or their phases.
        split: Splitting into phases, where they are read with a stride.
        operation: Operation of the splitting.
    """

    buffer: BufferIndex
    split: SplittingIndex | None = None
    operation: OperationIndex | None = None


@dataclass(frozen=True)
class Consumer:
    """The convolution that first mixes the fused channels.

    Attributes:
        group: Its output channels; the terms change from step to step.
        taps: List of the shifts of its taps.
        tap_count: Number of taps.
        pack: Output channels whose weights lie side by side.
    """

    group: GroupIndex
    taps: ListOffset
    tap_count: int
    pack: int


class FusedBlockPlan:
    """Adds one fused block to a program.

    Args:
        builder: Of the program.
        site: Where channels are kept, reused or skipped.
    """

    def __init__(self, builder: ProgramBuilder, site: Site) -> None:
        self._builder = builder
        self._site = site

    def add(
        self,
        layers: Sequence[Layer],
        source: BufferIndex,
        outputs: Sequence[BufferIndex],
        fold: int,
    ) -> None:
        """Add everything from the policy to the convolution that first mixes the fused channels.

        Args:
            layers: The fused convolution, perhaps a depthwise one, and the one that mixes.
            source: Map that the first one reads.
            outputs: Maps that the others write.
            fold: Input channels that arrive from the previous step.
        """
        builder, site = self._builder, self._site
        first, second, *_ = layers
        channels = site.shape.channels
        logits = self._policy()
        raw = builder.buffer(site.shape, site.gaps[0], slots=2)
        terms = builder.input_terms(first.weights, source, fold=fold)
        keep, late = (builder.chosen_group(channels, lag, terms) for lag in (0, 1))
        fusion = builder.fusions.reserve()
        actions = builder.actions.reserve(channels)
        # Before the first frame everything is zero, and that is known without computing it.
        computed = builder.lists.store(np.ones(channels))
        builder.operation(Kind.SELECT, fusion, 1)
        weights = builder.weights.store(first.weights.weight)
        producer = builder.convolution(first.weights, [keep, late], weights, raw, first.epilogue)
        whole = self._whole(first, source, raw, fold)
        reading = self._reading(second, raw)
        separation, consumer = self._readers(layers[1:], reading, outputs)
        builder.fusions[fusion] = Fusion(
            channels=channels,
            logits=logits,
            actions=actions,
            computed=computed,
            counts=CountOffset(1 + COUNTS * site.index),
            keep_cost=site.cost.produce + site.cost.consume,
            reuse_cost=site.cost.consume,
            late_cost=site.cost.produce,
            raw=raw,
            row_size=first.weights.weight[0].size,
            keep=keep,
            late=late,
            consumer=consumer.group,
            consumer_taps=consumer.taps,
            consumer_tap_count=consumer.tap_count,
            consumer_pack=consumer.pack,
            split=reading.split,
            separation=separation,
            producer_operation=producer.operation,
            producer_convolution=producer.index,
            whole_operation=whole.operation if whole else None,
            whole_convolution=whole.index if whole else None,
            split_operation=reading.operation,
        )

    def _policy(self) -> VectorIndex:
        """Add the policy network; return its logits."""
        builder, policy = self._builder, self._site.policy
        hidden = builder.vector(policy.first.shape[0])
        logits = builder.vector(policy.second.shape[0])
        builder.linear(
            policy.first,
            policy.scale,
            policy.shift,
            self._site.pooled,
            hidden,
            previous=True,
            low=0.0,
        )
        ones = np.ones(policy.second.shape[0], np.float32)
        builder.linear(policy.second, ones, policy.bias, hidden, logits)
        return logits

    def _whole(
        self, layer: Layer, source: BufferIndex, raw: BufferIndex, fold: int
    ) -> PlannedConvolution | None:
        """Add the convolution of all channels for steps that keep nearly all, where that pays."""
        builder = self._builder
        if self._site.shape.width > NARROW or not builder.lies_across(raw):
            return None
        planned = builder.dense_convolution(layer.weights, source, raw, layer.epilogue, fold=fold)
        builder.leave_to_policy(planned.operation)
        return planned

    def _reading(self, reader: Layer, raw: BufferIndex) -> Reading:
        """Return what the layer behind the site reads, after adding the phases for a stride."""
        if reader.weights.stride == 1:
            return Reading(raw)
        shape = self._site.shape.halved()
        phases = self._builder.buffer(shape, self._site.gaps[1], phases=4)
        return Reading(phases, *self._builder.chosen_split(raw, phases))

    def _readers(
        self, layers: Sequence[Layer], reading: Reading, outputs: Sequence[BufferIndex]
    ) -> tuple[SeparationIndex | None, Consumer]:
        """Add the layers that compute only with the channels that a step's actions leave."""
        first = layers[0]
        if not first.depthwise:
            return None, self._consumer(first, reading.buffer, outputs[0], first.epilogue)
        separated, output = outputs
        separation = self._builder.chosen_depthwise(
            first.weights, reading.buffer, separated, first.epilogue
        )
        projection = layers[1]
        epilogue = replace(
            projection.epilogue, bias=self._bias_with_skipped(projection, separation)
        )
        return separation, self._consumer(projection, separated, output, epilogue)

    def _consumer(
        self, layer: Layer, source: BufferIndex, output: BufferIndex, epilogue: Epilogue
    ) -> Consumer:
        """Add the convolution that first mixes the fused channels."""
        builder, weights = self._builder, layer.weights
        taps, tap_count = builder.taps(weights, source)
        terms = builder.own_terms(weights.weight.shape[1] * tap_count)
        group, packed = builder.dense_group(weights, output, terms)
        builder.convolution(weights, [group], packed, output, epilogue)
        return Consumer(group, taps, tap_count, builder.pack(output))

    def _bias_with_skipped(self, projection: Layer, separation: SeparationIndex) -> VectorIndex:
        """Add the sum of the bias and of what skipped channels give; return its vector."""
        builder, layer = self._builder, projection.weights
        weight = layer.weight[:, :, 0, 0]
        constants = builder.separations[separation].constants
        bias = builder.vector(weight.shape[0])
        builder.linear(weight, np.ones_like(layer.bias), layer.bias, constants, bias)
        return bias
