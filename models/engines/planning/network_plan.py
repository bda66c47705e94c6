"""What the plans of all networks share: policies, fusion sites, and the head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.bundle import Bundle
from models.engines.kernels.records import COUNTS, NONE, Kind
from models.engines.planning.builder import INFINITY, ProgramBuilder
from models.engines.planning.memory import Program
from models.engines.planning.parameters import Parameters
from models.engines.planning.shapes import Filter, MapShape, TileShapes
from models.network.backbones.layouts.base import shifted_channels
from models.network.backbones.layouts.registry import backbone_layout
from models.spec import Method, Shift

NARROW = 28
"""Width of a map, in pixels, up to which gaps between lines cost so much that a second copy of the
weights pays where every channel is kept."""


@dataclass(frozen=True)
class Site:
    """A fusion site while it is planned.

    Attributes:
        index: Its record among the program's fusions.
        read: Buffer from which the convolution behind it reads, phases if that has a stride.
    """

    index: int
    read: int


class NetworkPlan:
    """Turns the weights of a bundle into a program.

    Args:
        bundle: The model.
        tiles: Shapes of the convolutions' tiles.

    Raises:
        ModelError: The weights do not fit the description.
    """

    def __init__(self, bundle: Bundle, tiles: TileShapes) -> None:
        self.spec = bundle.spec
        self.layout = backbone_layout(self.spec.backbone, self.spec.width)
        self.parameters = Parameters(bundle)
        self.builder = ProgramBuilder(tiles)
        self.builder.reserve("counts", COUNTS * len(bundle.cost.sites))
        self._cost = bundle.cost
        self._site_numbers = {site.name: i for i, site in enumerate(bundle.cost.sites)}

    def is_fused(self, block: str) -> bool:
        """Return whether a policy governs a block."""
        return block in self._site_numbers

    def fold(self, channels: int) -> int:
        """Return how many of a block's input channels arrive from the previous frame."""
        shifts = self.spec.method is not Method.TSN and self.spec.shift is Shift.ONE_WAY
        return shifted_channels(channels) if shifts else 0

    def policy_input(self, x: int, fold: int) -> int:
        """Add the pooled input of a block's policy; return its vectors."""
        pooled = self.builder.vector(self.builder.get("buffers", x, "channels"), slots=3)
        self.builder.mean(x, pooled, fold=fold)
        return pooled

    def _policy(self, block: str, pooled: int, in_channels: int, channels: int) -> int:
        """Add a block's policy network; return its logits."""
        builder = self.builder
        policy = self.parameters.policy(block, self._site_numbers[block], in_channels, channels)
        hidden = builder.vector(policy.first.shape[0])
        logits = builder.vector(policy.second.shape[0])
        builder.linear(
            policy.first, policy.scale, policy.shift, pooled, hidden, previous=True, low=0.0
        )
        ones = np.ones(policy.second.shape[0], np.float32)
        builder.linear(policy.second, ones, policy.bias, hidden, logits)
        return logits

    def site(
        self,
        block: str,
        pooled: int,
        layer: Filter,
        source: int,
        shape: MapShape,
        *,
        fold: int,
        high: float = INFINITY,
        stride: int = 1,
    ) -> Site:
        """Add policy, selection and the convolution whose output is fused.

        Args:
            block: Name of the block.
            pooled: Vectors of the policy's input.
            layer: The convolution.
            source: Buffer that it reads.
            shape: Size of the fused map.
            fold: Input channels that arrive from the previous frame.
            high: Largest value of the fused map.
            stride: Of the convolution behind it.
        """
        builder = self.builder
        channels, in_channels = layer.weight.shape[:2]
        number = self._site_numbers[block]
        cost = self._cost.sites[number]
        logits = self._policy(block, pooled, in_channels, channels)
        raw = builder.buffer(shape, 1, slots=2)
        terms = builder.input_terms(layer, source, fold=fold)
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
            row_size=layer.weight[0].size,
            keep=keep,
            late=late,
            split=NONE,
            split_operation=NONE,
            separation=NONE,
            whole_operation=NONE,
            whole_convolution=NONE,
        )
        builder.operation(Kind.SELECT, fusion, 1)
        convolution, operation = builder.convolution(
            layer, [keep, late], builder.weights(layer.weight), raw, high=high
        )
        builder.change(
            "fusions", fusion, producer_operation=operation, producer_convolution=convolution
        )
        if shape.width <= NARROW and builder.lies_across(raw):
            self._whole(fusion, layer, source, raw, fold, high)
        if stride == 1:
            return Site(fusion, raw)
        phases = builder.buffer(shape.halved(), 1, phases=4)
        split, split_operation = builder.chosen_split(raw, phases, channels)
        builder.change("fusions", fusion, split=split, split_operation=split_operation)
        return Site(fusion, phases)

    def _whole(
        self, fusion: int, layer: Filter, source: int, raw: int, fold: int, high: float
    ) -> None:
        """Add the convolution of all channels for steps that keep nearly all of them."""
        builder = self.builder
        terms = builder.input_terms(layer, source, pack=builder.pack(raw), fold=fold)
        group, weights = builder.dense_group(layer, raw, terms)
        convolution, operation = builder.convolution(layer, [group], weights, raw, high=high)
        builder.change("program", operation, tasks=0)
        builder.change("fusions", fusion, whole_operation=operation, whole_convolution=convolution)

    def consumer(
        self,
        site: Site,
        layer: Filter,
        source: int,
        output: int,
        *,
        residual: int = NONE,
        low: float = 0.0,
        bias_vector: int = NONE,
    ) -> None:
        """Add the convolution that reads only the channels that a step's actions leave.

        Args:
            site: Where they are chosen.
            layer: The convolution.
            source: Buffer that it reads.
            output: Buffer that it writes.
            residual: Buffer that is added, or NONE.
            low: Smallest result.
            bias_vector: Vector that is its bias, or NONE for the layer's own.
        """
        builder = self.builder
        taps, tap_count = builder.taps(layer, source)
        terms = builder.own_terms(layer.weight.shape[1] * tap_count)
        group, weights = builder.dense_group(layer, output, terms)
        builder.convolution(
            layer,
            [group],
            weights,
            output,
            residual=residual,
            low=low,
            bias_vector=bias_vector,
        )
        builder.change(
            "fusions",
            site.index,
            consumer=group,
            consumer_taps=taps,
            consumer_tap_count=tap_count,
            consumer_pack=builder.pack(output),
        )

    def frame(self, gap: int) -> tuple[int, MapShape]:
        """Make room for a frame and its phases; return these and their size."""
        builder = self.builder
        image = MapShape(3, self.spec.input_height, self.spec.input_width)
        pixels = builder.buffer(image, 0)
        phases = builder.buffer(image.halved(), gap, phases=4)
        builder.split(pixels, phases, image.channels)
        return phases, image

    def head(self, x: int) -> Program:
        """Add pooling and classifier behind the last map; return the finished program."""
        builder, labels = self.builder, len(self.spec.labels)
        channels = builder.get("buffers", x, "channels")
        features = builder.vector(channels)
        builder.mean(x, features)
        weight = self.parameters.matrix("head.weight", (labels, channels))
        bias = self.parameters.vector("head.bias", labels)
        logits = builder.vector(labels)
        builder.linear(weight, np.ones_like(bias), bias, features, logits)
        self.parameters.check_all_used()
        return builder.build()
