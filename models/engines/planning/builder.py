"""Builds a program: convolutions and layers, with weights in the kernels' order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.kernels.channel_tiles import VECTORS
from models.engines.kernels.host import UNIT
from models.engines.kernels.layers import STRIP
from models.engines.kernels.microkernel import TERM_FIELDS
from models.engines.kernels.records import NONE, Kind
from models.engines.planning.maps import FEWEST_TASKS, MapBuilder
from models.engines.planning.shapes import Filter, TileShapes
from models.engines.planning.tables import round_up

CACHE_VALUES = 48 * 1024
"""Input values of one task of a convolution: what stays in a core's second cache."""

FEWEST_VALUES = 24 * UNIT.lanes
"""Output values of a plane in one task, where it is divided: each task begins anew."""

CONVOLUTION_TASKS = 2 * FEWEST_TASKS
"""Of a convolution: it has more to divide, and its rows may turn out to be few."""

CHANNEL_BLOCK = VECTORS * UNIT.lanes
"""Output channels of a tile across channels."""

DEPTHWISE_VECTORS = 32
"""Vectors of output in one task of a depthwise convolution, whose channels on small maps are each
too little work for a task."""

INFINITY = float("inf")


class ProgramBuilder(MapBuilder):
    """Adds convolutions, layers and all other operations to a program.

    Args:
        tiles: Shapes of the convolutions' tiles.
    """

    def __init__(self, tiles: TileShapes) -> None:
        super().__init__()
        self._tiles = tiles

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

    def pack(self, output: int) -> int:
        """Return how many weights lie side by side for a convolution of all channels of a buffer.

        They are the output channels of a tile.
        """
        if self.lies_across(output):
            return CHANNEL_BLOCK
        return self._tiles.rows(self.vectors_of(output))

    def lies_across(self, output: int) -> bool:
        """Return whether tiles of all channels of a buffer lie across channels."""
        return self.get("buffers", output, "channels") % CHANNEL_BLOCK == 0

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
        weights, weight_rows = self.packed(layer, self.pack(output))
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
        bias_vector: int = NONE,
    ) -> tuple[int, int]:
        """Add a convolution and its operation; return the index of each."""
        dense = all(self.get("groups", group, "aligned") for group in groups)
        across = dense and self.lies_across(output)
        if across:
            extent = self.pixels_of(output)
            unit, values, task_rows = UNIT.most_rows, 1, CHANNEL_BLOCK
        else:
            extent, values = self.vectors_of(output), UNIT.lanes
            tile_rows = 1 if depthwise else self._tiles.rows(extent)
            unit = UNIT.accumulators // tile_rows
            task_rows = max(1, DEPTHWISE_VECTORS // extent) if depthwise else tile_rows
        chunks = max(1, round(extent * values * layer.weight.shape[1] / CACHE_VALUES))
        blocks = sum(-(-self.get("groups", g, "count") // task_rows) for g in groups)
        wanted = min(-(-CONVOLUTION_TASKS // max(1, blocks)), extent * values // FEWEST_VALUES)
        chunks = max(chunks, wanted)
        # Chunks of whole tiles, so that only the last one has a tile that is not full.
        chunk = round_up(-(-extent // chunks), unit)
        chunks = -(-extent // chunk)
        index = self.add(
            "convolutions",
            means=NONE,
            splitting=NONE,
            first_group=groups[0],
            groups=len(groups),
            output=output,
            residual=residual,
            weights=weights,
            bias=self.weights(layer.bias),
            bias_vector=bias_vector,
            mask=self.mask(output),
            positions=self.positions(output) if across else NONE,
            extent=extent,
            chunk=chunk,
            chunks=chunks,
            task_rows=task_rows,
            depthwise=depthwise,
            low=low,
            high=high,
        )
        whole = dense and chunks == 1 and not depthwise
        self.written_by(output, index if whole else NONE)
        return index, self.operation(Kind.CONVOLVE, index, blocks * chunks)

    def dense_convolution(
        self, layer: Filter, source: int, output: int, *, fold: int = 0, **how: Any
    ) -> int:
        """Add a convolution of all channels of a buffer and return its index."""
        terms = self.input_terms(layer, source, pack=self.pack(output), fold=fold)
        group, weights = self.dense_group(layer, output, terms)
        return self.convolution(layer, [group], weights, output, **how)[0]

    def depthwise_convolution(self, layer: Filter, source: int, output: int, **how: Any) -> int:
        """Add a convolution in which every channel reads itself alone; return its index."""
        channels, tap_count = layer.weight.shape[0], layer.weight[0].size
        terms = self.input_terms(_read_by_each(layer), source) | {"term_count": tap_count}
        group = self.add(
            "groups",
            rows=self.lists(np.arange(channels)),
            weight_rows=self.lists(np.zeros(channels)),
            count=channels,
            lag=0,
            aligned=0,
            **terms,
        )
        weights = self.weights(layer.weight)
        return self.convolution(layer, [group], weights, output, depthwise=True, **how)[0]

    def chosen_depthwise(self, layer: Filter, source: int, output: int, high: float) -> int:
        """Add a depthwise convolution of channels that every step chooses.

        Returns:
            The separation that says so; its `constants` are to be set.
        """
        channels, tap_count = layer.weight.shape[0], layer.weight[0].size
        taps, _ = self.taps(layer, source)
        group = self.chosen_group(channels, 0, self.own_terms(channels * tap_count))
        self.change("groups", group, term_count=tap_count)
        convolution, operation = self.convolution(
            layer, [group], self.weights(layer.weight), output, high=high, depthwise=True
        )
        return self.add(
            "separations",
            group=group,
            taps=taps,
            tap_count=tap_count,
            operation=operation,
            convolution=convolution,
            output=output,
            constants=self.vector(channels),
            skipped=self.weights(np.clip(layer.bias, 0, high)),
        )

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


def _read_by_each(layer: Filter) -> Filter:
    """Return a depthwise filter as one that reads all channels, for the list of its inputs."""
    channels, size = layer.weight.shape[0], layer.weight.shape[2:]
    wide = np.broadcast_to(layer.weight, (channels, channels, *size))
    return Filter(wide, layer.bias, layer.stride, layer.padding)
