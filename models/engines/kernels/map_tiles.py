"""Tiles whose vectors lie along the map: some output channels times vectors of neighboring values.

Rows are a list, so any subset of output channels runs at the speed of all of them.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from models.engines.kernels.microkernel import TermLoop, TermOperands
from models.engines.kernels.vector_ir import (
    FLOAT,
    INDEX,
    Vectors,
    constant,
    joined,
    pointer,
    vector_code,
)

_OPERANDS = (
    *("tiles", "input", "terms", "term_count"),
    *("weights", "weight_rows", "bias", "rows"),
    *("output", "output_stride", "residual", "residual_stride", "mask", "low", "high"),
)
_FLOAT_OPERANDS = ("low", "high")

_ALONG_THE_MAP = ("input", "output", "residual", "mask")
"""What moves on from one tile to the next."""


def tile_widths(accumulators: int, rows: int) -> list[int]:
    """Return how many vectors a tile of `rows` rows may have, the most first.

    The most fill the registers; powers of two below cover what is left of a map.
    """
    most = accumulators // rows
    return [most, *(1 << bit for bit in reversed(range(most.bit_length())) if 1 << bit < most)]


def tile_shapes(accumulators: int, most_rows: int) -> list[tuple[int, int]]:
    """Return every (rows, vectors) that a tile may have."""
    return [
        (rows, vectors)
        for rows in range(1, most_rows + 1)
        for vectors in tile_widths(accumulators, rows)
    ]


class _Tiles:
    """Emits the function that computes tiles of one shape, one after the other along a map."""

    def __init__(self, function: Any, lanes: int, rows: int, vectors: int) -> None:
        self.rows, self.vectors = rows, vectors
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.vector = Vectors(self.builder, lanes)
        self.operand = dict(zip(_OPERANDS, function.args, strict=True))
        self.shape = [(row, vector) for row in range(rows) for vector in range(vectors)]
        # Read before the first tile is stored, for all of them.
        self.row_channels = self._list("rows")
        self.biases = self._read_biases()
        weights = self._floats("weights")
        self.weight_rows = [
            self.builder.gep(weights, [offset]) for offset in self._list("weight_rows")
        ]

    def emit(self) -> None:
        """Emit the whole function: a loop over the tiles, of which there is at least one."""
        builder, before = self.builder, self.builder.block
        loop, done = builder.append_basic_block("tile"), builder.append_basic_block("over")
        builder.branch(loop)
        builder.position_at_end(loop)
        tile = builder.phi(INDEX)
        self.ahead = builder.mul(tile, constant(self.vectors * self.vector.lanes))
        self._prefetch_planes()
        sums = self._add_terms(self.biases)
        self._finish(self._add_residual(sums))
        following = builder.add(tile, constant(1))
        tile.add_incoming(constant(0), before)
        tile.add_incoming(following, builder.block)
        again = builder.icmp_signed("<", following, self.operand["tiles"])
        builder.cbranch(again, loop, done)
        builder.position_at_end(done)
        builder.ret_void()

    def _floats(self, name: str) -> Any:
        """Return where an operand lies for this tile."""
        base = pointer(self.builder, self.operand[name], FLOAT)
        return self.builder.gep(base, [self.ahead]) if name in _ALONG_THE_MAP else base

    def _list(self, name: str) -> list[Any]:
        base = pointer(self.builder, self.operand[name], INDEX)
        return [self.builder.load(self.builder.gep(base, [constant(r)])) for r in range(self.rows)]

    def _planes(self, name: str) -> list[Any]:
        """Return where each row's plane of `name` begins."""
        base, stride = self._floats(name), self.operand[f"{name}_stride"]
        return [
            self.builder.gep(base, [self.builder.mul(channel, stride)])
            for channel in self.row_channels
        ]

    def _prefetch_planes(self) -> None:
        """Prefetch what is touched after the terms, so that it is there by then.

        Without a residual the output is prefetched twice: an address that is not mapped would cost
        a walk through the page tables.
        """
        there = self._has_residual()
        for residual, output in zip(self._planes("residual"), self._planes("output"), strict=True):
            self.vector.prefetch(self.builder.select(there, residual, output))
            self.vector.prefetch(output, write=True)

    def _has_residual(self) -> Any:
        return self.builder.icmp_signed("!=", self.operand["residual"], constant(0))

    def _read_biases(self) -> list[Any]:
        builder, bias = self.builder, self._floats("bias")
        splats = [
            self.vector.splat(builder.load(builder.gep(bias, [channel])))
            for channel in self.row_channels
        ]
        return [splats[row] for row, _ in self.shape]

    def _add_residual(self, sums: list[Any]) -> list[Any]:
        """Add the residual where there is one."""
        builder, vector = self.builder, self.vector
        before = builder.block
        added = builder.append_basic_block("residual")
        ready = builder.append_basic_block("ready")
        builder.cbranch(self._has_residual(), added, ready)
        builder.position_at_end(added)
        planes = self._planes("residual")
        summed = [
            builder.fadd(total, vector.load(planes[row], constant(v * vector.lanes)))
            for total, (row, v) in zip(sums, self.shape, strict=True)
        ]
        builder.branch(ready)
        builder.position_at_end(ready)
        return joined(builder, sums, before, summed, added)

    def _add_terms(self, start: list[Any]) -> list[Any]:
        operands = TermOperands(
            terms=pointer(self.builder, self.operand["terms"], INDEX),
            count=self.operand["term_count"],
            scalars=self.weight_rows,
            scalar_field=1,
            stream=self._floats("input"),
            vectors=self.vectors,
        )
        return TermLoop(self.vector, operands).emit(start)

    def _finish(self, sums: list[Any]) -> None:
        """Emit the activation, zero what lies between the lines of the map, and store."""
        vector = self.vector
        mask = self._floats("mask")
        low, high = vector.splat(self.operand["low"]), vector.splat(self.operand["high"])
        planes = self._planes("output")
        masks = [vector.load(mask, constant(v * vector.lanes)) for v in range(self.vectors)]
        for (row, v), total in zip(self.shape, sums, strict=True):
            value = vector.masked(vector.clamp(total, low, high), masks[v])
            vector.store(value, planes[row], constant(v * vector.lanes))


