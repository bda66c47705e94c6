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
        convolutions_ms: Time of its fused convolutions.
        policy_ms: Time of its policy network.
        dense_ms: Measured time of the fused convolutions with every channel kept; None if unknown.
    """

    convolutions_ms: float
    policy_ms: float
    dense_ms: float | None

    @property
    def executed_ms(self) -> float:
        """Total time of the block, its policy included."""
        return self.convolutions_ms + self.policy_ms


@dataclass(frozen=True)
class BlockFigures:
    """One fused block over the remembered steps.

    Attributes:
        name: Name of the block.
        channels: Channels at its fusion site.
        steps: Steps that the means are taken over.
        shares: Mean share of channels kept, reused from cache, reused late and skipped, of shape
            (4,).
        multiply_adds: Mean operations per step.
        dense_multiply_adds: Operations with every channel kept.
        times: Median times per step; None if no step was timed.
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
    """Return the figures of a block that has at least one step.

    Args:
        history: The history that the block belongs to.
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

    Unlike the mean, the median ignores a step that another program delayed.
    """
    policy, convolutions = block.milliseconds
    timed = ~np.isnan(convolutions)
    if not timed.any():
        return None
    usual_ms = [float(np.median(times[timed])) for times in (convolutions, policy)]
    return BlockTimes(usual_ms[0], usual_ms[1], dense_ms)


def times_at(block: BlockHistory, dense_ms: float | None, step: int = -1) -> BlockTimes | None:
    """Return the times of a remembered step, by default the newest; None if it was not timed."""
    policy, convolutions = block.milliseconds[:, step].tolist()
    return None if np.isnan(convolutions) else BlockTimes(convolutions, policy, dense_ms)
