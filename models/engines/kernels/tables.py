"""What a compiled step works on: the tables of an engine, and the memory of a stream."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NONE = -1
"""In a table: there is no such record, or no such list."""

EXECUTED = 0
"""Index in a stream's counts of the multiply-adds that this step's actions asked for."""

COUNTS = 3
"""Counts of every fused block behind it: channels kept, reused, and of these late."""


class Kind(IntEnum):
    """What an operation of the program does; its index points into the table of that kind."""

    CONVOLVE = 0
    SPLIT = 1
    MAX_POOL = 2
    MEAN = 3
    LINEAR = 4
    SELECT = 5


class Tables(NamedTuple):
    """What never changes while an engine lives."""

    program: NDArray[np.void]
    buffers: NDArray[np.void]
    convolutions: NDArray[np.void]
    splittings: NDArray[np.void]
    poolings: NDArray[np.void]
    means: NDArray[np.void]
    vectors: NDArray[np.void]
    linears: NDArray[np.void]
    fusions: NDArray[np.void]
    separations: NDArray[np.void]
    weights: NDArray[np.float32]
    halves: NDArray[np.uint16]


class StreamMemory(NamedTuple):
    """What belongs to one stream: all that a step writes.

    Attributes:
        arena: Feature maps, vectors and masks.
        lists: Rows, terms and flags.
        groups: Of all convolutions.
        tasks: Tasks of every operation at this step.
        actions: The actions of all fused blocks at this step, one after the other.
        counts: Multiply-adds that this step's actions asked for, then for every fused block the
            channels that were kept, reused, and of these late.
        control: See `step`.
    """

    arena: NDArray[np.float32]
    lists: NDArray[np.int64]
    groups: NDArray[np.void]
    tasks: NDArray[np.int64]
    actions: NDArray[np.int8]
    counts: NDArray[np.int64]
    control: NDArray[np.int64]