def _tile_function(module: Any, lanes: int, rows: int, vectors: int) -> Any:
    name = f"map_tile_{lanes}_{rows}_{vectors}"
    if name in module.globals:
        return module.globals[name]
    kinds = [FLOAT if operand in _FLOAT_OPERANDS else INDEX for operand in _OPERANDS]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    _Tiles(function, lanes, rows, vectors).emit()
    return function


def emit_map_tiles(
    builder: Any, unit: tuple[int, int, int], shape: tuple[Any, Any], operands: Any
) -> None:
    """Emit a call of the tile whose (rows, vectors) are known only at run time.

    Args:
        builder: Where the call is emitted; its module takes the functions of all shapes.
        unit: Lanes, accumulators and most rows, known now.
        shape: Rows and vectors of the tile, as values.
        operands: Values for the operands of a tile.
    """
    lanes, accumulators, most_rows = unit
    rows, vectors = shape
    end = builder.append_basic_block("end")
    choice = builder.add(builder.mul(rows, constant(accumulators + 1)), vectors)
    switch = builder.switch(choice, end)
    for row_count, vector_count in tile_shapes(accumulators, most_rows):
        block = builder.append_basic_block("tile")
        switch.add_case(constant(row_count * (accumulators + 1) + vector_count), block)
        builder.position_at_end(block)
        builder.call(_tile_function(builder.module, lanes, row_count, vector_count), operands)
        builder.branch(end)
    builder.position_at_end(end)


@vector_code
def map_tile(
    typing_context: Any,
    lanes: Any,
    accumulators: Any,
    most_rows: Any,
    row_count: Any,
    vector_count: Any,
    operands: Any,
) -> Any:
    """Compute some tiles of a convolution, one after the other along the map, and store them.

    Args:
        typing_context: Numba's.
        lanes: Values in a vector; like the next two a constant of the compilation.
        accumulators: Vector registers that hold sums.
        most_rows: Most output channels in a tile.
        row_count: Output channels of this tile, from 1.
        vector_count: Vectors of this tile, one of `tile_widths`.
        operands: A tuple. The number of tiles, from 1. Addresses, as integers in bytes, of: the
            input at the first tile's first value; the terms (int64 pairs) and their count; the
            weights; for every row where its weights begin (int64, in values); the bias of row 0;
            the rows' channels (int64); the output of row 0 at the first tile's first value, and the
            values between two rows' outputs; the residual likewise, or 0 for none; the mask at the
            first tile's first value (float32 whose bits are all set or all clear). Then two float32
            that limit the result from below and above.
    """
    constants = (lanes, accumulators, most_rows)
    if not all(isinstance(constant, types.IntegerLiteral) for constant in constants):
        return None
    unit = (lanes.literal_value, accumulators.literal_value, most_rows.literal_value)
    tuple_of: Any = types.Tuple
    kinds = tuple_of(
        [types.float32 if name in _FLOAT_OPERANDS else types.int64 for name in _OPERANDS]
    )
    signature = types.void(*constants, types.int64, types.int64, kinds)

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        *_, rows, vectors, values = arguments
        unpacked = [builder.extract_value(values, i) for i in range(len(_OPERANDS))]
        emit_map_tiles(builder, unit, (rows, vectors), unpacked)
        return context.get_dummy_value()

    return signature, generate
