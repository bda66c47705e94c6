"""The loop in which nearly all time is spent, as LLVM vector code: products added term by term.

A convolution over flat planes is, for one output channel and one output value,

    output[i] = bias + sum over terms (weight[term] * input[i + shift[term]])

with one term for each pair of input channel and tap. A tile computes some output channels times
some values of the map. Its sums stay in registers; every term costs a few vector loads and a few
broadcast values. Which of weight and input is the vector, and which is broadcast, is the tile's
choice: `map_tiles` lay vectors along the map, `channel_tiles` across the output channels. Terms are
a list, so any subset of input channels runs at the speed of all of them, and nothing is gathered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.engines.kernels.vector_ir import INDEX, Vectors, constant, joined

TERM_FIELDS = 2
"""A term is (shift of the input, offset of the weight), in values."""

PREFETCHED_TERMS = 27
"""Terms by which weights are prefetched: three channels of 3 by 3 taps, some 300 cycles."""

PREFETCHED_VALUES = 16
"""Values by which inputs are prefetched, beyond those of the tile: the next tile reads them."""


@dataclass(frozen=True)
class TermOperands:
    """What the loop over the terms reads, as LLVM values.

    Attributes:
        terms: Pointer to the terms.
        count: Number of terms, from 0.
        scalars: Pointers to what is broadcast, one for each row of sums.
        scalar_field: Field of a term that moves them; the other one moves `stream`.
        stream: Pointer to what is loaded as vectors, one after the other.
        vectors: Number of those vectors.
    """

    terms: Any
    count: Any
    scalars: list[Any]
    scalar_field: int
    stream: Any
    vectors: int


class TermLoop:
    """Emits the loop over the terms; it may run zero times."""

    def __init__(self, vector: Vectors, operands: TermOperands) -> None:
        self._vector, self._operands = vector, operands
        self._builder = vector.builder

    def emit(self, start: list[Any]) -> list[Any]:
        """Emit the loop; return the sums, row by row, that began at `start`."""
        builder, operands = self._builder, self._operands
        before = builder.block
        loop = builder.append_basic_block("terms")
        done = builder.append_basic_block("done")
        there = builder.icmp_signed(">", operands.count, constant(0))
        builder.cbranch(there, loop, done)
        builder.position_at_end(loop)
        term = builder.phi(INDEX)
        sums = [builder.phi(self._vector.type) for _ in start]
        grown = self._add_term(term, sums)
        following = builder.add(term, constant(1))
        for phi, first, later in zip(
            (term, *sums), (constant(0), *start), (following, *grown), strict=True
        ):
            phi.add_incoming(first, before)
            phi.add_incoming(later, loop)
        again = builder.icmp_signed("<", following, operands.count)
        builder.cbranch(again, loop, done)
        builder.position_at_end(done)
        return joined(builder, start, before, grown, loop)

    def _field(self, entry: Any, field: int) -> Any:
        builder = self._builder
        offset = builder.add(entry, constant(field))
        return builder.load(builder.gep(self._operands.terms, [offset]))

    def _add_term(self, term: Any, sums: list[Any]) -> list[Any]:
        """Emit one round: the products of a term, added to the sums."""
        builder, vector, operands = self._builder, self._vector, self._operands
        entry = builder.mul(term, constant(TERM_FIELDS))
        fields = [self._field(entry, field) for field in range(TERM_FIELDS)]
        scalar_shift = fields[operands.scalar_field]
        stream = builder.gep(operands.stream, [fields[1 - operands.scalar_field]])
        self._prefetch(entry, fields[0])
        offsets = [constant(v * vector.lanes) for v in range(operands.vectors)]

        def broadcast(row: int) -> Any:
            base = operands.scalars[row]
            return vector.splat(builder.load(builder.gep(base, [scalar_shift])))

        grown = list(sums)
        rows = range(len(operands.scalars))
        # The smaller side is held in registers, the larger one is read as it is needed.
        if len(rows) < operands.vectors:
            held = [broadcast(row) for row in rows]
            for v, offset in enumerate(offsets):
                value = vector.load(stream, offset)
                for row in rows:
                    n = row * operands.vectors + v
                    grown[n] = vector.multiply_add(held[row], value, sums[n])
        else:
            held = [vector.load(stream, offset) for offset in offsets]
            for row in rows:
                value = broadcast(row)
                for v in range(operands.vectors):
                    n = row * operands.vectors + v
                    grown[n] = vector.multiply_add(value, held[v], sums[n])
        return grown

    def _prefetch(self, entry: Any, shift: Any) -> None:
        """Prefetch the weights of a later term, and the input that the next tile reads."""
        builder, operands = self._builder, self._operands
        ahead = self._field(entry, TERM_FIELDS * PREFETCHED_TERMS + 1)
        along_the_map = operands.scalar_field == 1
        weights, inputs = operands.scalars[0], operands.stream
        beyond = operands.vectors * self._vector.lanes + PREFETCHED_VALUES
        if not along_the_map:
            weights, inputs, beyond = inputs, weights, PREFETCHED_VALUES
        self._vector.prefetch(builder.gep(weights, [ahead]))
        self._vector.prefetch(builder.gep(inputs, [builder.add(shift, constant(beyond))]))
