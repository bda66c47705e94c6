"""Sums over vectors, as LLVM vector code: totals of planes, and products with a matrix.

Numba keeps the order of additions, so its own loops over floats are not turned into vectors. Here
the order is fixed as well, so that a result does not depend on the number of threads.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from models.engines.kernels.vector_ir import (
    FLOAT,
    HALF,
    INDEX,
    Vectors,
    constant,
    joined,
    pointer,
    vector_code,
)

CHAINS = 4
"""Independent sums, so that one addition need not wait for the other."""


@vector_code
def vector_total(typing_context: Any, lanes: Any, values: Any, blocks: Any) -> Any:
    """Return the sum of `blocks` * CHAINS * lanes float32 at the address `values`."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        vectors = Vectors(builder, lanes.literal_value)
        base = pointer(builder, arguments[1], FLOAT)
        loop = _Loop(builder, arguments[2], [vectors.zero] * CHAINS)
        first = builder.mul(loop.round, constant(CHAINS * vectors.lanes))
        grown = []
        for chain, total in enumerate(loop.values):
            offset = builder.add(first, constant(chain * vectors.lanes))
            grown.append(builder.fadd(total, vectors.load(base, offset)))
        one, two, three, four = loop.end(grown)
        return vectors.total(builder.fadd(builder.fadd(one, two), builder.fadd(three, four)))

    return types.float32(lanes, types.int64, types.int64), generate


def _columns(element: ir.Type) -> Any:
    """Return the intrinsic for a matrix in single or in half precision."""

    @vector_code
    def columns(
        typing_context: Any,
        lanes: Any,
        width: Any,
        weights: Any,
        stride: Any,
        factors: Any,
        count: Any,
        sums: Any,
    ) -> Any:
        """Add columns of a matrix, each times a factor, to some sums.

        A factor of zero, as a ReLU leaves many, costs no look at its column.

        Args:
            typing_context: Numba's.
            lanes: Values in a vector.
            width: Vectors of sums.
            weights: Address of the first column's first weight.
            stride: Weights from one column to the next.
            factors: Address of the factors, float32.
            count: Number of factors.
            sums: Address of width * lanes sums, float32, read and written.
        """
        if not isinstance(lanes, types.IntegerLiteral) or not isinstance(
            width, types.IntegerLiteral
        ):
            return None

        def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
            vectors = Vectors(builder, lanes.literal_value)
            offsets = [constant(vector * vectors.lanes) for vector in range(width.literal_value)]
            matrix = pointer(builder, arguments[2], element)
            factor_base = pointer(builder, arguments[4], FLOAT)
            target = pointer(builder, arguments[6], FLOAT)
            start = [vectors.load(target, offset) for offset in offsets]
            loop = _Loop(builder, arguments[5], start)
            factor = builder.load(builder.gep(factor_base, [loop.round]))
            column = builder.gep(matrix, [builder.mul(loop.round, arguments[3])])
            load = vectors.load_half if element is HALF else vectors.load

            def add_column() -> list[Any]:
                splat = vectors.splat(factor)
                return [
                    vectors.multiply_add(splat, load(column, offset), total)
                    for offset, total in zip(offsets, loop.values, strict=True)
                ]

            used = builder.fcmp_ordered("!=", factor, ir.Constant(FLOAT, 0.0))
            for value, offset in zip(loop.end(loop.maybe(used, add_column)), offsets, strict=True):
                vectors.store(value, target, offset)
            return context.get_dummy_value()

        return types.void(lanes, width, *([types.int64] * 5)), generate

    return columns


class _Loop:
    """A loop that counts from 0 and carries vectors from round to round; it may run zero times.

    Attributes:
        round: The current round.
        values: What the previous round left.
    """

    def __init__(self, builder: Any, count: Any, start: list[Any]) -> None:
        self._builder, self._count, self._start = builder, count, start
        self._before = builder.block
        self._body = builder.append_basic_block("loop")
        self._done = builder.append_basic_block("done")
        builder.cbranch(builder.icmp_signed(">", count, constant(0)), self._body, self._done)
        builder.position_at_end(self._body)
        self.round = builder.phi(INDEX)
        self.values = [builder.phi(value.type) for value in start]

    def maybe(self, condition: Any, change: Any) -> list[Any]:
        """Return the changed values where a condition holds, else those of the previous round."""
        builder, before = self._builder, self._builder.block
        changing = builder.append_basic_block("changing")
        after = builder.append_basic_block("after")
        builder.cbranch(condition, changing, after)
        builder.position_at_end(changing)
        changed = change()
        builder.branch(after)
        builder.position_at_end(after)
        return joined(builder, self.values, before, changed, changing)

    def end(self, values: list[Any]) -> list[Any]:
        """End the round with new values; return what the last round left."""
        builder, latch = self._builder, self._builder.block
        following = builder.add(self.round, constant(1))
        starts, later = (constant(0), *self._start), (following, *values)
        for phi, first, then in zip((self.round, *self.values), starts, later, strict=True):
            phi.add_incoming(first, self._before)
            phi.add_incoming(then, latch)
        again = builder.icmp_signed("<", following, self._count)
        builder.cbranch(again, self._body, self._done)
        builder.position_at_end(self._done)
        return joined(builder, self._start, self._before, values, latch)


add_float_columns = _columns(FLOAT)
add_half_columns = _columns(HALF)
