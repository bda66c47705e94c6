"""The newest steps of every fused block, in memory that is allocated once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.inspection.channel_state import COUNTED_STATES, ChannelState, states_of
from app.live.snapshot import Prediction
from models.trace import BlockTrace

USUAL_CAPACITY = 300
"""Steps that are remembered: about 40 seconds of a model that runs eight times a second."""


class _Window:
    """The newest columns of an array whose last axis is time.

    Every column is written twice, so that the newest ones are always contiguous.
    """

    def __init__(self, shape: tuple[int, ...], capacity: int, kind: Any, fill: float) -> None:
        self._capacity = capacity
        self._both: NDArray[Any] = np.full((*shape, 2 * capacity), fill, kind)

    def write(self, column: int, value: Any) -> None:
        place = column % self._capacity
        self._both[..., place] = value
        self._both[..., place + self._capacity] = value

    def newest(self, columns: int) -> NDArray[Any]:
        """Return a view of what is remembered once `columns` columns were written."""
        length = min(columns, self._capacity)
        begin = (columns - length) % self._capacity
        view = self._both[..., begin : begin + length]
        view.flags.writeable = False
        return view


class BlockHistory:
    """One fused block over time; all arrays end with the newest step.

    Attributes:
        name: Of the block.
        channels: C, channels at its fusion site.
        dense_multiply_adds: Of its fused convolutions with every channel kept.
    """

    def __init__(self, block: BlockTrace, history: PolicyHistory) -> None:
        """Allocate the memory; `PolicyHistory` creates and fills it."""
        self.name = block.name
        self.channels = block.channels
        self.dense_multiply_adds = block.dense_multiply_adds
        self._history = history
        capacity = history.capacity
        self._states = _Window((block.channels,), capacity, np.uint8, ChannelState.NOTHING)
        self._counts = _Window((len(COUNTED_STATES),), capacity, np.int32, 0)
        self._costs = _Window((), capacity, np.int64, 0)
        self._ms = _Window((2,), capacity, np.float32, np.nan)
        self._actions: NDArray[np.int8] | None = None

    @property
    def states(self) -> NDArray[np.uint8]:
        """The `ChannelState` of every channel at every step, of shape (C, N)."""
        return self._states.newest(self._history.written)

    @property
    def counts(self) -> NDArray[np.int32]:
        """Channels in each of `COUNTED_STATES`, of shape (4, N)."""
        return self._counts.newest(self._history.written)

    @property
    def multiply_adds(self) -> NDArray[np.int64]:
        """Operations of the fused convolutions, of shape (N,)."""
        return self._costs.newest(self._history.written)

    @property
    def milliseconds(self) -> NDArray[np.float32]:
        """Time of the policy and of the fused convolutions, of shape (2, N); NaN where unknown."""
        return self._ms.newest(self._history.written)

    def write(
        self, column: int, block: BlockTrace, *, follows: bool, spent_ms: NDArray[np.float32] | None
    ) -> bool:
        """Add a step; return whether it directly follows the one before, as far as can be seen."""
        states, follows = states_of(block, self._actions if follows else None)
        self._actions = block.actions
        self._states.write(column, states)
        self._counts.write(
            column, (block.kept, block.reused_cached, block.reused_late, block.skipped)
        )
        self._costs.write(column, block.multiply_adds)
        self._ms.write(column, np.nan if spent_ms is None else spent_ms)
        return follows


class PolicyHistory:
    """What all fused blocks did over the newest steps; used by one thread.

    Another network, or a time that jumps back, clears it.
    """

    def __init__(self, capacity: int = USUAL_CAPACITY) -> None:
        """Allocate nothing until the first step.

        Args:
            capacity: Steps to remember, at least 1.
        """
        if capacity < 1:
            raise ValueError("a history must remember at least one step")
        self.capacity = capacity
        self.written = 0
        self._blocks: tuple[BlockHistory, ...] = ()
        self._begin()

    @property
    def blocks(self) -> Sequence[BlockHistory]:
        """The fused blocks, from input to output; none before the first step."""
        return self._blocks

    @property
    def steps(self) -> int:
        """N, how many steps are remembered."""
        return min(self.written, self.capacity)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Times of the steps on the source's clock, in seconds, of shape (N,)."""
        return self._times.newest(self.written)

    @property
    def follows(self) -> NDArray[np.bool_]:
        """Whether each step directly follows the one before, of shape (N,).

        False at the start of a stream and where a step in between was not seen.
        """
        return self._follows.newest(self.written)

    @property
    def indices(self) -> NDArray[np.int64]:
        """Indices of the predictions, of shape (N,)."""
        return self._indices.newest(self.written)

    def clear(self) -> None:
        """Forget everything, the network included."""
        self._blocks = ()
        self._begin()

    def add(self, prediction: Prediction) -> None:
        """Add the newest step."""
        blocks = prediction.trace.blocks
        if self._differs(blocks) or (self.written and prediction.time_s < self.times_s[-1]):
            self._begin()
            self._blocks = tuple(BlockHistory(block, self) for block in blocks)
        follows = bool(self.written) and prediction.index == self.indices[-1] + 1
        all_follow = follows
        times = prediction.trace.block_ms
        for index, (history, block) in enumerate(zip(self._blocks, blocks, strict=True)):
            spent_ms = None if times is None else times[index]
            seen = history.write(self.written, block, follows=follows, spent_ms=spent_ms)
            all_follow = all_follow and seen
        self._times.write(self.written, prediction.time_s)
        self._indices.write(self.written, prediction.index)
        self._follows.write(self.written, all_follow)
        self.written += 1

    def _begin(self) -> None:
        self.written = 0
        self._times = _Window((), self.capacity, np.float64, 0)
        self._indices = _Window((), self.capacity, np.int64, 0)
        self._follows = _Window((), self.capacity, np.bool_, False)

    def _differs(self, blocks: Sequence[BlockTrace]) -> bool:
        known = [(block.name, block.channels) for block in self._blocks]
        return known != [(block.name, block.channels) for block in blocks]
