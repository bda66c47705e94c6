"""Which operations of a program belong to which fused block, so that a block can be timed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.engines.kernels.clock import TICK_S
from models.engines.kernels.step import COUNTER_STRIDE, COUNTERS, OVER, STARTED
from models.engines.kernels.tables import COUNTS, NONE, Kind, StreamMemory, Tables
from models.trace import Action, BlockPhase

_CERTAIN = 1e9
"""A logit that no policy network reaches by itself."""


def keep_everything(tables: Tables) -> None:
    """Change a program's weights so that all policies keep every channel at every frame."""
    for logits in tables.fusions["logits"]:
        (layer,) = tables.linears[tables.linears["output"] == logits]
        begin, rows = int(layer["bias"]), int(layer["rows"])
        tables.weights[begin : begin + rows][Action.KEEP :: len(Action)] = _CERTAIN


class BlockOperations:
    """The operations of every fused block of a program."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._blocks = tables.fusions.size
        rest = self._blocks * len(BlockPhase)
        self._bin_of = np.full(tables.program.size, rest, np.int64)
        for fusion in tables.fusions:
            first = (int(fusion["counts"]) - 1) // COUNTS * len(BlockPhase)
            self._bin_of[list(self._policy(fusion))] = first + BlockPhase.POLICY
            self._bin_of[list(self._convolutions(fusion))] = first + BlockPhase.CONVOLUTIONS

    def milliseconds(self, memory: StreamMemory) -> NDArray[np.float32]:
        """Return the time that the last step spent in every block, if it was timed.

        Operations run one after the other, each on all threads: an operation took as long as it
        ended after the one before it.

        Returns:
            Milliseconds in each bin of each block, of shape (B, 2).
        """
        over = memory.control[COUNTERS + OVER :: COUNTER_STRIDE]
        ends = np.maximum.accumulate(np.concatenate((memory.control[STARTED : STARTED + 1], over)))
        size = self._blocks * len(BlockPhase)
        spent = np.bincount(self._bin_of, np.diff(ends), minlength=size + 1)[:size]
        return (spent * (TICK_S * 1e3)).astype(np.float32).reshape(self._blocks, len(BlockPhase))

    def _policy(self, fusion: np.void) -> Iterator[int]:
        """Yield the operations that choose the actions of a block."""
        index = int(np.flatnonzero(self._tables.fusions["counts"] == fusion["counts"])[0])
        yield from self._of(Kind.SELECT, index)
        vector = int(fusion["logits"])
        for linear in self._writers("linears", vector):
            yield from self._of(Kind.LINEAR, linear)
            hidden = int(self._tables.linears[linear]["input"])
            for first in self._writers("linears", hidden):
                yield from self._of(Kind.LINEAR, first)
                for mean in self._writers("means", int(self._tables.linears[first]["input"])):
                    yield from self._of(Kind.MEAN, mean)

    def _convolutions(self, fusion: np.void) -> Iterator[int]:
        """Yield the operations between a block's input and the output of its second convolution."""
        tables = self._tables
        for field in ("producer_operation", "whole_operation", "split_operation"):
            if fusion[field] != NONE:
                yield int(fusion[field])
        if fusion["separation"] != NONE:
            separation = tables.separations[fusion["separation"]]
            yield int(separation["operation"])
            for linear in np.flatnonzero(tables.linears["input"] == separation["constants"]):
                yield from self._of(Kind.LINEAR, int(linear))
        for consumer in np.flatnonzero(tables.convolutions["first_group"] == fusion["consumer"]):
            yield from self._of(Kind.CONVOLVE, int(consumer))

    def _writers(self, table: str, vector: int) -> list[int]:
        rows: NDArray[np.void] = getattr(self._tables, table)
        return np.flatnonzero(rows["output"] == vector).tolist()

    def _of(self, kind: Kind, index: int) -> list[int]:
        program = self._tables.program
        found = (program["kind"] == int(kind)) & (program["index"] == index)
        return np.flatnonzero(found).tolist()
