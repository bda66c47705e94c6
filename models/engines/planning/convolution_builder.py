"""Adds convolutions to a program, with weights in the kernels' order, divided into tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.engines.kernels.channel_tiles import VECTORS
from models.engines.kernels.host import UNIT
from models.engines.kernels.microkernel import TERM_FIELDS
from models.engines.kernels.records import (
    BufferIndex,
    Convolution,
    ConvolutionIndex,
    Group,
    GroupIndex,
    ListOffset,
    OperationIndex,
    VectorIndex,
    WeightOffset,
)
from models.engines.kernels.tables import Kind
from models.engines.planning.map_builder import FEWEST_TASKS, MapBuilder
from models.engines.planning.shapes import Filter, TileShapes
from models.engines.planning.table_builder import round_up

CACHE_VALUES = 48 * 1024
"""Input values of one task of a convolution: what stays in a core's second cache."""

FEWEST_VALUES = 24 * UNIT.lanes
"""Output values of a plane in one task, where it is divided: each task has a cost of its own."""

CONVOLUTION_TASKS = 2 * FEWEST_TASKS
"""Tasks of a convolution: it has more to divide, and its rows may turn out to be few."""

CHANNEL_BLOCK = VECTORS * UNIT.lanes
"""Output channels of a tile across channels."""

DEPTHWISE_VECTORS = 32
"""Vectors of output in one task of a depthwise convolution, whose channels on small maps are each
too little work for a task."""

INFINITY = float("inf")


@dataclass(frozen=True)
class Terms:
    """The terms that a group reads, in lists of pairs that take turns from step to step.

    Attributes:
        offset: The first list.
        count: Pairs of a list.
        sets: Number of lists.
        stride: Values from one list to the next.
    """

    offset: ListOffset
    count: int
    sets: int = 1
    stride: int = 0


@dataclass(frozen=True)
class Epilogue:
    """What becomes of the sums of a convolution.

    Attributes:
        residual: Map that is added.
        bias: Vector that is added instead of the filter's own bias.
        low: Smallest result: 0 for a ReLU.
        high: Largest result: 6 for a ReLU6.
    """

    residual: BufferIndex | None = None
    bias: VectorIndex | None = None
    low: float = 0.0
    high: float = INFINITY


@dataclass(frozen=True)
class PlannedConvolution:
    """A convolution in the tables, and the operation that runs it."""

    index: ConvolutionIndex
    operation: OperationIndex


