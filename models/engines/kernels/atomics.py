"""What threads need to share work without locks: atomic numbers, and a polite way to wait."""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import types

from models.engines.kernels.vector_ir import INDEX, declared, pointer, vector_code

_ORDER = "seq_cst"
_ALIGNMENT = 8
_YIELD = "SwitchToThread" if sys.platform == "win32" else "sched_yield"
"""The operating system's call that lets another thread have the processor."""


@vector_code
def atomic_add(typing_context: Any, address: Any, amount: Any) -> Any:
    """Add to the int64 at an address and return what was there before."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        where = pointer(builder, arguments[0], INDEX)
        return builder.atomic_rmw("add", where, arguments[1], _ORDER)

    return types.int64(types.int64, types.int64), generate


@vector_code
def atomic_load(typing_context: Any, address: Any) -> Any:
    """Return the int64 at an address."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        where = pointer(builder, arguments[0], INDEX)
        return builder.load_atomic(where, _ORDER, _ALIGNMENT)

    return types.int64(types.int64), generate


@vector_code
def atomic_store(typing_context: Any, address: Any, value: Any) -> Any:
    """Set the int64 at an address."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        where = pointer(builder, arguments[0], INDEX)
        builder.store_atomic(arguments[1], where, _ORDER, _ALIGNMENT)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@vector_code
def yield_processor(typing_context: Any) -> Any:
    """Let another thread run that waits for this processor."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(declared(builder.module, kind, _YIELD), [])
        return context.get_dummy_value()

    return types.void(), generate
