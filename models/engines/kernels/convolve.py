"""Convolutions over lists of channels: which tiles a task computes, and where they lie."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.engines.kernels.addresses import (
    FLOAT_BYTES,
    INDEX_BYTES,
    address_of,
    buffer_offset,
    vector_offset,
)
from models.engines.kernels.channel_tiles import channel_tile
from models.engines.kernels.compiling import inlined, pasted
from models.engines.kernels.host import LANES, UNIT
from models.engines.kernels.map_tiles import map_tile
from models.engines.kernels.microkernel import TERM_FIELDS
from models.engines.kernels.planes import mean_channels, split_channels
from models.engines.kernels.tables import NONE, StreamMemory, Tables

ACCUMULATORS = UNIT.accumulators
MOST_ROWS = UNIT.most_rows


@inlined
def group_blocks(group: Any, task_rows: int) -> Any:
    """Return the number of blocks, each a task's, that the rows of a group need."""
    return (group.count + task_rows - 1) // task_rows


@inlined
def convolution_tasks(convolution: Any, groups: Any) -> Any:
    """Return the number of tasks: one for each block of rows and each chunk of the map."""
    blocks = 0
    for index in range(convolution.groups):
        blocks += group_blocks(groups[convolution.first_group + index], convolution.task_rows)
    return blocks * convolution.chunks


@inlined
def block_rows(group: Any, block: int, blocks: int, task_rows: int) -> Any:
    """Return the first row of a block and the one after its last.

    Without a need for alignment all blocks are of nearly equal size: 7 rows are 4 and 3, not 6 and
    1, because a tile of few rows is bound by its loads.
    """
    if group.aligned:
        return block * task_rows, min((block + 1) * task_rows, group.count)
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
def residual_address(tables: Tables, memory: StreamMemory, convolution: Any, turn: int) -> Any:
    """Return the address of the first pixel of the residual's first plane, or 0 for none."""
    if convolution.residual == NONE:
        return np.int64(0)
    buffer = tables.buffers[convolution.residual]
    first = buffer_offset(buffer, turn, 0) + buffer.origin
    return address_of(memory.arena) + FLOAT_BYTES * first


@inlined
def bias_address(tables: Tables, memory: StreamMemory, convolution: Any, turn: int) -> Any:
    """Return the address of the first channel's bias."""
    if convolution.bias_vector == NONE:
        return address_of(tables.weights) + FLOAT_BYTES * convolution.bias
    vector = tables.vectors[convolution.bias_vector]
    return address_of(memory.arena) + FLOAT_BYTES * vector_offset(vector, turn, 0)


@pasted
def convolve_along(
    tables: Tables,
    memory: StreamMemory,
    convolution: Any,
    group: Any,
    begin: int,
    end: int,
    first: int,
    last: int,
    turn: int,
) -> None:
    """Compute rows `begin` to `end` of a group over vectors `first` to `last` of the map.

    Rows that have terms of their own, those of a depthwise convolution, are tiles of one row.
    """
    arena = address_of(memory.arena)
    lists = address_of(memory.lists)
    weights = address_of(tables.weights)
    output = tables.buffers[convolution.output]
    terms = group.terms + ((turn - group.lag) % group.term_sets) * group.term_stride
    own_terms = 0
    rows = end - begin
    if convolution.depthwise:
        own_terms = TERM_FIELDS * group.term_count
        rows = 1
    target = buffer_offset(output, turn, group.lag) + output.origin
    residual = residual_address(tables, memory, convolution, turn)
    residual_stride = tables.buffers[max(convolution.residual, 0)].channel_size
    bias = bias_address(tables, memory, convolution, turn)
    row = begin
    while row < end:
        reached = first
        while reached < last:
            width = tile_width(rows, last - reached)
            tiles = (last - reached) // width
            ahead = reached * LANES
            map_tile(
                LANES,
                ACCUMULATORS,
                MOST_ROWS,
                rows,
                width,
                (
                    tiles,
                    arena + FLOAT_BYTES * ahead,
                    lists + INDEX_BYTES * (terms + own_terms * row),
                    group.term_count,
                    weights + FLOAT_BYTES * convolution.weights,
                    lists + INDEX_BYTES * (group.weight_rows + row),
                    bias,
                    lists + INDEX_BYTES * (group.rows + row),
                    arena + FLOAT_BYTES * (target + ahead),
                    output.channel_size,
                    residual + FLOAT_BYTES * ahead if residual != 0 else np.int64(0),
                    residual_stride,
                    arena + FLOAT_BYTES * (convolution.mask + ahead),
                    convolution.low,
                    convolution.high,
                ),
            )
            reached += tiles * width
        row += rows


