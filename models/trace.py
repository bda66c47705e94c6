"""What a streaming step decided and what it cost, per fused block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Action(IntEnum):
    """What happens to one channel of a fused convolution at one frame (paper, section 3.1)."""

    KEEP = 0
    REUSE = 1
    SKIP = 2


class BlockPhase(IntEnum):
    """What the time of a fused block goes into: choosing the actions, and the convolutions."""

    POLICY = 0
    CONVOLUTIONS = 1


@dataclass(frozen=True)
class BlockTrace:
    """One fused block at one step.

    Attributes:
        name: Name of the block in its backbone, such as "layer2.0".
        actions: The `Action` of each channel, int8 of shape (C,).
        kept: Channels computed from this frame.
        reused_cached: Channels taken from the previous frame that were already computed there.
        reused_late: Channels taken from the previous frame that had to be computed for it now.
        skipped: Channels set to zero.
        multiply_adds: Operations that the actions ask for in this block's fused convolutions.
        dense_multiply_adds: The same with every channel kept.
    """

    name: str
    actions: NDArray[np.int8]
    kept: int
    reused_cached: int
    reused_late: int
    skipped: int
    multiply_adds: int
    dense_multiply_adds: int

    @property
    def channels(self) -> int:
        """How many channels this fusion site has."""
        return int(self.actions.size)

    @property
    def reused(self) -> int:
        """Channels taken from the previous frame, cached or late."""
        return self.reused_cached + self.reused_late


@dataclass(frozen=True)
class StepTrace:
    """One step of the whole network.

    Attributes:
        blocks: The fused blocks, from input to output; empty for a dense baseline.
        multiply_adds: Operations of the whole step, policy networks included.
        dense_multiply_adds: Operations of the same network with every channel kept and no policy
            networks.
        block_ms: Milliseconds that every block spent in each `BlockPhase`, float32 of shape (B, 2);
            None if they were not asked for, or the engine does not measure them.
    """

    blocks: Sequence[BlockTrace]
    multiply_adds: int
    dense_multiply_adds: int
    block_ms: NDArray[np.float32] | None = field(default=None, compare=False)

    @property
    def gflops(self) -> float:
        """Cost of the step in 1e9 multiply-adds."""
        return self.multiply_adds / 1e9

    @property
    def dense_gflops(self) -> float:
        """Cost of a dense step in 1e9 multiply-adds."""
        return self.dense_multiply_adds / 1e9

    def shares(self) -> tuple[float, float, float]:
        """Return the fractions of all channels that were kept, reused and skipped.

        A network without fusion sites keeps everything: (1, 0, 0).
        """
        channels = sum(block.channels for block in self.blocks)
        if channels == 0:
            return 1.0, 0.0, 0.0
        kept = sum(block.kept for block in self.blocks)
        reused = sum(block.reused for block in self.blocks)
        return kept / channels, reused / channels, (channels - kept - reused) / channels
