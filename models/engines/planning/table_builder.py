"""Collects the records, weights and lists of a program, and makes its tables of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.engines.kernels import records
from models.engines.kernels.microkernel import PREFETCHED_TERMS, TERM_FIELDS
from models.engines.kernels.records import OperationIndex, Record
from models.engines.kernels.tables import Kind, Tables
from models.engines.planning.memory import ALIGNMENT, Program, aligned_zeros

Row = TypeVar("Row", bound=Record)
Handle = TypeVar("Handle", bound=int)
Offset = TypeVar("Offset", bound=int)


def round_up(value: int, multiple: int) -> int:
    """Return the smallest multiple that is not below `value`."""
    return -(-value // multiple) * multiple


class Table(Generic[Handle, Row]):
    """Records of one kind, each with a handle.

    Args:
        record: Their class.
        handle: Type of their handles.
    """

    def __init__(self, record: type[Row], handle: Callable[[int], Handle]) -> None:
        self._record = record
        self._handle = handle
        self._rows: list[Row | None] = []

    def reserve(self) -> Handle:
        """Return a handle whose record is set later."""
        self._rows.append(None)
        return self._handle(len(self._rows) - 1)

    def add(self, row: Row) -> Handle:
        """Append a record."""
        handle = self.reserve()
        self[handle] = row
        return handle

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self._rows)

    def __getitem__(self, handle: Handle) -> Row:
        """Return a record."""
        row = self._rows[handle]
        assert row is not None, f"{self._record.__name__} {handle} was reserved and never set"
        return row

    def __setitem__(self, handle: Handle, row: Row) -> None:
        """Set or replace a record."""
        self._rows[handle] = row

    def array(self) -> NDArray[np.void]:
        """Return the table as the kernels read it."""
        table = np.zeros(len(self), self._record.dtype())
        for index in range(len(self)):
            table[index] = self[self._handle(index)].row()
        return table


class Space(Generic[Offset]):
    """Values that records point to, handed out from 0 on.

    Args:
        offset: Type of the offsets.
        alignment: Offsets are multiples of it.

    Attributes:
        size: Values that are taken.
    """

    def __init__(self, offset: Callable[[int], Offset], alignment: int = 1) -> None:
        self._offset = offset
        self._alignment = alignment
        self.size = 0

    def reserve(self, count: int) -> Offset:
        """Take `count` values and return where they begin."""
        begin = self._offset(self.size)
        self.size += round_up(count, self._alignment)
        return begin


class FilledSpace(Space[Offset]):
    """A space with values that are known when the program is made; the others are zero.

    Args:
        offset: Type of the offsets.
        kind: Type of the values.
    """

    def __init__(self, offset: Callable[[int], Offset], kind: type[np.generic]) -> None:
        super().__init__(offset, ALIGNMENT)
        self._kind = kind
        self._stored: list[tuple[Offset, NDArray[Any]]] = []

    def store(self, values: Any) -> Offset:
        """Take as many values as there are in an array, and set them."""
        array = np.asarray(values, self._kind).reshape(-1)
        begin = self.reserve(array.size)
        self._stored.append((begin, array))
        return begin

    def array(self, *, beyond: int = 0) -> NDArray[Any]:
        """Return all values, and `beyond` zeros behind them, from a cache line on."""
        joined = aligned_zeros(self.size + beyond, self._kind)
        for begin, values in self._stored:
            joined[begin : begin + values.size] = values
        return joined


class TableBuilder:
    """Takes records and values in any order.

    Attributes:
        weights: Of all layers, in single precision.
        halves: Of fully connected layers that are stored in half precision, as their bits.
        lists: What a new stream's lists hold.
        arena: Float memory of a stream.
        actions: Actions of a stream.
        counts: Counts of a stream, without the first one.
    """

    def __init__(self) -> None:
        self.program = Table(records.Operation, OperationIndex)
        self.buffers = Table(records.Buffer, records.BufferIndex)
        self.convolutions = Table(records.Convolution, records.ConvolutionIndex)
        self.groups = Table(records.Group, records.GroupIndex)
        self.splittings = Table(records.Splitting, records.SplittingIndex)
        self.poolings = Table(records.Pooling, records.PoolingIndex)
        self.means = Table(records.Means, records.MeansIndex)
        self.vectors = Table(records.Vector, records.VectorIndex)
        self.linears = Table(records.Linear, records.LinearIndex)
        self.fusions = Table(records.Fusion, records.FusionIndex)
        self.separations = Table(records.Separation, records.SeparationIndex)
        self.weights = FilledSpace(records.WeightOffset, np.float32)
        self.halves = FilledSpace(records.HalfOffset, np.uint16)
        self.lists = FilledSpace(records.ListOffset, np.int64)
        self.arena = Space(records.ArenaOffset, ALIGNMENT)
        self.actions = Space(records.ActionOffset)
        self.counts = Space(records.CountOffset)
        self._masks: dict[tuple[int, ...], tuple[records.ArenaOffset, NDArray[np.float32]]] = {}

    def operation(self, kind: Kind, index: int, tasks: int) -> OperationIndex:
        """Append an operation to the program.

        Args:
            kind: What it does.
            index: Handle of the record that it works on, in the table of that kind.
            tasks: Number of its tasks; 0 where the policy decides at each step.
        """
        return self.program.add(records.Operation(kind, index, tasks))

    def leave_to_policy(self, operation: OperationIndex) -> None:
        """Run an operation only at steps whose policy gives it tasks."""
        self.program[operation] = replace(self.program[operation], tasks=0)

    def build(self) -> Program:
        """Return the finished program."""
        self._chain()
        tables = Tables(
            program=self.program.array(),
            buffers=self.buffers.array(),
            convolutions=self.convolutions.array(),
            splittings=self.splittings.array(),
            poolings=self.poolings.array(),
            means=self.means.array(),
            vectors=self.vectors.array(),
            linears=self.linears.array(),
            fusions=self.fusions.array(),
            separations=self.separations.array(),
            weights=self.weights.array(),
            halves=self.halves.array(),
        )
        # The microkernel looks at terms beyond the last one, to prefetch what they name.
        beyond = TERM_FIELDS * (PREFETCHED_TERMS + 1)
        return Program(
            tables=tables,
            lists=self.lists.array(beyond=beyond),
            groups=self.groups.array(),
            arena_size=self.arena.size,
            actions_size=self.actions.size,
            counts_size=self.counts.size,
            masks=list(self._masks.values()),
        )

    def _chain(self) -> None:
        """Let operations of one task follow the one before, where that always has tasks."""
        leader = OperationIndex(0)
        for position in map(OperationIndex, range(1, len(self.program))):
            first = self.program[leader]
            if self.program[position].tasks == 1 and first.tasks > 0:
                self.program[leader] = replace(first, followers=position - leader)
            else:
                leader = position
