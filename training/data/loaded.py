"""What all data modules share: loaders that a run resumes, and the count of unreadable clips."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.data.clip import Clip
from training.data.dataset import Sample
from training.data.errors import DataError
from training.data.loader import Batch, ShuffledOrder, TrainingLoader, collate, start_worker
from training.data.unreadable import UnreadableClips

SAME_CLIPS = (
    "Training and validation would use the same clips; give data.val_root or data.val_annotations."
)


class LoadedData(LightningDataModule):
    """Training and validation samples, each once an epoch."""

    def __init__(self, batch_size: int, workers: int, unreadable_share: float) -> None:
        """Take the options; `setup` gives the samples.

        Args:
            batch_size: Samples in a batch.
            workers: Processes that read data.
            unreadable_share: Share of the clips that may be unreadable before the run stops.
        """
        super().__init__()
        self._batch_size = int(batch_size)
        self._workers = int(workers)
        self._unreadable_share = float(unreadable_share)
        self._train: Dataset[Sample] | None = None
        self._val: Dataset[Sample] | None = None
        self._train_samples = 0
        self._unreadable_train: UnreadableClips | None = None
        self._unreadable_val: UnreadableClips | None = None

    def _take_training(self, samples: Dataset[Sample], count: int) -> None:
        self._train, self._train_samples = samples, count
        self._unreadable_train = UnreadableClips(
            count, self._unreadable_share, "replaced by another clip, drawn at random"
        )

    def _take_validation(self, samples: Dataset[Sample], count: int) -> None:
        self._val = samples
        self._unreadable_val = UnreadableClips(
            count, self._unreadable_share, "left out of validation"
        )

    @abstractmethod
    def _nothing(self) -> Tensor | tuple[Tensor, ...]:
        """Return the pixels of no clips: a batch of which none could be read."""

    def _options(self) -> dict[str, Any]:
        return {
            "batch_size": self._batch_size,
            "num_workers": self._workers,
            "persistent_workers": self._workers > 0,
            # A forked process would wait forever for OpenCV's threads, which it does not inherit.
            "multiprocessing_context": "spawn" if self._workers > 0 else None,
            "collate_fn": collate,
            "worker_init_fn": start_worker,
        }

    def train_dataloader(self) -> TrainingLoader:
        """Return shuffled, varied training batches."""
        assert self._train is not None, "Lightning calls setup first"
        processes = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        needed = self._batch_size * processes[1]
        if self._train_samples < needed:
            raise DataError(
                f"There are {self._train_samples} training clips, and one step needs {needed}; "
                "lower data.batch_size."
            )
        return TrainingLoader(
            self._train, ShuffledOrder(self._train, *processes), **self._options()
        )

    def val_dataloader(self) -> DataLoader[Sample]:
        """Return validation batches, as the app sees them by default."""
        assert self._val is not None, "Lightning calls setup first"
        return DataLoader(self._val, **self._options())

    def test_dataloader(self) -> DataLoader[Sample]:
        """Return the validation batches."""
        return self.val_dataloader()

    def on_before_batch_transfer(self, batch: Batch, _: int) -> tuple[Any, Tensor]:
        """Count the unreadable clips, in the main process, which can stop the run.

        Raises:
            DataError: Too many clips, or all of a training batch, are unreadable.
        """
        assert self.trainer is not None, "Lightning calls this"
        unreadable = self._unreadable_train if self.trainer.training else self._unreadable_val
        assert unreadable is not None, "Lightning calls setup first"
        unreadable.note(batch.unreadable)
        if len(batch.labels):
            return batch.clips, batch.labels
        if self.trainer.training:
            raise DataError(
                "None of the clips in a batch could be read: "
                f"{batch.unreadable[0].reason} Repair the data, or use larger batches."
            )
        return self._nothing(), batch.labels

    def teardown(self, stage: str) -> None:
        """Report how many clips could not be read."""
        for unreadable in (self._unreadable_train, self._unreadable_val):
            if unreadable is not None:
                unreadable.report()


def check_distinct(folders: Sequence[Path]) -> None:
    """Reject a folder of training clips that is given twice.

    Raises:
        DataError: There is one.
    """
    seen: set[Path] = set()
    for folder in folders:
        if folder.resolve() in seen:
            raise DataError(
                f"data.more_roots names {folder}, which is a training folder already; leave it out."
            )
        seen.add(folder.resolve())


def check_apart(training: Sequence[Clip], validation: Sequence[Clip]) -> None:
    """Reject clips that are in both the training and the validation data.

    Raises:
        DataError: There are some.
    """
    real_folder = cache(os.path.realpath)  # few folders hold a great many clips

    def location(clip: Clip) -> tuple[str, str]:
        folder, name = os.path.split(clip.name)
        return real_folder(folder), name

    trained_on = set(map(location, training))
    both = [clip.name for clip in validation if location(clip) in trained_on]
    if both:
        raise DataError(
            f"{len(both)} of the validation clips are among the training clips, such as "
            f"{both[0]}; remove them from one of the two."
        )
