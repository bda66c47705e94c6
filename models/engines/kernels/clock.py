"""A clock that kernels read: the operating system's steady one, the same on every core."""

from __future__ import annotations

import sys
import time
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from models.engines.kernels.vector_ir import INDEX, declared, vector_code

_helpers: Any = cgutils  # Numba has no annotations

_WINDOWS = sys.platform == "win32"

if _WINDOWS:
    TICK_S = time.get_clock_info("perf_counter").resolution
    """Seconds from one tick to the next."""
    _CLOCK = 0
else:
    TICK_S = 1e-9
    _CLOCK = time.CLOCK_MONOTONIC

_SECOND = 1_000_000_000


@vector_code
def ticks(typing_context: Any) -> Any:
    """Return the time since some moment before the process, in ticks of `TICK_S`."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        return _counter(builder) if _WINDOWS else _monotonic_ns(builder)

    return types.int64(), generate


def _monotonic_ns(builder: Any) -> Any:
    """Emit a call of `clock_gettime`, which fills in seconds and nanoseconds."""
    moment = _helpers.alloca_once(builder, ir.ArrayType(INDEX, 2))
    kind = ir.FunctionType(ir.IntType(32), [ir.IntType(32), moment.type])
    function = declared(builder.module, kind, "clock_gettime")
    builder.call(function, [ir.IntType(32)(_CLOCK), moment])
    seconds, rest = (
        builder.load(_helpers.gep_inbounds(builder, moment, 0, field)) for field in range(2)
    )
    return builder.add(builder.mul(seconds, INDEX(_SECOND)), rest)


def _counter(builder: Any) -> Any:
    """Emit a call of `QueryPerformanceCounter`."""
    moment = _helpers.alloca_once(builder, INDEX)
    kind = ir.FunctionType(ir.IntType(32), [moment.type])
    builder.call(declared(builder.module, kind, "QueryPerformanceCounter"), [moment])
    return builder.load(moment)
