"""Fully connected layers: those of the policy networks, and the classifier.

Weights lie by columns, in strips of `STRIP` rows: a task adds up the columns of one strip, and
skips those whose factor is zero.
"""

from __future__ import annotations

from models.engines.kernels.addresses import FLOAT_BYTES, HALF_BYTES, address_of, vector_offset
from models.engines.kernels.compiling import inlined
from models.engines.kernels.host import LANES, UNIT
from models.engines.kernels.reductions import add_float_columns, add_half_columns
from models.engines.kernels.tables import StreamMemory, Tables

WIDTH = 8
"""Vectors of a strip: their sums stay in registers, and the weights of one row of columns fill
whole cache lines."""

STRIP = WIDTH * LANES

CONVERTS_HALF = UNIT.converts_half
"""Where the processor cannot, half precision is widened when the weights are loaded."""


@inlined
def add_columns(
    tables: Tables, half: int, weights: int, factors: int, count: int, sums: int
) -> None:
    """Add the columns of one strip, times their factors, to the sums of its rows."""
    if CONVERTS_HALF and half:
        matrix = address_of(tables.halves) + HALF_BYTES * weights
        add_half_columns(LANES, WIDTH, matrix, STRIP, factors, count, sums)
    else:
        matrix = address_of(tables.weights) + FLOAT_BYTES * weights
        add_float_columns(LANES, WIDTH, matrix, STRIP, factors, count, sums)


@inlined
def linear(tables: Tables, memory: StreamMemory, index: int, task: int, turn: int) -> None:
    """Compute one strip of a layer; a policy's first one reads the previous step's input, too."""
    layer = tables.linears[index]
    source, target = tables.vectors[layer.input], tables.vectors[layer.output]
    arena = address_of(memory.arena)
    written = vector_offset(target, turn, 0) + task * STRIP
    sums = arena + FLOAT_BYTES * written
    weights = layer.weights + task * STRIP * layer.columns
    memory.arena[written : written + STRIP] = 0.0
    count = layer.columns
    if layer.previous:
        count //= 2
        before = arena + FLOAT_BYTES * vector_offset(source, turn, 1)
        add_columns(tables, layer.half, weights, before, count, sums)
        weights += STRIP * count
    now = arena + FLOAT_BYTES * vector_offset(source, turn, 0)
    add_columns(tables, layer.half, weights, now, count, sums)
    for row in range(task * STRIP, min((task + 1) * STRIP, layer.rows)):
        offset = vector_offset(target, turn, 0) + row
        total = memory.arena[offset]
        value = total * tables.weights[layer.scale + row] + tables.weights[layer.bias + row]
        memory.arena[offset] = max(value, layer.low)
