"""A finished program, and the memory of a stream that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.kernels.records import ArenaOffset, BufferIndex
from models.engines.kernels.step import COUNTER_STRIDE, COUNTERS
from models.engines.kernels.tables import StreamMemory, Tables

ALIGNMENT = 16
"""In values: a cache line of 64 bytes."""


def aligned_zeros(size: int, kind: Any) -> NDArray[Any]:
    """Return zeros that begin at a cache line, so that few vectors cross one."""
    item = np.dtype(kind).itemsize
    line = ALIGNMENT * 4
    # NumPy asks for huge pages where it allocates without zeroing, which avoids many TLB
    # misses: a tile touches another page in every input channel.
    raw = np.empty(size * item + line, np.uint8)
    raw[:] = 0
    begin = -raw.ctypes.data % line
    return raw[begin : begin + size * item].view(kind)


@dataclass(frozen=True)
class Program:
    """A network, ready to run.

    Attributes:
        tables: What never changes.
        lists: What a new stream's lists hold.
        groups: What a new stream's groups hold.
        arena_size: Values of a stream's arena.
        actions_size: Actions of a stream.
        counts_size: Counts of a stream, without the first one.
        masks: Where in the arena each mask goes, and the mask.
        entering: The map that enters each block, by the block's name.
    """

    tables: Tables
    lists: NDArray[np.int64]
    groups: NDArray[np.void]
    arena_size: int
    actions_size: int
    counts_size: int
    masks: list[tuple[ArenaOffset, NDArray[np.float32]]]
    entering: Mapping[str, BufferIndex] = field(default_factory=dict)

    @property
    def memory_bytes(self) -> int:
        """Memory of one stream, in bytes."""
        arena = self.arena_size * np.dtype(np.float32).itemsize
        count = self.tables.program.size
        lists = (
            self.lists.nbytes
            + 8 * (1 + self.counts_size)
            + self.groups.nbytes
            + self.tables.program["tasks"].nbytes
        )
        control = (COUNTERS + count * COUNTER_STRIDE) * np.dtype(np.int64).itemsize
        return arena + lists + self.actions_size + control

    def new_memory(self) -> StreamMemory:
        """Return the memory of a stream before its first frame."""
        arena = aligned_zeros(self.arena_size, np.float32)
        for begin, mask in self.masks:
            arena[begin : begin + mask.size] = mask
        count = self.tables.program.size
        return StreamMemory(
            arena=arena,
            lists=self.lists.copy(),
            groups=self.groups.copy(),
            tasks=self.tables.program["tasks"].copy(),
            counts=np.zeros(1 + self.counts_size, np.int64),
            actions=np.zeros(self.actions_size, np.int8),
            control=aligned_zeros(COUNTERS + count * COUNTER_STRIDE, np.int64),
        )
