"""The state of a channel at a step: its action, and whether a reuse was from cache or late."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from models.trace import Action, BlockTrace


class ChannelState(IntEnum):
    """One cell of a channel map.

    `REUSE` is a reuse that may have been late or not: the step before it was not seen.
    `NOTHING` stands for the time before the first step.
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


COUNTED_STATES = (
    ChannelState.KEEP,
    ChannelState.REUSE_CACHED,
    ChannelState.REUSE_LATE,
    ChannelState.SKIP,
)
"""The states that a trace counts; together they are all channels of a block."""

ACTION_OF = np.array(
    [Action.KEEP, Action.REUSE, Action.REUSE, Action.SKIP, Action.REUSE, -1], np.int8
)
"""The `Action` of each `ChannelState`; -1 for none."""

_OF_ACTION = np.array([ChannelState.KEEP, ChannelState.REUSE_CACHED, ChannelState.SKIP], np.uint8)


def states_of(block: BlockTrace, before: NDArray[np.int8] | None) -> tuple[NDArray[np.uint8], bool]:
    """Return the state of every channel of a block.

    A channel is reused late if it was not kept at the step before. The trace counts those, which
    shows whether a step follows on the one before.

    Args:
        block: The block at one step.
        before: Its actions at the step before, of shape (C,); None if that is not known.

    Returns:
        The `ChannelState` of each channel, uint8 of shape (C,), and whether the step follows on the
        one before.
    """
    states = _OF_ACTION[block.actions]
    reused = block.actions == np.int8(Action.REUSE)
    late = reused & (before != np.int8(Action.KEEP)) if before is not None else None
    follows = late is not None and np.count_nonzero(late) == block.reused_late
    if block.reused_late == 0:
        return states, follows
    if block.reused_cached == 0:
        late = reused
    elif not follows:
        states[reused] = ChannelState.REUSE
        return states, False
    states[late] = ChannelState.REUSE_LATE
    return states, follows
