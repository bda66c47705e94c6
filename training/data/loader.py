"""Batches of clips: how they are collated, in which order they come, and how loading resumes.

Nothing here draws from a global generator: what an epoch holds, in which order, and how each clip
is varied depend on the run's seed, the epoch and the clip alone.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, DistributedSampler, default_collate

from training.data.dataset import Sample
from training.data.unreadable import Unreadable


class Batch(NamedTuple):
    """Clips that could be read, and those that could not.

    Attributes:
        clips: uint8 RGB of shape (B, T, H, W, 3); for other pixels of samples, what they are of
            all samples together.
        labels: int64 of shape (B,).
        unreadable: Clips that could not be read.
    """

    clips: Any
    labels: Tensor
    unreadable: Sequence[Unreadable]


def collate(samples: Sequence[Sample]) -> Batch:
    """Collate samples, without those that could not be read."""
    read = [sample for sample in samples if sample.pixels is not None]
    clips = [sample.pixels for sample in read if sample.pixels is not None]
    return Batch(
        # In a loading process this stacks them directly into shared memory.
        default_collate(clips) if clips else torch.empty(0, dtype=torch.uint8),
        torch.tensor([sample.label for sample in read], dtype=torch.int64),
        [found for sample in samples for found in sample.unreadable],
    )


def start_worker(_: int) -> None:
    """Limit a loading process to one thread, and leave signals to the process it loads for.

    There is one process per core already; and a signal to all processes of a run, as batch systems
    send it, must end the run in good order and not kill its data loading first.
    """
    cv2.setNumThreads(1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def run_seed() -> int:
    """Return the seed that `seed_everything` set for the run."""
    return int(os.environ.get("PL_GLOBAL_SEED", "0"))


class ShuffledOrder(DistributedSampler[Any]):
    """Shuffles an epoch's clips and shares them among the processes of a run."""

    def __init__(self, dataset: Dataset[Any], rank: int = 0, processes: int = 1) -> None:
        """Start before the first epoch.

        Args:
            dataset: The clips.
            rank: Index of this process.
            processes: How many share the clips.
        """
        super().__init__(
            dataset,
            num_replicas=processes,
            rank=rank,
            shuffle=True,
            seed=run_seed(),
            drop_last=True,
        )
        self.first = 0
        """How many clips of this process the next pass skips."""

    def __iter__(self) -> Iterator[Any]:
        """Yield a `SampleKey` for each clip."""
        indices = list(super().__iter__())
        for index in indices[self.first :]:
            yield (self.seed, self.epoch, index)


class TrainingLoader(DataLoader[Any]):
    """Loads batches in a `ShuffledOrder` and keeps its position, for a run that resumes.

    Lightning stores `state_dict` in its checkpoints.
    """

    sampler: ShuffledOrder

    def __init__(self, dataset: Dataset[Any], order: ShuffledOrder, **options: Any) -> None:
        """Start before the first batch.

        Args:
            dataset: The clips; indexed by `SampleKey`.
            order: Their order.
            options: As for `DataLoader`.
        """
        super().__init__(dataset, sampler=order, drop_last=True, **options)
        self._done = 0
        self._resume: dict[str, int] | None = None

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """Yield the batches of an epoch, or the rest of an interrupted one."""
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
        """Start the next pass where `state` says, if it is a pass over the same epoch."""
        self._resume = dict(state)
