"""Vector code that reads with a stride of two: every second value, and the largest of 3 by 3."""

from __future__ import annotations

from typing import Any

from numba import types

from models.engines.kernels.vector_ir import FLOAT, Vectors, index, pointer, vector_code


@vector_code
def take_every_second(typing_context: Any, lanes: Any, source: Any, target: Any) -> Any:
    """Store the float32 at the address `source` and every second one after it, a vector of them."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        vectors = Vectors(builder, lanes.literal_value)
        base = pointer(builder, arguments[1], FLOAT)
        pair = [vectors.load(base, index(offset)) for offset in (0, vectors.lanes)]
        vectors.store(vectors.every_second(*pair), pointer(builder, arguments[2], FLOAT), index(0))
        return context.get_dummy_value()

    return types.void(lanes, types.int64, types.int64), generate


@vector_code
def pool_vector(
    typing_context: Any, lanes: Any, above: Any, middle: Any, below: Any, target: Any
) -> Any:
    """Store a vector of largest values: each of 3 by 3 around every second place of a line.

    Args:
        typing_context: Numba's.
        lanes: Values in a vector.
        above: Address of the line above, at the first place.
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
            """Return the largest of the three lines at every second place, `shift` to the right."""
            pair = []
            for offset in (shift, shift + vectors.lanes):
                one, two, three = (vectors.load(line, index(offset)) for line in lines)
                pair.append(vectors.larger(vectors.larger(one, two), three))
            return vectors.every_second(*pair)

        largest = vectors.larger(
            vectors.larger(column_maxima(-1), column_maxima(0)), column_maxima(1)
        )
        vectors.store(largest, pointer(builder, arguments[4], FLOAT), index(0))
        return context.get_dummy_value()

    return types.void(lanes, *([types.int64] * 4)), generate