@pasted
def convolve_across(
    tables: Tables,
    memory: StreamMemory,
    convolution: Any,
    group: Any,
    begin: int,
    first: int,
    last: int,
    turn: int,
) -> None:
    """Compute a block of channels, from `begin`, of a group at pixels `first` to `last`.

    All tiles have the same number of pixels or one more: a tile of few is bound by its loads.
    """
    output = tables.buffers[convolution.output]
    arena = address_of(memory.arena)
    lists = address_of(memory.lists)
    weights = address_of(tables.weights)
    terms = group.terms + ((turn - group.lag) % group.term_sets) * group.term_stride
    target = buffer_offset(output, turn, group.lag) + output.origin
    residual = residual_address(tables, memory, convolution, turn)
    residual_stride = tables.buffers[max(convolution.residual, 0)].channel_size
    if residual != 0:
        residual += FLOAT_BYTES * begin * residual_stride
    tiles = (last - first + MOST_ROWS - 1) // MOST_ROWS
    pixels = (last - first) // tiles
    wider = last - first - pixels * tiles
    for more in range(2):
        count = wider if more == 1 else tiles - wider
        if count == 0:
            continue
        channel_tile(
            LANES,
            MOST_ROWS,
            pixels + more,
            (
                count,
                lists + INDEX_BYTES * (convolution.positions + first),
                arena,
                lists + INDEX_BYTES * terms,
                group.term_count,
                weights
                + FLOAT_BYTES * (convolution.weights + memory.lists[group.weight_rows + begin]),
                bias_address(tables, memory, convolution, turn) + FLOAT_BYTES * begin,
                arena + FLOAT_BYTES * (target + begin * output.channel_size),
                output.channel_size,
                residual,
                residual_stride,
                convolution.low,
                convolution.high,
            ),
        )
        first += count * (pixels + more)


@pasted
def convolve(tables: Tables, memory: StreamMemory, index: int, task: int, turn: int) -> None:
    """Do one task of a convolution: one block of rows over one chunk of the map."""
    convolution = tables.convolutions[index]
    task_rows = convolution.task_rows
    in_chunk = convolution_tasks(convolution, memory.groups) // convolution.chunks
    chunk, block = task // in_chunk, task % in_chunk
    group_index = convolution.first_group
    while block >= group_blocks(memory.groups[group_index], task_rows):
        block -= group_blocks(memory.groups[group_index], task_rows)
        group_index += 1
    group = memory.groups[group_index]
    begin, end = block_rows(group, block, group_blocks(group, task_rows), task_rows)
    first = chunk * convolution.chunk
    last = min(first + convolution.chunk, convolution.extent)
    if convolution.positions == NONE:
        convolve_along(tables, memory, convolution, group, begin, end, first, last, turn)
    else:
        convolve_across(tables, memory, convolution, group, begin, first, last, turn)
    # Now, while the planes are complete and still in the first cache.
    if convolution.means != NONE:
        mean_channels(tables, memory, convolution.means, begin, end, turn)
    if convolution.splitting != NONE:
        split_channels(tables, memory, convolution.splitting, begin, end, turn)


@inlined
def write_terms(
    lists: Any, offset: int, source: int, taps: int, tap_count: int, weight: int, pack: int
) -> Any:
    """Write the terms of one input channel.

    Args:
        lists: Of the stream.
        offset: Where in `lists` the first term goes.
        source: Offset of the channel's first pixel.
        taps: Where in `lists` the shifts of the taps are.
        tap_count: How many.
        weight: Index of the channel's first weight in a row.
        pack: Values between neighboring weights of a row.

    Returns:
        Where the next term goes.
    """
    for tap in range(tap_count):
        lists[offset] = source + lists[taps + tap]
        lists[offset + 1] = (weight + tap) * pack
        offset += TERM_FIELDS
    return offset
