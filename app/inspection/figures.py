"""The figures of a fused block over a history: shares, cost, time, and how long actions last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.inspection.history import BlockHistory, PolicyHistory
from app.inspection.run_lengths import RunLengths, run_lengths


@dataclass(frozen=True)
class BlockTimes:
    """Milliseconds of a block.

    Attributes:
        convolutions_ms: Of its fused convolutions.
        policy_ms: Of choosing the actions.
        dense_ms: Of the fused convolutions with every channel kept, measured; None if it is not.
    """

    convolutions_ms: float
    policy_ms: float
    dense_ms: float | None

    @property
    def executed_ms(self) -> float:
        """All that the block takes, so that a policy has to earn its own time."""
        return self.convolutions_ms + self.policy_ms


@dataclass(frozen=True)
class BlockFigures:
    """One fused block over the remembered steps.

    Attributes:
        name: Of the block.
        channels: At its fusion site.
        steps: How many steps the means are over.
        shares: Mean share of channels kept, reused from cache, reused late and skipped, of shape
            (4,).
        multiply_adds: Mean per step.
        dense_multiply_adds: With every channel kept.
        times: Median per step; None if no step was timed.
        runs: How long actions last.
    """

    name: str
    channels: int
    steps: int
    shares: NDArray[np.float64]
    multiply_adds: float
    dense_multiply_adds: int
    times: BlockTimes | None
    runs: RunLengths


def block_figures(
    history: PolicyHistory, block: BlockHistory, dense_ms: float | None
) -> BlockFigures:
    """Take the figures of a block that has at least one step.

    Args:
        history: It belongs to.
        block: The block.
        dense_ms: Milliseconds of its fused convolutions with every channel kept, if measured.
    """
    return BlockFigures(
        name=block.name,
        channels=block.channels,
        steps=history.steps,
        shares=block.counts.mean(axis=1) / max(1, block.channels),
        multiply_adds=float(block.multiply_adds.mean()),
        dense_multiply_adds=block.dense_multiply_adds,
        times=usual_times(block, dense_ms),
        runs=run_lengths(block.states, history.follows),
    )


def usual_times(block: BlockHistory, dense_ms: float | None) -> BlockTimes | None:
    """Return the median times of the steps that were timed; None if none was.

    A step that another program held up for long would move the mean.
    """
    policy, convolutions = block.milliseconds
    timed = ~np.isnan(convolutions)
    if not timed.any():
        return None
    usual_ms = [float(np.median(times[timed])) for times in (convolutions, policy)]
    return BlockTimes(usual_ms[0], usual_ms[1], dense_ms)


def times_at(block: BlockHistory, dense_ms: float | None, step: int = -1) -> BlockTimes | None:
    """Return the times of a remembered step, the newest one unless told; None without any."""
    policy, convolutions = block.milliseconds[:, step].tolist()
    return None if np.isnan(convolutions) else BlockTimes(convolutions, policy, dense_ms)
