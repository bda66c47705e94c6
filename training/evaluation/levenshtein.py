"""How far a sequence of gestures is from what was really done.

Exact, unlike `torchmetrics.text`, which only looks near the diagonal of long sequences.
"""

from __future__ import annotations

from collections.abc import Sequence


def edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many insertions, deletions and replacements turn one sequence into the other."""
    row = list(range(len(second) + 1))
    for above, item in enumerate(first, start=1):
        diagonal, row[0] = row[0], above
        for column, other in enumerate(second, start=1):
            replaced = diagonal + (item != other)
            diagonal = row[column]
            row[column] = min(replaced, diagonal + 1, row[column - 1] + 1)
    return row[-1]
