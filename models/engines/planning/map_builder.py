"""Makes room for feature maps and adds what happens to them besides convolutions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.engines.kernels.host import UNIT
from models.engines.kernels.layers import STRIP
from models.engines.kernels.records import (
    ArenaOffset,
    Buffer,
    BufferIndex,
    ConvolutionIndex,
    ListOffset,
    Means,
    OperationIndex,
    Pooling,
    Splitting,
    SplittingIndex,
    Vector,
    VectorIndex,
)
from models.engines.kernels.reductions import CHAINS
from models.engines.kernels.tables import Kind
from models.engines.planning.memory import ALIGNMENT
from models.engines.planning.shapes import MapShape
from models.engines.planning.table_builder import TableBuilder, round_up

BLOCK = CHAINS * UNIT.lanes
"""Values that a sum takes at once; what is summed is padded with zeros to a multiple."""

FEWEST_TASKS = 16
"""Tasks into which an operation is divided where its size allows."""


class MapBuilder(TableBuilder):
    """Adds buffers, vectors, splittings, poolings and means to a program."""

    def __init__(self) -> None:
        super().__init__()
        self._positions: dict[tuple[int, ...], ListOffset] = {}
        self._writers: dict[BufferIndex, ConvolutionIndex] = {}

    def buffer(self, shape: MapShape, gap: int, *, slots: int = 1, phases: int = 1) -> BufferIndex:
        """Make room for a feature map.

        Args:
            shape: Size of one plane, so of a phase where there are four.
            gap: Zeros between its lines, and lines of zeros above and below.
            slots: Steps that are remembered.
            phases: 4 for planes of every second pixel.
        """
        pitch = shape.width + gap
        origin = round_up(gap * (pitch + 1), ALIGNMENT)
        phase_size = origin + round_up(shape.height * pitch, max(BLOCK, ALIGNMENT))
        channel_size = phases * phase_size
        slot_size = shape.channels * channel_size + origin + BLOCK
        slot_size = round_up(slot_size, ALIGNMENT)
        return self.buffers.add(
            Buffer(
                offset=self.arena.reserve(slots * slot_size),
                slots=slots,
                slot_size=slot_size,
                channels=shape.channels,
                channel_size=channel_size,
                origin=origin,
                pitch=pitch,
                height=shape.height,
                width=shape.width,
                phases=phases,
                phase_size=phase_size,
            )
        )

    def vector(self, size: int, *, slots: int = 1) -> VectorIndex:
        """Make room for a vector, up to whole strips of a layer."""
        slot_size = round_up(size, max(STRIP, ALIGNMENT))
        return self.vectors.add(Vector(self.arena.reserve(slots * slot_size), slots, slot_size))

    def mask(self, buffer: BufferIndex) -> ArenaOffset:
        """Return where the arena holds the mask of a buffer's planes."""
        planes = self.buffers[buffer]
        height, width, pitch = key = (planes.height, planes.width, planes.pitch)
        if key not in self._masks:
            bits = np.zeros(round_up(height * pitch, max(BLOCK, ALIGNMENT)), np.uint32)
            bits[: height * pitch].reshape(height, pitch)[:, :width] = 0xFFFFFFFF
            self._masks[key] = (self.arena.reserve(bits.size), bits.view(np.float32))
        return self._masks[key][0]

    def positions(self, buffer: BufferIndex) -> ListOffset:
        """Return where the lists hold the positions of a map's pixels in its plane."""
        planes = self.buffers[buffer]
        height, width, pitch = key = (planes.height, planes.width, planes.pitch)
        if key not in self._positions:
            lines = np.arange(height)[:, None] * pitch
            self._positions[key] = self.lists.store(lines + np.arange(width))
        return self._positions[key]

    def shape_of(self, buffer: BufferIndex) -> MapShape:
        """Return the size of a buffer's map, of one phase where there are four."""
        planes = self.buffers[buffer]
        return MapShape(planes.channels, planes.height, planes.width)

    def vectors_of(self, buffer: BufferIndex) -> int:
        """Return how many vectors cover a plane of a buffer."""
        planes = self.buffers[buffer]
        return -(-planes.height * planes.pitch // UNIT.lanes)

    def pixels_of(self, buffer: BufferIndex) -> int:
        """Return how many pixels a plane of a buffer has."""
        return self.buffers[buffer].height * self.buffers[buffer].width

    def split(self, source: BufferIndex, output: BufferIndex) -> None:
        """Split all channels of a buffer into phases, where possible when they are written."""
        channels = self.buffers[source].channels
        per_task = _channels_per_task(channels)
        index = self.splittings.add(Splitting(source, output, None, None, channels, per_task))
        writer = self._writers.get(source)
        if writer is not None and self.convolutions[writer].splitting is None:
            self.convolutions[writer] = replace(self.convolutions[writer], splitting=index)
        else:
            self.operation(Kind.SPLIT, index, -(-channels // per_task))

    def chosen_split(
        self, source: BufferIndex, output: BufferIndex
    ) -> tuple[SplittingIndex, OperationIndex]:
        """Add the splitting of channels that every step lists anew; return it and its operation."""
        channels = self.buffers[source].channels
        index = self.splittings.add(
            Splitting(
                input=source,
                output=output,
                sources=self.lists.reserve(channels),
                count=self.lists.reserve(1),
                channels=channels,
                per_task=_channels_per_task(channels),
            )
        )
        return index, self.operation(Kind.SPLIT, index, 0)

    def written_by(self, buffer: BufferIndex, convolution: ConvolutionIndex | None) -> None:
        """Remember the convolution whose tasks write whole planes of a buffer, if there is one.

        Its tasks can split the planes and take their means while they are still in the cache.
        """
        if convolution is None:
            self._writers.pop(buffer, None)
        else:
            self._writers[buffer] = convolution

    def max_pool(self, source: BufferIndex, output: BufferIndex) -> None:
        """Add a pooling of 3 by 3 values with a stride of two."""
        channels = self.buffers[source].channels
        per_task = _channels_per_task(channels)
        index = self.poolings.add(Pooling(source, output, per_task))
        self.operation(Kind.MAX_POOL, index, -(-channels // per_task))

    def mean(self, source: BufferIndex, output: VectorIndex, *, fold: int = 0) -> None:
        """Add the means of a buffer's planes, where possible taken when they are written.

        Args:
            source: Map.
            output: Vector of the means.
            fold: Channels whose mean counts for the next step.
        """
        planes = self.buffers[source]
        per_task = _channels_per_task(planes.channels)
        index = self.means.add(
            Means(
                input=source,
                output=output,
                fold=fold,
                blocks=-(-planes.height * planes.pitch // BLOCK),
                per_task=per_task,
                scale=1.0 / (planes.height * planes.width),
            )
        )
        writer = self._writers.get(source)
        if writer is not None and self.convolutions[writer].means is None:
            self.convolutions[writer] = replace(self.convolutions[writer], means=index)
        else:
            self.operation(Kind.MEAN, index, -(-planes.channels // per_task))


def _channels_per_task(channels: int) -> int:
    return max(1, channels // FEWEST_TASKS)
