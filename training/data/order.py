"""The order of the training clips, which a killed run takes up where it stopped.

Nothing here draws from a global generator: what an epoch holds, in which order, and how each clip
is varied follows from the run's seed, the epoch and the clip alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader, Dataset, DistributedSampler

SampleKey = tuple[int, int, int]
"""What one training sample depends on, and nothing else: the run's seed, the epoch and the index of
the clip. So a run repeats whatever the number of processes that read data."""


def run_seed() -> int:
    """Return the seed that `seed_everything` set for the run."""
    return int(os.environ.get("PL_GLOBAL_SEED", "0"))


class ShuffledOrder(DistributedSampler[Any]):
    """Shuffles an epoch's clips and deals them out to the processes of a run.

    Args:
        dataset: The clips.
        rank: Number of this process.
        processes: How many processes share the clips.
    """

    def __init__(self, dataset: Dataset[Any], rank: int = 0, processes: int = 1) -> None:
        super().__init__(
            dataset,
            num_replicas=processes,
            rank=rank,
            shuffle=True,
            seed=run_seed(),
            drop_last=True,
        )
        self.first = 0
        """Clips of this process that the next pass leaves out."""

    def __iter__(self) -> Iterator[Any]:
        """Yield a `SampleKey` for each clip."""
        indices = list(super().__iter__())
        for index in indices[self.first :]:
            yield (self.seed, self.epoch, index)


class TrainingLoader(DataLoader[Any]):
    """Loads batches in a `ShuffledOrder`, and knows how far it is, for a run that resumes.

    Lightning keeps the state in its checkpoints, with the interface that it has for that.

    Args:
        dataset: The clips; indexed by `SampleKey`.
        order: Their order.
        options: As for `DataLoader`.
    """

    sampler: ShuffledOrder

    def __init__(self, dataset: Dataset[Any], order: ShuffledOrder, **options: Any) -> None:
        super().__init__(dataset, sampler=order, drop_last=True, **options)
        self._done = 0
        self._resume: dict[str, int] | None = None

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """Yield the batches of an epoch, or the rest of the one that was interrupted."""
        self._done = 0
        if self._resume is not None and self._resume["epoch"] == self.sampler.epoch:
            self._done = self._resume["batches"]
        self._resume = None
        assert self.batch_size is not None
        self.sampler.first = self._done * self.batch_size
        for batch in super().__iter__():
            self._done += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """Return the epoch and how many of its batches were handed out."""
        return {"epoch": self.sampler.epoch, "batches": self._done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Let the next pass begin where `state` says, if it is a pass over the same epoch."""
        self._resume = dict(state)
