"""Turns a bundle's weights into a program of the kernels, as the layout of its backbone says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate, chain
from operator import mul

import numpy as np

from models.bundle import Bundle
from models.engines.kernels.records import BufferIndex
from models.engines.kernels.tables import COUNTS
from models.engines.planning.convolution_builder import Epilogue
from models.engines.planning.fused_block import FusedBlockPlan, Layer, Site
from models.engines.planning.memory import Program
from models.engines.planning.parameters import Parameters
from models.engines.planning.program_builder import ProgramBuilder
from models.engines.planning.shapes import MapShape, TileShapes, line_gap
from models.errors import ModelError
from models.network.backbones.layouts.base import (
    Block,
    Convolution,
    Layout,
    MaxPool,
    shifted_channels,
)
from models.network.backbones.layouts.registry import LAYOUTS, backbone_layout
from models.spec import Method, PolicyMode, Shift


def problem(bundle: Bundle) -> str | None:
    """Say why the sparse engine cannot run a bundle, as the end of a sentence; None if it can."""
    spec = bundle.spec
    if spec.backbone not in LAYOUTS:
        return f"does not know the backbone '{spec.backbone}'"
    if spec.policy is not None and spec.policy.mode is PolicyMode.RANDOM:
        return "does not run random policies"
    return None


def check_supported(bundle: Bundle) -> None:
    """Refuse a bundle that the sparse engine cannot run.

    Raises:
        ModelError: Its network is not supported.
    """
    found = problem(bundle)
    if found is not None:
        raise ModelError(f"The sparse engine {found}; use --engine onnx.")


def plan(bundle: Bundle, tiles: TileShapes, aside: str | None = None) -> Program:
    """Build the program of a bundle.

    Args:
        bundle: The model.
        tiles: Shapes of the convolutions' tiles.
        aside: Prefix of the names of tensors that are no part of the program.

    Raises:
        ModelError: The network is not supported, or its weights do not fit its description.
    """
    check_supported(bundle)
    return _NetworkPlan(bundle, tiles, aside).build()


@dataclass(frozen=True)
class StreamedBlock:
    """A block of the backbone, and what a stream needs of it.

    Attributes:
        layout: The block.
        in_stride: Pixels of the image per pixel of its input.
        fused: Whether a policy governs it.
        fold: Input channels that arrive from the previous step.
    """

    layout: Block
    in_stride: int
    fused: bool
    fold: int

    @property
    def first(self) -> Convolution:
        """Its first convolution, the fused one."""
        return self.layout.convolutions[0]

    @property
    def strides(self) -> list[int]:
        """Pixels of the image per pixel of the output of each of its convolutions."""
        steps = (convolution.stride for convolution in self.layout.convolutions)
        return [self.in_stride * stride for stride in accumulate(steps, mul)]

    @property
    def remembered(self) -> int:
        """Steps that the input of its first convolution has to be remembered, this one included."""
        return 1 + self.fused + (self.fold > 0)

    @property
    def input_slots(self) -> int:
        """Slots of its input map: one where the first convolution reads phases of it instead."""
        return 1 if self.first.stride == 2 else self.remembered


class _NetworkPlan:
    def __init__(self, bundle: Bundle, tiles: TileShapes, aside: str | None) -> None:
        spec = bundle.spec
        self._spec = spec
        self._layout = backbone_layout(spec.backbone, spec.width)
        self._gaps = _gaps(self._layout)
        self._parameters = Parameters(bundle, aside)
        self._costs = {site.name: (index, site) for index, site in enumerate(bundle.cost.sites)}
        self._builder = ProgramBuilder(tiles)
        self._builder.counts.reserve(COUNTS * len(self._costs))
        shifts = spec.method is not Method.TSN and spec.shift is Shift.ONE_WAY
        self._blocks = [
            StreamedBlock(
                block,
                site.in_stride,
                fused=block.name in self._costs,
                fold=shifted_channels(block.in_channels) if shifts and block.shifts else 0,
            )
            for block, site in zip(self._layout.blocks, self._layout.sites, strict=True)
        ]

    def build(self) -> Program:
        """Add everything from the frame to the logits; return the finished program."""
        x = self._stem()
        entering: dict[str, BufferIndex] = {}
        for block, following in zip(self._blocks, [*self._blocks[1:], None], strict=True):
            entering[block.layout.name] = x
            x = self._block(block, x, following.input_slots if following else 1)
        last = self._blocks[-1]
        stride = last.in_stride * last.layout.stride
        for layer in self._layout.tail:
            source, stride = x, stride * layer.stride
            x = self._map(self._shape_behind(layer, x), stride)
            self._convolve(self._layer(layer), source, x)
        return replace(self._head(x), entering=entering)

    def _shape_behind(self, layer: Convolution | MaxPool, x: BufferIndex) -> MapShape:
        """Return the shape of a layer's output for the map `x`."""
        return _shape_behind(layer, self._builder.shape_of(x))

    def _map(self, shape: MapShape, stride: int, slots: int = 1, phases: int = 1) -> BufferIndex:
        """Make room for a map with `stride` pixels of the image per pixel."""
        return self._builder.buffer(shape, self._gaps[stride], slots=slots, phases=phases)

    def _layer(self, layer: Convolution, residual: BufferIndex | None = None) -> Layer:
        """Return a convolution of the layout with its weights."""
        low, high = layer.activation.value
        epilogue = Epilogue(residual=residual, low=low, high=high)
        return Layer(self._parameters.filter(layer), epilogue, layer.depthwise)

    def _convolve(self, layer: Layer, x: BufferIndex, output: BufferIndex, fold: int = 0) -> None:
        """Add a convolution of all channels of the map `x`."""
        if layer.depthwise:
            self._builder.depthwise_convolution(layer.weights, x, output, layer.epilogue)
        else:
            self._builder.dense_convolution(layer.weights, x, output, layer.epilogue, fold=fold)

    def _phases(self, x: BufferIndex, stride: int, slots: int = 1) -> BufferIndex:
        """Split the map `x` into phases with `stride` pixels of the image per pixel."""
        phases = self._map(self._builder.shape_of(x).halved(), stride, slots, phases=4)
        self._builder.split(x, phases)
        return phases

    def _stem(self) -> BufferIndex:
        """Add the frame and the layers before the first block; return the map behind them."""
        stem, first = self._layout.stem, self._blocks[0]
        assert stem[0].stride == 2, "the frame has no gaps between its lines, its phases have"
        x = self._builder.buffer(MapShape(3, self._spec.input_height, self._spec.input_width), 0)
        stride = 1
        for layer in stem:
            stride *= layer.stride
            shape = self._shape_behind(layer, x)
            if isinstance(layer, Convolution) and layer.stride == 2:
                x = self._phases(x, stride)
            source, x = x, self._map(shape, stride, first.input_slots if layer is stem[-1] else 1)
            if isinstance(layer, MaxPool):
                self._builder.max_pool(source, x)
            else:
                self._convolve(self._layer(layer), source, x)
        return x

    def _block(self, block: StreamedBlock, x: BufferIndex, slots: int) -> BufferIndex:
        """Add a block behind the map `x`; return its output, which has `slots` slots."""
        layout = block.layout
        site = self._site(block, x) if block.fused else None
        source, subsampled = self._inputs(block, x)
        shapes, strides = [self._builder.shape_of(x)], block.strides
        for convolution in layout.convolutions:
            shapes.append(_shape_behind(convolution, shapes[-1]))
        output = self._map(shapes[-1], strides[-1], slots)
        residual = x if layout.residual else None
        if layout.projection is not None:
            projection = self._layer(replace(layout.projection, stride=1))
            self._convolve(projection, subsampled, output)
            residual = output
        # Behind the second convolution and later ones.
        outputs = [*map(self._map, shapes[2:-1], strides[1:-1]), output]
        self._chain(block, site, source, outputs, residual)
        return output

    def _inputs(self, block: StreamedBlock, x: BufferIndex) -> tuple[BufferIndex, BufferIndex]:
        """Return what the first convolution of a block reads, and what its projection reads."""
        projection = block.layout.projection
        if block.first.stride == 2:
            phases = self._phases(x, block.strides[0], block.remembered)
            return phases, phases
        if projection is None or projection.stride == 1:
            return x, x
        subsampled = self._map(self._builder.shape_of(x).halved(), block.strides[-1])
        self._builder.split(x, subsampled)
        return x, subsampled

    def _chain(
        self,
        block: StreamedBlock,
        site: Site | None,
        source: BufferIndex,
        outputs: list[BufferIndex],
        residual: BufferIndex | None,
    ) -> None:
        """Add the convolutions of a block, one after the other.

        Args:
            block: The block.
            site: Its fusion site; None keeps every channel.
            source: Map that the first convolution reads.
            outputs: Maps that the others write.
            residual: Map that is added to the last one.
        """
        *others, last = convolutions = block.layout.convolutions
        layers = [*map(self._layer, others), self._layer(last, residual)]
        if site is not None:
            planned = 3 if layers[1].depthwise else 2
            plan = FusedBlockPlan(self._builder, site)
            plan.add(layers[:planned], source, outputs[: planned - 1], block.fold)
            x = outputs[planned - 2]
        else:
            planned = 1
            shape = self._builder.shape_of(source)  # of a phase, where there is a stride
            x = self._map(shape.with_channels(block.first.channels), block.strides[0])
            self._convolve(layers[0], source, x, block.fold)
        for index in range(planned, len(layers)):
            if convolutions[index].stride == 2:
                x = self._phases(x, block.strides[index])
            self._convolve(layers[index], x, outputs[index - 1])
            x = outputs[index - 1]

    def _site(self, block: StreamedBlock, x: BufferIndex) -> Site:
        """Add the pooled input of a block's policy; return the fusion site."""
        name, first = block.layout.name, block.first
        index, cost = self._costs[name]
        pooled = self._builder.vector(first.in_channels, slots=3)
        self._builder.mean(x, pooled, fold=block.fold)
        policy = self._parameters.policy(name, index, first.in_channels, first.channels)
        gaps = (self._gaps[block.strides[0]], self._gaps[block.strides[1]])
        return Site(index, self._shape_behind(first, x), gaps, policy, pooled, cost)

    def _head(self, x: BufferIndex) -> Program:
        """Add pooling and classifier behind the last map; return the finished program."""
        builder, outputs = self._builder, self._spec.outputs
        channels = self._layout.feature_count
        features = builder.vector(channels)
        builder.mean(x, features)
        weight = self._parameters.tensor("head.weight", (outputs, channels))
        bias = self._parameters.vector("head.bias", outputs)
        logits = builder.vector(outputs)
        builder.linear(weight, np.ones_like(bias), bias, features, logits)
        self._parameters.check_all_used()
        return builder.build()


def _shape_behind(layer: Convolution | MaxPool, shape: MapShape) -> MapShape:
    """Return the shape of a layer's output for an input of `shape`."""
    channels = layer.channels if isinstance(layer, Convolution) else shape.channels
    return shape.halved(channels) if layer.stride == 2 else shape.with_channels(channels)


def _gaps(layout: Layout) -> dict[int, int]:
    """Return the gap between the lines of all maps of a size, by pixels of the image per pixel.

    A convolution is a sum of shifted planes because the lines of its output lie as far apart as
    those that it reads. So all maps of one size have the gap that the widest kernel among them
    needs.
    """
    gaps: dict[int, int] = {}
    stride = 1
    for layer in chain(layout.stem, *(block.convolutions for block in layout.blocks), layout.tail):
        stride *= layer.stride
        needed = 1
        if isinstance(layer, Convolution):
            needed = line_gap(layer.kernel, layer.padding, layer.stride)
        gaps[stride] = max(1, needed, gaps.get(stride, 1))
    return gaps
