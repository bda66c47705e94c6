"""The sparse engine: computes the channels that the policy asks for, and no others.

It needs no PyTorch. A stream's state holds raw outputs and inputs of the previous frame, so that a
reused channel is read from where it lies, or computed late and exactly.
"""

from __future__ import annotations

import queue
import threading
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.engines.base import StepResult
from models.engines.kernels.host import usable_cores
from models.engines.kernels.step import HELP, LEAD, TIMED, TURN, run_operations
from models.engines.kernels.tables import COUNTS, EXECUTED, StreamMemory, Tables
from models.engines.planning.block_operations import BlockOperations, keep_everything
from models.engines.planning.network_plan import plan
from models.engines.planning.preparation import compile_kernels
from models.engines.planning.tuning import tile_shapes
from models.flops import CountedBlocks
from models.spec import ModelSpec
from models.trace import StepTrace

MOST_THREADS = 4
"""Threads that the engine uses by default: more do not pay off for one small frame."""


@dataclass(frozen=True)
class SparseState:
    """Everything that a stream remembers; a step changes it in place and returns it.

    Attributes:
        memory: Memory of the kernels; the other attributes are views of it.
        frame: Where the frame goes, of shape (3, H * W).
        logits: Where the logits come out, of shape (K,).
        features: Where the features lie that the classifier reads, of shape (F,).
        counts: How many channels of every block were kept, reused and computed late, of shape
            (B, 3).
    """

    memory: StreamMemory
    frame: NDArray[np.float32]
    logits: NDArray[np.float32]
    features: NDArray[np.float32]
    counts: NDArray[np.int64]


def _help(calls: queue.SimpleQueue[Any]) -> None:
    """Run a helper thread: take part in the steps that are announced, until None comes."""
    while (call := calls.get()) is not None:
        tables, memory = call
        run_operations(tables, memory, HELP, 0, tables.program.size)
        del call, tables, memory  # a stream that is over must not live on here


class _Helpers:
    """Threads that help with each step; they end with the engine that started them."""

    def __init__(self, count: int, owner: object) -> None:
        self._queues: list[queue.SimpleQueue[Any]] = [queue.SimpleQueue() for _ in range(count)]
        for index, calls in enumerate(self._queues):
            thread = threading.Thread(
                target=_help, args=(calls,), name=f"sparse-{index}", daemon=True
            )
            thread.start()
            weakref.finalize(owner, calls.put, None)

    def call(self, tables: Tables, memory: StreamMemory) -> None:
        """Announce a step to all helpers."""
        for calls in self._queues:
            calls.put((tables, memory))


class SparseEngine:
    """Runs a bundle with kernels over lists of channels, on the CPU.

    Attributes:
        times_blocks: Whether traces hold how long each fused block took.
        saves_channels: False once `keep_everything` was called.
    """

    name = "sparse"

    def __init__(self, bundle: Bundle, threads: int = 0, aside: str | None = None) -> None:
        """Plan the program of the bundle and start the helper threads.

        Args:
            bundle: The model.
            threads: Threads of one step, at most as many as there are cores; 0 takes up to
                `MOST_THREADS`. Results do not depend on it.
            aside: Prefix of tensors of the bundle that its network does not use, for who does.

        Raises:
            ModelError: The weights do not fit the description.
        """
        self._bundle = bundle
        compile_kernels()
        self._program = plan(bundle, tile_shapes(), aside)
        self._block_operations = BlockOperations(self._program.tables)
        self.times_blocks = False
        self.saves_channels = True
        self._always = bundle.cost.fixed + bundle.cost.policy
        self._dense = bundle.cost.dense
        self.threads = min(threads or MOST_THREADS, usable_cores())
        self._helpers = _Helpers(self.threads - 1, self)

    @property
    def spec(self) -> ModelSpec:
        """The model that runs."""
        return self._bundle.spec

    @property
    def weight_bytes(self) -> int:
        """Memory of the weights, in bytes, shared by all streams."""
        tables = self._program.tables
        return tables.weights.nbytes + tables.halves.nbytes

    @property
    def state_bytes(self) -> int:
        """Memory of one stream, in bytes: maps, lists and flags. No step allocates more."""
        return self._program.memory_bytes

    def keep_everything(self) -> None:
        """Keep every channel from now on, to measure what a dense step costs."""
        keep_everything(self._program.tables)
        self.saves_channels = False

    def init_state(self) -> SparseState:
        """Return the state before the first frame."""
        memory, tables, spec = self._program.new_memory(), self._program.tables, self.spec
        frame = tables.buffers[0]
        begin, size = int(frame["offset"]), int(frame["channel_size"])
        planes = memory.arena[begin : begin + 3 * size].reshape(3, size)
        classifier = tables.linears[-1]
        output, features = (
            int(tables.vectors[classifier[name]]["offset"]) for name in ("output", "input")
        )
        return SparseState(
            memory,
            frame=planes[:, : spec.input_height * spec.input_width],
            logits=memory.arena[output : output + spec.outputs],
            features=memory.arena[features : features + int(classifier["columns"])],
            counts=memory.counts[1:].reshape(-1, COUNTS),
        )

    def step(self, frame: NDArray[np.float32], state: SparseState) -> StepResult:
        """Run one frame of shape (3, H, W).

        Raises:
            ValueError: The frame does not have the shape of the model's input.
        """
        size = (3, self.spec.input_height, self.spec.input_width)
        if frame.shape != size:
            raise ValueError(f"a frame of this model must have the shape {size}, not {frame.shape}")
        memory, tables = state.memory, self._program.tables
        memory.control[TIMED] = self.times_blocks
        # Called first: while the helper threads wake up, the frame is copied.
        self._helpers.call(tables, memory)
        state.frame[...] = frame.reshape(len(frame), -1)
        run_operations(tables, memory, LEAD, 0, tables.program.size)
        # Copies: the next step writes into the same memory.
        return StepResult(state.logits.copy(), state, self._trace(state), state.features.copy())

    def entering(self, block: str, state: SparseState) -> NDArray[np.float32]:
        """Return a copy of the map that entered a block in the last step, of shape (C, H, W)."""
        buffer = self._program.tables.buffers[self._program.entering[block]]
        turn = int(state.memory.control[TURN]) % int(buffer["slots"])
        begin = int(buffer["offset"]) + turn * int(buffer["slot_size"])
        channels, size = int(buffer["channels"]), int(buffer["channel_size"])
        height, pitch, origin = (int(buffer[name]) for name in ("height", "pitch", "origin"))
        planes = state.memory.arena[begin : begin + channels * size].reshape(channels, size)
        lines = planes[:, origin : origin + height * pitch].reshape(channels, height, pitch)
        return np.ascontiguousarray(lines[:, :, : int(buffer["width"])])

    def _trace(self, state: SparseState) -> StepTrace:
        """Return what the last step decided and computed."""
        memory = state.memory
        blocks = CountedBlocks(self._bundle.cost, memory.actions.copy(), state.counts.copy())
        executed = self._always + int(memory.counts[EXECUTED])
        timed = bool(memory.control[TIMED])
        block_ms = self._block_operations.milliseconds(memory) if timed else None
        return StepTrace(blocks, executed, self._dense, block_ms)
