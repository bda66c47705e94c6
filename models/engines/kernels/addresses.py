"""Where an array lies, for kernels that take addresses."""

from __future__ import annotations

from typing import Any

from numba import types

from models.engines.kernels.vector_ir import INDEX, vector_code

FLOAT_BYTES = 4
HALF_BYTES = 2
INDEX_BYTES = 8


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
