"""What happens to feature maps besides convolutions: splitting, pooling, means."""

from __future__ import annotations

from typing import Any

from numba import types

from models.engines.kernels.addresses import FLOAT_BYTES, address_of, buffer_offset, vector_offset
from models.engines.kernels.compiling import inlined
from models.engines.kernels.host import LANES
from models.engines.kernels.reductions import vector_total
from models.engines.kernels.tables import NONE, StreamMemory, Tables
from models.engines.kernels.vector_ir import FLOAT, Vectors, constant, pointer, vector_code


@inlined
def split_line(arena: Any, read: int, written: int, columns: int) -> None:
    """Copy the value at `read` and every second one after it, `columns` in all."""
    base = address_of(arena)
    column = 0
    while column + LANES <= columns:
        source = base + FLOAT_BYTES * (read + 2 * column)
        take_every_second(LANES, source, base + FLOAT_BYTES * (written + column))
        column += LANES
    while column < columns:
        arena[written + column] = arena[read + 2 * column]
        column += 1


@inlined
def split(tables: Tables, memory: StreamMemory, index: int, task: int, turn: int) -> None:
    """Put every second pixel of each line and column of some channels on a plane of its own."""
    splitting = tables.splittings[index]
    channels = splitting.channels
    if splitting.sources != NONE:
        channels = memory.lists[splitting.count]
    begin = task * splitting.per_task
    end = min(begin + splitting.per_task, channels)
    split_channels(tables, memory, index, begin, end, turn)


@inlined
def split_channels(
    tables: Tables, memory: StreamMemory, index: int, begin: int, end: int, turn: int
) -> None:
    """Split the channels from `begin` to `end`, or those of the list of sources."""
    splitting = tables.splittings[index]
    source, target = tables.buffers[splitting.input], tables.buffers[splitting.output]
    for channel in range(begin, end):
        if splitting.sources != NONE:
            read = memory.lists[splitting.sources + channel]
        else:
            read = buffer_offset(source, turn, 0) + channel * source.channel_size + source.origin
        plane = buffer_offset(target, turn, 0) + channel * target.channel_size + target.origin
        for phase in range(target.phases):
            down, right = phase // 2, phase % 2
            columns = (source.width - right + 1) // 2
            for line in range((source.height - down + 1) // 2):
                written = plane + phase * target.phase_size + line * target.pitch
                taken = read + (2 * line + down) * source.pitch + right
                split_line(memory.arena, taken, written, columns)


@inlined
def pool_line(arena: Any, read: int, pitch: int, written: int, columns: int) -> None:
    """Pool one line, at every second value from `read`, `columns` results in all."""
    base = address_of(arena)
    column = 0
    while column + LANES <= columns:
        middle = base + FLOAT_BYTES * (read + 2 * column)
        above, below = middle - FLOAT_BYTES * pitch, middle + FLOAT_BYTES * pitch
        pool_vector(LANES, above, middle, below, base + FLOAT_BYTES * (written + column))
        column += LANES
    while column < columns:
        largest = arena[read + 2 * column]
        for down in range(-1, 2):
            for right in range(-1, 2):
                largest = max(largest, arena[read + 2 * column + down * pitch + right])
        arena[written + column] = largest
        column += 1


@inlined
def max_pool(tables: Tables, memory: StreamMemory, index: int, task: int, turn: int) -> None:
    """Take the largest of 3 by 3 values, with a stride of two.

    Beyond the edge lie zeros, which is right after a ReLU alone.
    """
    pooling = tables.poolings[index]
    source, target = tables.buffers[pooling.input], tables.buffers[pooling.output]
    begin = task * pooling.per_task
    for channel in range(begin, min(begin + pooling.per_task, target.channels)):
        read = buffer_offset(source, turn, 0) + channel * source.channel_size + source.origin
        plane = buffer_offset(target, turn, 0) + channel * target.channel_size + target.origin
        for line in range(target.height):
            taken, written = read + 2 * line * source.pitch, plane + line * target.pitch
            pool_line(memory.arena, taken, source.pitch, written, target.width)


@inlined
def mean(tables: Tables, memory: StreamMemory, index: int, task: int, turn: int) -> None:
    """Take the mean of some channels; those that are shifted count for the next step."""
    means = tables.means[index]
    begin = task * means.per_task
    end = min(begin + means.per_task, tables.buffers[means.input].channels)
    mean_channels(tables, memory, index, begin, end, turn)


@inlined
def mean_channels(
    tables: Tables, memory: StreamMemory, index: int, begin: int, end: int, turn: int
) -> None:
    """Take the mean of the channels from `begin` to `end`."""
    means = tables.means[index]
    source, target = tables.buffers[means.input], tables.vectors[means.output]
    planes = address_of(memory.arena) + FLOAT_BYTES * (
        buffer_offset(source, turn, 0) + source.origin
    )
    now, coming = vector_offset(target, turn, 0), vector_offset(target, turn, -1)
    for channel in range(begin, end):
        plane = planes + FLOAT_BYTES * channel * source.channel_size
        written = coming if channel < means.fold else now
        memory.arena[written + channel] = vector_total(LANES, plane, means.blocks) * means.scale


@vector_code
def take_every_second(typing_context: Any, lanes: Any, source: Any, target: Any) -> Any:
    """Store the float32 at the address `source` and every second one after it, a vector of them."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        vectors = Vectors(builder, lanes.literal_value)
        base = pointer(builder, arguments[1], FLOAT)
        pair = [vectors.load(base, constant(offset)) for offset in (0, vectors.lanes)]
        vectors.store(
            vectors.every_second(*pair), pointer(builder, arguments[2], FLOAT), constant(0)
        )
        return context.get_dummy_value()

    return types.void(lanes, types.int64, types.int64), generate


@vector_code
def pool_vector(
    typing_context: Any, lanes: Any, above: Any, middle: Any, below: Any, target: Any
) -> Any:
    """Store a vector of largest values: each of 3 by 3 around every second value of a line.

    Args:
        typing_context: Numba's.
        lanes: Values in a vector.
        above: Address of the line above, at its first value.
        middle: Address of the line.
        below: Address of the line below.
        target: Address of the results.
    """
    if not isinstance(lanes, types.IntegerLiteral):
        return None

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        vectors = Vectors(builder, lanes.literal_value)
        lines = [pointer(builder, address, FLOAT) for address in arguments[1:4]]

        def column_maxima(shift: int) -> Any:
            """Return the largest of the three lines at every second value, `shift` to the right."""
            pair = []
            for offset in (shift, shift + vectors.lanes):
                one, two, three = (vectors.load(line, constant(offset)) for line in lines)
                pair.append(vectors.larger(vectors.larger(one, two), three))
            return vectors.every_second(*pair)

        largest = vectors.larger(
            vectors.larger(column_maxima(-1), column_maxima(0)), column_maxima(1)
        )
        vectors.store(largest, pointer(builder, arguments[4], FLOAT), constant(0))
        return context.get_dummy_value()

    return types.void(lanes, *([types.int64] * 4)), generate
