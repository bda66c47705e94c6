"""Runs the program of a network for one frame, on as many threads as help.

No thread waits for another to arrive. Each walks through the operations in order and takes tasks
from an atomic counter until none is left; an operation is over when its tasks are done,
whoever did them. A helper that the operating system delays costs nothing but its help. Where an
operation has but one task, whoever finished the one before goes on with it at once.

The memory of a stream has a gate: helpers come in only while a step runs, and a step ends when the
last one has left. So a helper that wakes too late finds the gate closed.
"""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import types

from models.engines.kernels.addresses import INDEX_BYTES, address_of
from models.engines.kernels.clock import ticks
from models.engines.kernels.compiling import entry_point, inlined, pasted
from models.engines.kernels.convolve import convolve
from models.engines.kernels.layers import linear
from models.engines.kernels.planes import max_pool, mean, split
from models.engines.kernels.selection import select
from models.engines.kernels.tables import EXECUTED, Kind, StreamMemory, Tables
from models.engines.kernels.vector_ir import INDEX, declared, pointer, vector_code

GATE, INSIDE, TURN, TIMED, STARTED = 0, 1, 2, 3, 4
"""Indices in `control`: whether a step runs, how many helpers are in it, how many steps have begun,
whether operations are timed, and when the step began, in ticks."""

COUNTERS = 8
"""Index in `control` of the first operation's counters; a cache line holds eight values."""

COUNTER_STRIDE = 8
TAKEN, DONE, OVER = 0, 1, 2
"""For every operation: tasks taken, tasks done, and, where operations are timed, when the last
task was done, in ticks; 0 for an operation without tasks."""

LEAD, HELP = 0, 1
"""Roles of a thread in a step."""

SPINS = 2000
"""Looks at a counter before the processor is offered to another thread."""

CONVOLVE, SPLIT, MAX_POOL, MEAN, LINEAR, SELECT = (
    int(Kind.CONVOLVE),
    int(Kind.SPLIT),
    int(Kind.MAX_POOL),
    int(Kind.MEAN),
    int(Kind.LINEAR),
    int(Kind.SELECT),
)


GATE_LOOKS = 300_000
"""Looks at a closed gate before a helper gives up: it is called a little before it opens."""


@inlined
def wait_for(address: int, value: int) -> None:
    """Wait until the int64 at an address has a value."""
    spins = 0
    while atomic_load(address) != value:
        spins += 1
        if spins >= SPINS:
            yield_processor()
            spins = 0


@pasted
def run_task(
    tables: Tables, memory: StreamMemory, kind: int, index: int, task: int, turn: int
) -> None:
    """Do one task of one operation."""
    if kind == CONVOLVE:
        convolve(tables, memory, index, task, turn)
    elif kind == LINEAR:
        linear(tables, memory, index, task, turn)
    elif kind == MEAN:
        mean(tables, memory, index, task, turn)
    elif kind == SELECT:
        select(tables, memory, index, turn)
    elif kind == SPLIT:
        split(tables, memory, index, task, turn)
    elif kind == MAX_POOL:
        max_pool(tables, memory, index, task, turn)


@pasted
def walk(tables: Tables, memory: StreamMemory, first: int, end: int) -> None:
    """Work on some operations of a step until the last task of the last one is done."""
    control = address_of(memory.control)
    turn = memory.control[TURN]
    timed = memory.control[TIMED]
    position = first
    while position < end:
        counters = control + INDEX_BYTES * (COUNTERS + position * COUNTER_STRIDE)
        taken, done = counters + INDEX_BYTES * TAKEN, counters + INDEX_BYTES * DONE
        tasks = memory.tasks[position]
        followers = min(tables.program[position].followers, end - position - 1)
        follower = 0
        while True:
            task = 0
            if follower == 0:
                task = atomic_add(taken, 1)
                if task >= tasks:
                    break
            operation = tables.program[position + follower]
            run_task(tables, memory, operation.kind, operation.index, task, turn)
            if timed != 0:
                # Before the task counts as done: afterwards others may be operations ahead.
                memory.control[COUNTERS + (position + follower) * COUNTER_STRIDE + OVER] = ticks()
            finished = atomic_add(done, 1) + 1
            if finished < tasks:
                continue
            if finished == tasks + followers:
                break
            follower = finished - tasks + 1
        wait_for(done, tasks + followers)
        position += 1 + followers


@inlined
def begin(memory: StreamMemory) -> None:
    """Reset all counters, count the step and open the gate."""
    memory.control[COUNTERS:] = 0
    memory.control[TURN] += 1
    memory.counts[EXECUTED] = 0
    if memory.control[TIMED] != 0:
        memory.control[STARTED] = ticks()
    atomic_store(address_of(memory.control) + INDEX_BYTES * GATE, 1)


@entry_point
def run_operations(tables: Tables, memory: StreamMemory, role: int, first: int, end: int) -> None:
    """Run operations `first` to `end` of a step.

    Args:
        tables: Of the engine.
        memory: Of the stream.
        role: `LEAD` returns when all is done and no helper is left; `HELP` returns soon if no
            step runs.
        first: First operation; leading from 0 begins a new step.
        end: The one after the last.
    """
    control = address_of(memory.control)
    gate, inside = control + INDEX_BYTES * GATE, control + INDEX_BYTES * INSIDE
    if role == LEAD and first == 0:
        begin(memory)
    if role == HELP:
        looks = 0
        while atomic_load(gate) == 0 and looks < GATE_LOOKS:
            looks += 1
        # Only threads inside are waited for, and the gate may have closed since the last look.
        atomic_add(inside, 1)
        end = end * atomic_load(gate)
    walk(tables, memory, first, end)
    if role == HELP:
        atomic_add(inside, -1)
    else:
        atomic_store(gate, 0)
        wait_for(inside, 0)


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