class Division(NamedTuple):
    """How a convolution is divided into tasks.

    Attributes:
        extent: Pixels of a plane; for tiles along the map, the vectors that cover it.
        chunk: How much of the extent one task takes.
        task_rows: Most output channels of a task.
        blocks: Blocks of output channels, each a task's.
    """

    extent: int
    chunk: int
    task_rows: int
    blocks: int

    @property
    def chunks(self) -> int:
        """Number of chunks that cover the extent."""
        return -(-self.extent // self.chunk)


class ConvolutionBuilder(MapBuilder):
    """Adds convolutions of all channels, or of those that every step chooses, to a program.

    Args:
        tiles: Shapes of the convolutions' tiles.
    """

    def __init__(self, tiles: TileShapes) -> None:
        super().__init__()
        self._tiles = tiles

    def taps(self, layer: Filter, buffer: BufferIndex) -> tuple[ListOffset, int]:
        """Store the shifts of a filter's taps over a buffer's planes; return where and how many."""
        shifts = self._shifts(layer, buffer)
        return self.lists.store(shifts), shifts.size

    def _shifts(self, layer: Filter, buffer: BufferIndex) -> NDArray[np.int64]:
        """Return the shift of every tap of a filter over a buffer's planes."""
        planes = self.buffers[buffer]
        steps = np.arange(layer.weight.shape[-1]) - layer.padding
        down, right = steps[:, None], steps[None, :]
        phase = down % layer.stride * 2 + right % layer.stride
        in_phase = down // layer.stride * planes.pitch + right // layer.stride
        return np.asarray((phase * planes.phase_size + in_phase).reshape(-1), np.int64)

    def pack(self, output: BufferIndex) -> int:
        """Return how many weights lie side by side for a convolution of all channels of a buffer.

        They are the output channels of a tile.
        """
        if self.lies_across(output):
            return CHANNEL_BLOCK
        return self._tiles.rows(self.vectors_of(output))

    def lies_across(self, output: BufferIndex) -> bool:
        """Return whether tiles of all channels of a buffer lie across channels."""
        return self.buffers[output].channels % CHANNEL_BLOCK == 0

    def packed(self, layer: Filter, pack: int) -> tuple[WeightOffset, ListOffset]:
        """Store weights so that those of `pack` rows, a tile, lie side by side.

        Returns:
            Where the weights begin, and where in the lists each row's begin.
        """
        rows = layer.weight.shape[0]
        flat = layer.weight.reshape(rows, -1)
        padded = np.zeros((round_up(rows, pack), flat.shape[1]), np.float32)
        padded[:rows] = flat
        blocks = padded.reshape(-1, pack, flat.shape[1]).transpose(0, 2, 1)
        row = np.arange(rows)
        begins = row // pack * flat.shape[1] * pack + row % pack
        return self.weights.store(np.ascontiguousarray(blocks)), self.lists.store(begins)

    def input_terms(
        self, layer: Filter, source: BufferIndex, *, pack: int = 1, fold: int = 0
    ) -> Terms:
        """Store the terms of all channels of a buffer, for every turn of its slots.

        Args:
            layer: The convolution that reads it.
            source: The buffer.
            pack: Values between neighboring weights of a row.
            fold: Channels that arrive from the previous step (the one-way time shift).
        """
        planes = self.buffers[source]
        shifts = self._shifts(layer, source)
        channels = np.arange(layer.weight.shape[1])
        count = channels.size * shifts.size
        turns = np.arange(planes.slots)[:, None] - (channels < fold)[None, :]
        slots = planes.offset + turns % planes.slots * planes.slot_size
        begins = slots + channels * planes.channel_size + planes.origin
        terms = np.empty((planes.slots, count, TERM_FIELDS), np.int64)
        terms[..., 0] = (begins[..., None] + shifts).reshape(planes.slots, count)
        terms[..., 1] = np.arange(count) * pack
        return Terms(self.lists.store(terms), count, planes.slots, TERM_FIELDS * count)

    def own_terms(self, most: int, count: int = 0) -> Terms:
        """Make room for at most `most` terms, which every step writes; `count` of them at first."""
        return Terms(self.lists.reserve(TERM_FIELDS * most), count)

    def group(
        self,
        rows: ListOffset,
        weight_rows: ListOffset,
        count: int,
        terms: Terms,
        *,
        lag: int = 0,
        aligned: bool = False,
    ) -> GroupIndex:
        """Add a group of output channels: see `records.Group`."""
        return self.groups.add(
            Group(
                rows=rows,
                weight_rows=weight_rows,
                count=count,
                terms=terms.offset,
                term_count=terms.count,
                term_sets=terms.sets,
                term_stride=terms.stride,
                lag=lag,
                aligned=aligned,
            )
        )

    def chosen_group(self, most_rows: int, lag: int, terms: Terms) -> GroupIndex:
        """Add a group of at most `most_rows` output channels, which every step chooses."""
        rows, weight_rows = self.lists.reserve(most_rows), self.lists.reserve(most_rows)
        return self.group(rows, weight_rows, 0, terms, lag=lag)

    def dense_group(
        self, layer: Filter, output: BufferIndex, terms: Terms
    ) -> tuple[GroupIndex, WeightOffset]:
        """Add a group of all output channels; return it and where its packed weights are."""
        rows = layer.weight.shape[0]
        weights, weight_rows = self.packed(layer, self.pack(output))
        listed = self.lists.store(np.arange(rows))
        return self.group(listed, weight_rows, rows, terms, aligned=True), weights

    def convolution(
        self,
        layer: Filter,
        groups: Sequence[GroupIndex],
        weights: WeightOffset,
        output: BufferIndex,
        epilogue: Epilogue,
        *,
        depthwise: bool = False,
    ) -> PlannedConvolution:
        """Add a convolution of some groups, which lie one after the other, and its operation."""
        dense = all(self.groups[group].aligned for group in groups)
        across = dense and self.lies_across(output)
        division = self._division(layer, groups, output, across=across, depthwise=depthwise)
        index = self.convolutions.add(
            Convolution(
                first_group=groups[0],
                groups=len(groups),
                output=output,
                residual=epilogue.residual,
                weights=weights,
                bias=self.weights.store(layer.bias),
                bias_vector=epilogue.bias,
                mask=self.mask(output),
                positions=self.positions(output) if across else None,
                extent=division.extent,
                chunk=division.chunk,
                chunks=division.chunks,
                task_rows=division.task_rows,
                means=None,
                splitting=None,
                depthwise=depthwise,
                low=epilogue.low,
                high=epilogue.high,
            )
        )
        whole_planes = dense and division.chunks == 1 and not depthwise
        self.written_by(output, index if whole_planes else None)
        tasks = division.blocks * division.chunks
        return PlannedConvolution(index, self.operation(Kind.CONVOLVE, index, tasks))

    def _division(
        self,
        layer: Filter,
        groups: Sequence[GroupIndex],
        output: BufferIndex,
        *,
        across: bool,
        depthwise: bool,
    ) -> Division:
        """Divide a convolution into tasks whose inputs stay in the cache, and into enough tasks."""
        if across:
            extent = self.pixels_of(output)
            unit, values, task_rows = UNIT.most_rows, 1, CHANNEL_BLOCK
        else:
            extent, values = self.vectors_of(output), UNIT.lanes
            tile_rows = 1 if depthwise else self._tiles.rows(extent)
            unit = UNIT.accumulators // tile_rows
            task_rows = max(1, DEPTHWISE_VECTORS // extent) if depthwise else tile_rows
        chunks = max(1, round(extent * values * layer.weight.shape[1] / CACHE_VALUES))
        blocks = sum(-(-self.groups[group].count // task_rows) for group in groups)
        wanted = min(-(-CONVOLUTION_TASKS // max(1, blocks)), extent * values // FEWEST_VALUES)
        # Chunks of whole tiles, so that only the last one has a tile that is not full.
        chunk = round_up(-(-extent // max(chunks, wanted)), unit)
        return Division(extent, chunk, task_rows, blocks)

    def dense_convolution(
        self,
        layer: Filter,
        source: BufferIndex,
        output: BufferIndex,
        epilogue: Epilogue,
        *,
        fold: int = 0,
    ) -> PlannedConvolution:
        """Add a convolution of all channels of a buffer.

        Args:
            layer: The convolution.
            source: Map that it reads.
            output: Map that it writes.
            epilogue: What becomes of the sums.
            fold: Input channels that arrive from the previous step.
        """
        terms = self.input_terms(layer, source, pack=self.pack(output), fold=fold)
        group, weights = self.dense_group(layer, output, terms)
        return self.convolution(layer, [group], weights, output, epilogue)
