"""Where the arena of a stream holds what was written at this step, or at an earlier one."""

from __future__ import annotations

from typing import Any

from models.engines.kernels.compiling import inlined


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
