"""Makes room for feature maps and adds what happens to them besides convolutions."""

from __future__ import annotations

import numpy as np

from models.engines.kernels.host import UNIT
from models.engines.kernels.layers import STRIP
from models.engines.kernels.records import NONE, Kind
from models.engines.kernels.reductions import CHAINS
from models.engines.planning.memory import ALIGNMENT
from models.engines.planning.shapes import MapShape
from models.engines.planning.tables import TableBuilder, round_up

BLOCK = CHAINS * UNIT.lanes
"""Values that a sum takes at once; what is summed is padded with zeros to a multiple."""

FEWEST_TASKS = 16
"""Tasks into which an operation is divided where its size allows."""


class MapBuilder(TableBuilder):
    """Adds buffers, vectors, splittings, poolings and means to a program."""

    def __init__(self) -> None:
        super().__init__()
        self._positions: dict[tuple[int, ...], int] = {}
        self._writers: dict[int, int] = {}

    def buffer(self, shape: MapShape, gap: int, *, slots: int = 1, phases: int = 1) -> int:
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
        return self.add(
            "buffers",
            offset=self.reserve("arena", slots * slot_size),
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

    def vector(self, size: int, *, slots: int = 1) -> int:
        """Make room for a vector, up to whole strips of a layer."""
        slot_size = round_up(size, max(STRIP, ALIGNMENT))
        offset = self.reserve("arena", slots * slot_size)
        return self.add("vectors", offset=offset, slots=slots, slot_size=slot_size)

    def mask(self, buffer: int) -> int:
        """Return where the arena holds the mask of a buffer's planes."""
        height, width, pitch = (
            self.get("buffers", buffer, n) for n in ("height", "width", "pitch")
        )
        key = (height, width, pitch)
        if key not in self._masks:
            bits = np.zeros(round_up(height * pitch, max(BLOCK, ALIGNMENT)), np.uint32)
            bits[: height * pitch].reshape(height, pitch)[:, :width] = 0xFFFFFFFF
            self._masks[key] = (self.reserve("arena", bits.size), bits.view(np.float32))
        return self._masks[key][0]

    def positions(self, buffer: int) -> int:
        """Return where the lists hold the positions of a map's pixels in its plane."""
        height, width, pitch = (
            self.get("buffers", buffer, n) for n in ("height", "width", "pitch")
        )
        key = (height, width, pitch)
        if key not in self._positions:
            lines = np.arange(height)[:, None] * pitch
            self._positions[key] = self.lists((lines + np.arange(width)).reshape(-1))
        return self._positions[key]

    def vectors_of(self, buffer: int) -> int:
        """Return the number of vectors that cover a plane of a buffer."""
        height, pitch = (self.get("buffers", buffer, name) for name in ("height", "pitch"))
        return -(-height * pitch // UNIT.lanes)

    def pixels_of(self, buffer: int) -> int:
        """Return the number of pixels of a plane of a buffer."""
        return self.get("buffers", buffer, "height") * self.get("buffers", buffer, "width")

    def split(self, source: int, output: int, channels: int) -> None:
        """Split all channels of a buffer into phases, where possible when they are written."""
        per_task = max(1, channels // FEWEST_TASKS)
        index = self._splitting(source, output, channels, per_task)
        if not self._with_writer(source, splitting=index):
            self.operation(Kind.SPLIT, index, -(-channels // per_task))

    def chosen_split(self, source: int, output: int, channels: int) -> tuple[int, int]:
        """Add the splitting of channels that every step lists anew; return it and its operation."""
        sources, count = self.reserve("lists", channels), self.reserve("lists", 1)
        per_task = max(1, channels // FEWEST_TASKS)
        index = self._splitting(source, output, channels, per_task, sources=sources, count=count)
        return index, self.operation(Kind.SPLIT, index, 0)

    def written_by(self, buffer: int, convolution: int) -> None:
        """Remember which convolution writes a buffer's planes as a whole; NONE if none does."""
        self._writers[buffer] = convolution

    def _splitting(
        self, source: int, output: int, channels: int, per_task: int, **sources: int
    ) -> int:
        fields = {"sources": NONE, "count": NONE, **sources}
        return self.add(
            "splittings",
            input=source,
            output=output,
            channels=channels,
            per_task=per_task,
            **fields,
        )

    def _with_writer(self, buffer: int, **work: int) -> bool:
        """Give work on a buffer's planes to the convolution that writes them, and say if it could.

        It can if each of its tasks writes whole planes.
        """
        writer = self._writers.get(buffer, NONE)
        (field,) = work
        if writer == NONE or self.get("convolutions", writer, field) != NONE:
            return False
        self.change("convolutions", writer, **work)
        return True

    def max_pool(self, source: int, output: int) -> None:
        """Add a pooling of 3 by 3 values with a stride of two."""
        channels = self.get("buffers", source, "channels")
        per_task = max(1, channels // FEWEST_TASKS)
        index = self.add("poolings", input=source, output=output, per_task=per_task)
        self.operation(Kind.MAX_POOL, index, -(-channels // per_task))

    def mean(self, source: int, output: int, *, fold: int = 0) -> None:
        """Add the means of a buffer's planes."""
        names = ("channels", "height", "width", "pitch")
        channels, height, width, pitch = (self.get("buffers", source, name) for name in names)
        per_task = max(1, channels // FEWEST_TASKS)
        index = self.add(
            "means",
            input=source,
            output=output,
            fold=fold,
            blocks=-(-height * pitch // BLOCK),
            per_task=per_task,
            scale=1.0 / (height * width),
        )
        if not self._with_writer(source, means=index):
            self.operation(Kind.MEAN, index, -(-channels // per_task))
