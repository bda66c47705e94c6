"""The order in which a map shows its channels."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.inspection.channel_state import ACTION_OF
from models.trace import Action


class ChannelOrder(StrEnum):
    """How the channels are sorted."""

    INDEX = "by number"
    KEEP = "by share of keep"


def channel_order(states: NDArray[np.uint8], order: ChannelOrder) -> NDArray[np.intp]:
    """Return the indices of the channels from top to bottom.

    Args:
        states: `ChannelState` of every channel at every step, of shape (C, N).
        order: `KEEP` puts the channels first that are kept most, and among equals those that are
            reused most.
    """
    if order is ChannelOrder.INDEX:
        return np.arange(len(states))
    actions = ACTION_OF[states]
    kept = np.count_nonzero(actions == np.int8(Action.KEEP), axis=1)
    reused = np.count_nonzero(actions == np.int8(Action.REUSE), axis=1)
    return np.lexsort((-reused, -kept))
