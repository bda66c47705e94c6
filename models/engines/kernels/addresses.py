"""Where values lie: addresses of arrays, and the slots of maps and vectors in the arena."""

from __future__ import annotations

from typing import Any

from numba import types

from models.engines.kernels.compiling import inlined
from models.engines.kernels.vector_ir import INDEX, vector_code

FLOAT_BYTES = 4
HALF_BYTES = 2
INDEX_BYTES = 8


@inlined
def buffer_offset(buffer: Any, turn: int, lag: int) -> Any:
    """Return the offset in the arena of the map that a buffer took `lag` steps ago."""
    return buffer.offset + ((turn - lag) % buffer.slots) * buffer.slot_size


@inlined
def vector_offset(vector: Any, turn: int, lag: int) -> Any:
    """Return the offset in the arena of what a vector took `lag` steps ago.

    A function of its own, because Numba would compile `buffer_offset` for one type of record only.
    """
    return vector.offset + ((turn - lag) % vector.slots) * vector.slot_size


@vector_code
def address_of(typing_context: Any, array: Any) -> Any:
    """Return the address of an array's first value, as an integer in bytes."""
    if not isinstance(array, types.Array):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = context.make_array(signature.args[0])
        value = kind(context, builder, arguments[0])
        return builder.ptrtoint(value.data, INDEX)

    return types.int64(array), generate
