"""Collects the records, weights and lists of a program, and makes its tables of them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.kernels import records
from models.engines.kernels.microkernel import PREFETCHED_TERMS, TERM_FIELDS
from models.engines.kernels.records import Kind, Tables
from models.engines.planning.memory import ALIGNMENT, Program, aligned_zeros


def round_up(value: int, multiple: int) -> int:
    """Return the smallest multiple that is not below `value`."""
    return -(-value // multiple) * multiple


class TableBuilder:
    """Takes records and numbers in any order and hands out their places."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, float]]] = defaultdict(list)
        self._weights: list[NDArray[np.float32]] = []
        self._halves: list[NDArray[np.uint16]] = []
        self._sizes = {"weights": 0, "halves": 0, "arena": 0, "lists": 0, "actions": 0, "counts": 0}
        self._lists: list[tuple[int, NDArray[np.int64]]] = []
        self._masks: dict[tuple[int, ...], tuple[int, NDArray[np.float32]]] = {}

    def add(self, table: str, **fields: float) -> int:
        """Append a record to a table and return its index."""
        self._rows[table].append(fields)
        return len(self._rows[table]) - 1

    def change(self, table: str, index: int, **fields: float) -> None:
        """Set fields of a record that is there already."""
        self._rows[table][index].update(fields)

    def get(self, table: str, index: int, field: str) -> int:
        """Return a field of a record."""
        return int(self._rows[table][index][field])

    def operation(self, kind: Kind, index: int, tasks: int) -> int:
        """Append an operation to the program and return its position.

        Args:
            kind: What it does.
            index: Which one of the table of that kind.
            tasks: Its number of tasks; 0 where the policy of each step tells.
        """
        return self.add("program", kind=kind, index=index, tasks=tasks, followers=0)

    def _chain(self) -> None:
        """Let operations of one task follow the one before, where that always has tasks."""
        leader = 0
        for position in range(1, len(self._rows["program"])):
            alone = self.get("program", position, "tasks") == 1
            if alone and self.get("program", leader, "tasks") > 0:
                self.change("program", leader, followers=position - leader)
            else:
                leader = position

    def reserve(self, space: str, size: int) -> int:
        """Take `size` values of a space and return where they begin."""
        begin = self._sizes[space]
        step = ALIGNMENT if space in _ALIGNED else 1
        self._sizes[space] = begin + round_up(size, step)
        return begin

    def lists(self, values: Any) -> int:
        """Store int64 numbers in every stream's lists."""
        array = np.asarray(values, np.int64)
        begin = self.reserve("lists", array.size)
        self._lists.append((begin, array))
        return begin

    def weights(self, values: NDArray[Any]) -> int:
        """Store float32 weights."""
        begin = self.reserve("weights", values.size)
        padded = np.zeros(self._sizes["weights"] - begin, np.float32)
        padded[: values.size] = values.reshape(-1)
        self._weights.append(padded)
        return begin

    def halves(self, values: NDArray[np.float16]) -> int:
        """Store half-precision weights."""
        begin = self.reserve("halves", values.size)
        padded = np.zeros(self._sizes["halves"] - begin, np.uint16)
        padded[: values.size] = values.reshape(-1).view(np.uint16)
        self._halves.append(padded)
        return begin

    def build(self) -> Program:
        """Return the finished program."""
        self._chain()
        arrays = {
            name: self._table(name, getattr(records, kind)) for name, kind in _TABLE_KINDS.items()
        }
        groups = arrays.pop("groups")
        tables = Tables(
            **arrays,
            weights=_joined(self._weights, np.float32),
            halves=_joined(self._halves, np.uint16),
        )
        # The microkernel looks at terms beyond the last one, to prefetch what they name.
        beyond = TERM_FIELDS * (PREFETCHED_TERMS + 1)
        lists = np.zeros(self._sizes["lists"] + beyond, np.int64)
        for begin, values in self._lists:
            lists[begin : begin + values.size] = values
        return Program(tables, lists, groups, dict(self._sizes), list(self._masks.values()))

    def _table(self, name: str, kind: np.dtype[np.void]) -> NDArray[np.void]:
        rows = self._rows[name]
        table = np.zeros(len(rows), kind)
        for place, fields in enumerate(rows):
            for field in kind.names or ():
                table[place][field] = fields[field]
        return table


_ALIGNED = ("weights", "halves", "arena", "lists")

_TABLE_KINDS = {
    "program": "OPERATION",
    "buffers": "BUFFER",
    "convolutions": "CONVOLUTION",
    "splittings": "SPLITTING",
    "poolings": "POOLING",
    "means": "MEANS",
    "vectors": "VECTOR",
    "linears": "LINEAR",
    "fusions": "FUSION",
    "separations": "SEPARATION",
    "groups": "GROUP",
}


def _joined(parts: list[NDArray[Any]], kind: Any) -> NDArray[Any]:
    """Join stored weights into one array that begins at a cache line."""
    size = sum(part.size for part in parts)
    joined = aligned_zeros(size, kind)
    if parts:
        np.concatenate(parts, out=joined)
    return joined
