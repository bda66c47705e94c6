"""What actions cost, given what each channel costs: Eq. 5 of the paper, over a clip and live.

One FLOP is one multiply-add, as in the paper. `models.network.cost` measures the `NetworkCost` that
everything here starts from. Nothing here needs PyTorch: the functions take NumPy arrays and, where
the training loss needs gradients, PyTorch tensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.trace import Action, BlockTrace, StepTrace

# NumPy compares with an IntEnum ten times slower than with a scalar of the array's own type.
_KEEP, _REUSE = np.int8(Action.KEEP), np.int8(Action.REUSE)


class SiteCost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cost of one fused block's convolutions, per channel of the fusion site and per frame.

    Attributes:
        name: Name of the block in its backbone.
        channels: Channels at the fusion site.
        produce: Multiply-adds of the first convolution and its batch norm, per output channel.
        consume: Multiply-adds of the second convolution, per input channel; if that one is
            depthwise, everything after it up to and including the projection counts too.
        policy: Multiply-adds of the block's whole policy network, and of the constants that skipped
            channels leave behind a depthwise convolution.
    """

    name: str
    channels: int
    produce: int
    consume: int
    policy: int

    def __post_init__(self) -> None:
        """Reject negative costs."""
        if min(self.channels, self.produce, self.consume, self.policy) < 0:
            raise ValueError(f"the cost of {self.name} must not be negative")

    @property
    def dense(self) -> int:
        """Multiply-adds of these convolutions with every channel kept."""
        return self.channels * (self.produce + self.consume)


class NetworkCost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cost of a whole network per frame.

    Attributes:
        sites: The fused blocks, from input to output.
        fixed: Multiply-adds that no policy changes.
    """

    sites: tuple[SiteCost, ...]
    fixed: int

    def __post_init__(self) -> None:
        """Reject a negative cost."""
        if self.fixed < 0:
            raise ValueError("the fixed cost must not be negative")

    @property
    def dense(self) -> int:
        """Multiply-adds per frame of the dense network, without policy networks."""
        return self.fixed + sum(site.dense for site in self.sites)

    @property
    def policy(self) -> int:
        """Multiply-adds per frame of all policy networks."""
        return sum(site.policy for site in self.sites)


def paid_channels(actions: Any) -> tuple[Any, Any]:
    """Count the channels that a clip pays for (paper, Eq. 5).

    A channel of the first convolution is paid at frame t if it is kept at t or reused at t + 1;
    the last frame has no successor. A channel of the second convolution is paid if it is not
    skipped at t.

    Args:
        actions: One-hot actions of shape (..., T, C, A): a NumPy array, or a PyTorch tensor through
            which gradients flow.

    Returns:
        Channels paid in the first and in the second convolution, summed over T and C, of shape
        (...).
    """
    keep = actions[..., int(Action.KEEP)]
    reuse = actions[..., int(Action.REUSE)]
    kept = keep.sum((-2, -1))
    # "Kept at t or reused at t + 1" as a polynomial, so that a gradient reaches both policies.
    reused_uncomputed = ((1 - keep[..., :-1, :]) * reuse[..., 1:, :]).sum((-2, -1))
    return kept + reused_uncomputed, kept + reuse.sum((-2, -1))


def clip_cost(cost: NetworkCost, actions: Sequence[Any], frames: int) -> Any:
    """Return the multiply-adds of a clip, policy networks included (paper, Eq. 5).

    Args:
        cost: The network.
        actions: Per fused block one-hot actions of shape (..., T, C, A), in the order of
            `cost.sites`.
        frames: T.
    """
    total: Any = frames * (cost.fixed + cost.policy)
    for site, block_actions in zip(cost.sites, actions, strict=True):
        produced, consumed = paid_channels(block_actions)
        total = total + produced * site.produce + consumed * site.consume
    return total


def block_trace(
    site: SiteCost, actions: NDArray[np.int8], kept: int, reused: int, late: int
) -> BlockTrace:
    """Return what one fused block cost at one live step.

    Args:
        site: The block.
        actions: Actions of this frame, of shape (C,).
        kept: Channels that were kept.
        reused: Channels that were reused, late ones among them.
        late: Channels that were reused but not computed at the previous frame.
    """
    return BlockTrace(
        name=site.name,
        actions=actions,
        kept=kept,
        reused_cached=reused - late,
        reused_late=late,
        skipped=site.channels - kept - reused,
        multiply_adds=(kept + late) * site.produce + (kept + reused) * site.consume,
        dense_multiply_adds=site.dense,
    )


class CountedBlocks(Sequence[BlockTrace]):
    """The fused blocks of one live step, made from arrays when they are asked for.

    A step takes only milliseconds, and Python objects for every block would be a good part of that.
    """

    def __init__(
        self, cost: NetworkCost, actions: NDArray[np.int8], counts: NDArray[np.int64]
    ) -> None:
        """Wrap the arrays.

        Args:
            cost: The network.
            actions: Actions of all blocks, one block after the other, int8.
            counts: For every block how many channels were kept, reused, and reused late, of shape
                (B, 3).
        """
        self._cost, self._actions, self._counts = cost, actions, counts

    @cached_property
    def _blocks(self) -> tuple[BlockTrace, ...]:
        ends = np.cumsum([site.channels for site in self._cost.sites])
        return tuple(
            block_trace(site, self._actions[end - site.channels : end], *counts)
            for site, end, counts in zip(self._cost.sites, ends, self._counts.tolist(), strict=True)
        )

    def __len__(self) -> int:
        """Return how many fused blocks there are."""
        return len(self._cost.sites)

    @overload
    def __getitem__(self, index: int) -> BlockTrace: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[BlockTrace]: ...
    def __getitem__(self, index: int | slice) -> BlockTrace | Sequence[BlockTrace]:
        """Return one block, or a slice of them."""
        return self._blocks[index]


def network_trace(cost: NetworkCost, blocks: tuple[BlockTrace, ...]) -> StepTrace:
    """Return what a step of the whole network cost, given its fused blocks."""
    executed = cost.fixed + cost.policy + sum(block.multiply_adds for block in blocks)
    return StepTrace(blocks=blocks, multiply_adds=executed, dense_multiply_adds=cost.dense)


def step_trace(
    cost: NetworkCost,
    actions: Sequence[NDArray[np.int8]],
    previous: Sequence[NDArray[np.int8]] | None,
) -> StepTrace:
    """Count one live step of the whole network, late reuse included.

    Summed over a clip that starts from the initial state, `multiply_adds` equals `clip_cost`.

    Args:
        cost: The network.
        actions: The actions of this frame in every fused block, of shape (C,).
        previous: The same for the previous frame; None at the first frame, where reuse takes zeros
            at no cost.
    """
    before: Sequence[NDArray[np.int8] | None] = (
        [None] * len(actions) if previous is None else previous
    )
    blocks = []
    for site, now, then in zip(cost.sites, actions, before, strict=True):
        reuse = now == _REUSE
        late = 0 if then is None else np.count_nonzero(reuse & (then != _KEEP))
        counts = np.count_nonzero(now == _KEEP), np.count_nonzero(reuse), late
        blocks.append(block_trace(site, now, *map(int, counts)))
    return network_trace(cost, tuple(blocks))
