"""What the policies chose: per fused block, and which channels never change their action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.trace import Action, StepTrace

_ACTIONS = np.asarray(list(Action), np.int8)


@dataclass(frozen=True)
class Mix:
    """Shares of keep, reuse and skip; fractions of the channels.

    Attributes:
        keep: Kept.
        reuse: Reused.
        skip: Skipped.
    """

    keep: float
    reuse: float
    skip: float

    @property
    def total(self) -> float:
        """The sum of the three."""
        return self.keep + self.reuse + self.skip


@dataclass(frozen=True)
class DataSetMix:
    """The policy mix over one data set.

    Attributes:
        data: Name of the data set.
        mix: Shares over all blocks, channels, frames and clips.
    """

    data: str
    mix: Mix


@dataclass(frozen=True)
class BlockMix:
    """The policy of one fused block over a data set (paper, Fig. 4).

    Attributes:
        name: Name of the block in its backbone.
        channels: Channels at its fusion site.
        mix: Shares over all channels, frames and clips.
        constant: Shares of channels that keep, reuse or skip at every frame of a clip; the mean
            over all clips. The rest changes within a clip.
    """

    name: str
    channels: int
    mix: Mix
    constant: Mix


@dataclass(frozen=True)
class ClipMixes:
    """The policies of one clip.

    Attributes:
        shares: Fractions of kept, reused and skipped channels of each block, of shape (blocks, 3).
        constant: Fractions of channels that keep, reuse or skip at every frame, of the same shape.
    """

    shares: NDArray[np.float64]
    constant: NDArray[np.float64]


def clip_mixes(traces: Sequence[StepTrace]) -> ClipMixes:
    """Count one clip's actions.

    Args:
        traces: One for each frame, at least one.
    """
    shares, constant = [], []
    for index in range(len(traces[0].blocks)):
        actions = np.stack([trace.blocks[index].actions for trace in traces])
        chosen = actions[..., None] == _ACTIONS  # (T, C, A)
        shares.append(chosen.mean((0, 1)))
        constant.append(chosen.all(0).mean(0))
    shape = (len(shares), len(_ACTIONS))
    return ClipMixes(np.reshape(shares, shape), np.reshape(constant, shape))


def block_mixes(
    names: Sequence[str], channels: Sequence[int], clips: Sequence[ClipMixes]
) -> tuple[BlockMix, ...]:
    """Average the policies of each block over clips; nothing for a dense network."""
    shares = np.mean([clip.shares for clip in clips], axis=0)
    constant = np.mean([clip.constant for clip in clips], axis=0)
    return tuple(
        BlockMix(name, count, Mix(*map(float, mix)), Mix(*map(float, still)))
        for name, count, mix, still in zip(names, channels, shares, constant, strict=True)
    )
