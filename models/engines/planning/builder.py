"""Builds a program: buffers, weights in the kernels' order, and operations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.kernels.host import UNIT
from models.engines.kernels.layers import STRIP
from models.engines.kernels.microkernel import TERM_FIELDS
from models.engines.kernels.records import NONE, Kind
from models.engines.kernels.reductions import CHAINS
from models.engines.planning.memory import ALIGNMENT
from models.engines.planning.shapes import Filter, MapShape, TileShapes
from models.engines.planning.tables import TableBuilder, round_up

BLOCK = CHAINS * UNIT.lanes
"""Values that a sum takes at once; what is summed is padded with zeros to a multiple."""

CACHE_VALUES = 48 * 1024
"""Input values of one task of a convolution: what stays in a core's second cache."""

FEWEST_TASKS = 16
"""Tasks into which an operation is divided where its size allows."""

CONVOLUTION_TASKS = 2 * FEWEST_TASKS
"""Of a convolution: it has more to divide, and its rows may turn out to be few."""

INFINITY = float("inf")


class ProgramBuilder(TableBuilder):
    """Adds buffers, convolutions, layers and all other operations to a program.

    Args:
        tiles: Shapes of the convolutions' tiles.
    """

    def __init__(self, tiles: TileShapes) -> None:
        super().__init__()
        self._tiles = tiles

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

    def taps(self, layer: Filter, buffer: int) -> tuple[int, int]:
        """Store the shifts of a filter's taps over a buffer's planes; return where and how many."""
        shifts = self._shifts(layer, buffer)
        return self.lists(shifts), shifts.size

    def _shifts(self, layer: Filter, buffer: int) -> NDArray[np.int64]:
        """Return the shift of every tap of a filter over a buffer's planes."""
        pitch, phase_size = (self.get("buffers", buffer, n) for n in ("pitch", "phase_size"))
        steps = np.arange(layer.weight.shape[-1]) - layer.padding
        down, right = steps[:, None], steps[None, :]
        phase = down % layer.stride * 2 + right % layer.stride
        shifts = phase * phase_size + down // layer.stride * pitch + right // layer.stride
        return np.asarray(shifts.reshape(-1), np.int64)

    def tile_rows(self, output: int) -> int:
        """Return the most output channels of a tile of a convolution into a buffer."""
        return self._tiles.rows(self._vectors(output))

    def _vectors(self, buffer: int) -> int:
        """Return the number of vectors that cover a plane of a buffer."""
        height, pitch = (self.get("buffers", buffer, name) for name in ("height", "pitch"))
        return -(-height * pitch // UNIT.lanes)

    def packed(self, layer: Filter, pack: int) -> tuple[int, int]:
        """Store weights so that those of `pack` rows, a tile, lie side by side.

        Returns:
            Where the weights begin, and where in the lists each row's begin.
        """
        rows = layer.weight.shape[0]
        flat = layer.weight.reshape(rows, -1)
        padded = np.zeros((round_up(rows, pack), flat.shape[1]), np.float32)
        padded[:rows] = flat
        blocks = padded.reshape(-1, pack, flat.shape[1]).transpose(0, 2, 1)
        numbers = np.arange(rows)
        begins = numbers // pack * flat.shape[1] * pack + numbers % pack
        return self.weights(np.ascontiguousarray(blocks)), self.lists(begins)

    def input_terms(
        self, layer: Filter, source: int, *, pack: int = 1, fold: int = 0
    ) -> dict[str, int]:
        """Store the terms of all channels of a buffer, for every turn of its slots.

        Args:
            layer: The convolution that reads it.
            source: The buffer.
            pack: Values between neighbouring weights of a row.
            fold: Channels that arrive from the previous step (the one-way time shift).

        Returns:
            The fields of a group that reads them.
        """
        names = ("offset", "slots", "slot_size", "channel_size", "origin")
        offset, slots, slot_size, size, origin = (
            self.get("buffers", source, name) for name in names
        )
        shifts = self._shifts(layer, source)
        channels = np.arange(layer.weight.shape[1])
        count = channels.size * shifts.size
        turns = np.arange(slots)[:, None] - (channels < fold)[None, :]
        begins = offset + turns % slots * slot_size + channels * size + origin
        terms = np.empty((slots, count, TERM_FIELDS), np.int64)
        terms[..., 0] = (begins[..., None] + shifts).reshape(slots, count)
        terms[..., 1] = np.arange(count) * pack
        place = self.lists(terms.reshape(-1))
        return {
            "terms": place,
            "term_count": count,
            "term_sets": slots,
            "term_stride": TERM_FIELDS * count,
        }

    def own_terms(self, count: int) -> dict[str, int]:
        """Make room for at most so many terms, which every step writes."""
        place = self.reserve("lists", TERM_FIELDS * count)
        return {"terms": place, "term_count": 0, "term_sets": 1, "term_stride": 0}

    def chosen_group(self, rows: int, lag: int, terms: dict[str, int]) -> int:
        """Add a group of up to so many output channels, which every step chooses."""
        return self.add(
            "groups",
            rows=self.reserve("lists", rows),
            weight_rows=self.reserve("lists", rows),
            count=0,
            lag=lag,
            aligned=0,
            **terms,
        )

    def dense_group(self, layer: Filter, output: int, terms: dict[str, int]) -> tuple[int, int]:
        """Add a group of all output channels; return it and where its packed weights are."""
        rows = layer.weight.shape[0]
        weights, weight_rows = self.packed(layer, self.tile_rows(output))
        group = self.add(
            "groups",
            rows=self.lists(np.arange(rows)),
            weight_rows=weight_rows,
            count=rows,
            lag=0,
            aligned=1,
            **terms,
        )
        return group, weights

    def convolution(
        self,
        layer: Filter,
        groups: list[int],
        weights: int,
        output: int,
        *,
        residual: int = NONE,
        low: float = 0.0,
        high: float = INFINITY,
        depthwise: bool = False,
    ) -> tuple[int, int]:
        """Add a convolution and its operation; return the index of each."""
        vectors, tile_rows = self._vectors(output), self.tile_rows(output)
        chunks = max(1, round(vectors * UNIT.lanes * layer.weight.shape[1] / CACHE_VALUES))
        blocks = sum(-(-self.get("groups", g, "count") // tile_rows) for g in groups)
        chunks = max(chunks, min(-(-CONVOLUTION_TASKS // max(1, blocks)), vectors // 24))
        # Chunks of whole tiles, so that only the last one has a tile that is not full.
        chunk = round_up(-(-vectors // chunks), UNIT.accumulators // tile_rows)
        chunks = -(-vectors // chunk)
        index = self.add(
            "convolutions",
            first_group=groups[0],
            groups=len(groups),
            output=output,
            residual=residual,
            weights=weights,
            bias=self.weights(layer.bias),
            mask=self.mask(output),
            vectors=vectors,
            chunk=chunk,
            chunks=chunks,
            tile_rows=tile_rows,
            depthwise=depthwise,
            low=low,
            high=high,
        )
        return index, self.operation(Kind.CONVOLVE, index, blocks * chunks)

    def dense_convolution(
        self, layer: Filter, source: int, output: int, *, fold: int = 0, **how: Any
    ) -> int:
        """Add a convolution of all channels of a buffer and return its index."""
        terms = self.input_terms(layer, source, pack=self.tile_rows(output), fold=fold)
        group, weights = self.dense_group(layer, output, terms)
        return self.convolution(layer, [group], weights, output, **how)[0]

    def depthwise_convolution(self, layer: Filter, source: int, output: int, **how: Any) -> int:
        """Add a convolution in which every channel reads itself alone; return its index."""
        channels, tap_count = layer.weight.shape[0], layer.weight[0].size
        wide = Filter(
            np.broadcast_to(layer.weight, (channels, channels, *layer.weight.shape[2:])),
            layer.bias,
            layer.stride,
            layer.padding,
        )
        terms = self.input_terms(wide, source)
        weights = self.weights(layer.weight)
        groups = []
        for channel in range(channels):
            # All weights are one row; a channel's terms are its own part of the list.
            mine = {
                "terms": terms["terms"] + TERM_FIELDS * channel * tap_count,
                "term_count": tap_count,
            }
            rows, weight_rows = self.lists([channel]), self.lists([0])
            groups.append(
                self.add(
                    "groups",
                    rows=rows,
                    weight_rows=weight_rows,
                    count=1,
                    lag=0,
                    aligned=0,
                    **(terms | mine),
                )
            )
        return self.convolution(layer, groups, weights, output, depthwise=True, **how)[0]

    def split(self, source: int, output: int, channels: int, **sources: int) -> int:
        """Add the splitting of a buffer into phases, and its operation; return its position."""
        per_task = max(1, channels // FEWEST_TASKS)
        fields = {"sources": NONE, "count": NONE, **sources}
        index = self.add(
            "splittings",
            input=source,
            output=output,
            channels=channels,
            per_task=per_task,
            **fields,
        )
        return self.operation(Kind.SPLIT, index, -(-channels // per_task))

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
        self.operation(Kind.MEAN, index, -(-channels // per_task))

    def linear(
        self,
        weight: NDArray[Any],
        scale: NDArray[np.float32],
        bias: NDArray[np.float32],
        source: int,
        output: int,
        *,
        previous: bool = False,
        low: float = -INFINITY,
    ) -> None:
        """Add a fully connected layer.

        Args:
            weight: Of shape (rows, inputs), in half or single precision, which is kept.
            scale: Multiplies each sum, of shape (rows,).
            bias: Is added then, of shape (rows,).
            source: Vector that is multiplied.
            output: Vector of the results.
            previous: The first half of the inputs is the vector of the previous step.
            low: Smallest result: 0 for a ReLU.
        """
        rows, columns = weight.shape
        strips = -(-rows // STRIP)
        padded = np.zeros((strips * STRIP, columns), weight.dtype)
        padded[:rows] = weight
        by_columns = padded.reshape(strips, STRIP, columns).transpose(0, 2, 1)
        half = weight.dtype == np.float16 and UNIT.converts_half
        ordered = np.ascontiguousarray(by_columns)
        index = self.add(
            "linears",
            input=source,
            previous=previous,
            output=output,
            rows=rows,
            weights=self.halves(ordered) if half else self.weights(ordered.astype(np.float32)),
            columns=columns,
            half=half,
            scale=self.weights(scale),
            bias=self.weights(bias),
            low=low,
        )
        self.operation(Kind.LINEAR, index, strips)
