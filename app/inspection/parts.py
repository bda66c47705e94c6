"""What happens to a channel at a step, with reuse from cache and late reuse distinguished."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from models.trace import Action, BlockTrace


class Part(IntEnum):
    """One cell of a channel map.

    `REUSE` is a reuse that may have been late or not, because the step before it was not seen.
    `NOTHING` stands for times before the first step.
    """

    KEEP = 0
    REUSE_CACHED = 1
    REUSE_LATE = 2
    SKIP = 3
    REUSE = 4
    NOTHING = 5

    @property
    def words(self) -> str:
        """Its name in the window and in files."""
        return self.name.lower().replace("_", ", ")


ACTION_OF = np.array(
    [Action.KEEP, Action.REUSE, Action.REUSE, Action.SKIP, Action.REUSE, -1], np.int8
)
"""The `Action` of each `Part`; -1 for none."""

_OF_ACTION = np.array([Part.KEEP, Part.REUSE_CACHED, Part.SKIP], np.uint8)


def parts_of(block: BlockTrace, before: NDArray[np.int8] | None) -> tuple[NDArray[np.uint8], bool]:
    """Return what happened to every channel of a block.

    A channel is reused late if it was not kept at the step before. The trace counts late reuses,
    which reveals a step that does not directly follow the one before.

    Args:
        block: The block at one step.
        before: Its actions at the step before, of shape (C,); None if that is not known.

    Returns:
        The `Part` of each channel, uint8 of shape (C,), and whether the step directly
        follows the one before.
    """
    parts = _OF_ACTION[block.actions]
    reused = block.actions == np.int8(Action.REUSE)
    late = reused & (before != np.int8(Action.KEEP)) if before is not None else None
    follows = late is not None and np.count_nonzero(late) == block.reused_late
    if block.reused_late == 0:
        return parts, follows
    if block.reused_cached == 0:
        late = reused
    elif not follows:
        parts[reused] = Part.REUSE
        return parts, False
    parts[late] = Part.REUSE_LATE
    return parts, follows
