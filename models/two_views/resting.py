"""When the whole view rests: what it said last is reused while the square holds the hand.

The locator is most of what a step costs, and is asked where the hand is. As long as the square's
network sees the hand where it was, that is known. So the whole view is the coarsest of the things
that are reused from the frame before, like a channel of a convolution (AdaFuse, section 3.1), and
counts as such. Nothing here needs PyTorch.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from models.trace import Action, BlockTrace, StepTrace
from models.two_views.box import BoxSettings, BoxState


def may_rest(state: BoxState, settings: BoxSettings) -> bool:
    """Return whether the whole view may rest in the next frame, by what the last one showed."""
    held = state.held
    return (
        held is not None
        and state.rested < settings.resting_frames
        and held.presence > settings.resting_above
        and state.moved < settings.resting_within
    )


def resting_trace(last: StepTrace) -> StepTrace:
    """Return the trace of a step in which a network reuses all that it said in its last one."""
    return StepTrace(
        blocks=tuple(_reused(block) for block in last.blocks),
        multiply_adds=0,
        dense_multiply_adds=last.dense_multiply_adds,
        block_ms=None if last.block_ms is None else np.zeros_like(last.block_ms),
    )


def _reused(block: BlockTrace) -> BlockTrace:
    return dataclasses.replace(
        block,
        actions=np.full_like(block.actions, Action.REUSE),
        kept=0,
        reused_cached=block.channels,
        reused_late=0,
        skipped=0,
        multiply_adds=0,
    )
