"""Convolutions over lists of channels: which tile belongs to which task, and where it lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.engines.kernels.addresses import FLOAT_BYTES, INDEX_BYTES, address_of
from models.engines.kernels.compiling import inlined
from models.engines.kernels.host import UNIT
from models.engines.kernels.microkernel import TERM_FIELDS, convolution_tile
from models.engines.kernels.records import NONE, StreamMemory, Tables

LANES = UNIT.lanes
ACCUMULATORS = UNIT.accumulators
MOST_ROWS = UNIT.most_rows


@inlined
def buffer_offset(buffer: Any, turn: int, lag: int) -> Any:
    """Return where the arena holds what a buffer of feature maps got `lag` steps ago."""
    return buffer.offset + ((turn - lag) % buffer.slots) * buffer.slot_size


@inlined
def vector_offset(vector: Any, turn: int, lag: int) -> Any:
    """Return where the arena holds what a vector got `lag` steps ago.

    The same as for a buffer; but Numba would take one record for a kind of the other.
    """
    return vector.offset + ((turn - lag) % vector.slots) * vector.slot_size


@inlined
def group_blocks(group: Any, tile_rows: int) -> Any:
    """Return the number of tiles that the rows of a group need."""
    return (group.count + tile_rows - 1) // tile_rows


@inlined
def convolution_tasks(convolution: Any, groups: Any) -> Any:
    """Return the number of tasks: one for each block of rows and each chunk of the map."""
    blocks = 0
    for number in range(convolution.groups):
        blocks += group_blocks(groups[convolution.first_group + number], convolution.tile_rows)
    return blocks * convolution.chunks


@inlined
def block_rows(group: Any, block: int, blocks: int, tile_rows: int) -> Any:
    """Return the first row of a block and the one after its last.

    Without a need for alignment all blocks are of nearly equal size: 7 rows are 4 and 3, not 6 and
    1, because a tile of few rows is bound by its loads.
    """
    if group.aligned:
        return block * tile_rows, min((block + 1) * tile_rows, group.count)
    return block * group.count // blocks, (block + 1) * group.count // blocks


@inlined
def tile_width(rows: int, left: int) -> Any:
    """Return how many of the vectors that are left a tile takes: see `tile_widths`."""
    width = ACCUMULATORS // rows
    if left >= width:
        return width
    power = 1
    while 2 * power <= left:
        power *= 2
    return power


@inlined
def tile(rows: int, vectors: int, operands: Any) -> None:
    """Compute one tile: the only place where the microkernel is compiled in."""
    convolution_tile(LANES, ACCUMULATORS, MOST_ROWS, rows, vectors, operands)


@inlined
def convolve(tables: Tables, memory: StreamMemory, number: int, task: int, turn: int) -> None:
    """Do one task of a convolution: one block of rows over one chunk of the map."""
    convolution = tables.convolutions[number]
    tile_rows = convolution.tile_rows
    in_chunk = convolution_tasks(convolution, memory.groups) // convolution.chunks
    chunk, block = task // in_chunk, task % in_chunk
    place = convolution.first_group
    if convolution.depthwise:
        place, block = place + block, 0
    while block >= group_blocks(memory.groups[place], tile_rows):
        block -= group_blocks(memory.groups[place], tile_rows)
        place += 1
    group = memory.groups[place]
    begin, end = block_rows(group, block, group_blocks(group, tile_rows), tile_rows)

    arena = address_of(memory.arena)
    lists = address_of(memory.lists)
    weights = address_of(tables.weights)
    output = tables.buffers[convolution.output]
    terms = group.terms + ((turn - group.lag) % group.term_sets) * group.term_stride
    target = buffer_offset(output, turn, group.lag) + output.origin
    residual, residual_stride = np.int64(0), np.int64(0)
    if convolution.residual != NONE:
        buffer = tables.buffers[convolution.residual]
        residual = arena + FLOAT_BYTES * (buffer_offset(buffer, turn, 0) + buffer.origin)
        residual_stride = buffer.channel_size

    last = min((chunk + 1) * convolution.chunk, convolution.vectors)
    first = chunk * convolution.chunk
    while first < last:
        width = tile_width(end - begin, last - first)
        tiles = (last - first) // width
        ahead = first * LANES
        tile(
            end - begin,
            width,
            (
                tiles,
                arena + FLOAT_BYTES * ahead,
                lists + INDEX_BYTES * terms,
                group.term_count,
                weights + FLOAT_BYTES * convolution.weights,
                lists + INDEX_BYTES * (group.weight_rows + begin),
                weights + FLOAT_BYTES * convolution.bias,
                lists + INDEX_BYTES * (group.rows + begin),
                arena + FLOAT_BYTES * (target + ahead),
                output.channel_size,
                residual + FLOAT_BYTES * ahead if residual != 0 else np.int64(0),
                residual_stride,
                arena + FLOAT_BYTES * (convolution.mask + ahead),
                convolution.low,
                convolution.high,
            ),
        )
        first += tiles * width


@inlined
def write_terms(
    lists: Any, place: int, source: int, taps: int, tap_count: int, weight: int, pack: int
) -> Any:
    """Write the terms of one input channel.

    Args:
        lists: Of the stream.
        place: Where in `lists` the next term goes.
        source: Offset of the channel's first pixel.
        taps: Where in `lists` the shifts of the taps are.
        tap_count: How many.
        weight: Number of the channel's first weight in a row.
        pack: Values between neighbouring weights of a row.

    Returns:
        Where the next term goes.
    """
    for tap in range(tap_count):
        lists[place] = source + lists[taps + tap]
        lists[place + 1] = (weight + tap) * pack
        place += TERM_FIELDS
    return place
