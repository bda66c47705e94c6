"""The data of a training run, as a Lightning data module."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader

from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data.clip import Clip, Size
from training.data.dataset import EvaluationClips, Sample, TrainingClips
from training.data.errors import DataError
from training.data.index import open_dataset
from training.data.label_files import read_labels
from training.data.layouts import DEFAULT_PATTERN, Layout, LayoutName
from training.data.loader import Batch, ShuffledOrder, TrainingLoader, collate, start_worker
from training.data.normalization import normalize_batch
from training.data.sampling import DenseWindow, Sampling
from training.data.transforms import Augmentation, CenterCrop, RandomTransform
from training.data.unreadable import DEFAULT_SHARE, UnreadableClips
from training.labels import JESTER_LABELS
from training.number_types import ClosedUnitInterval, NonNegativeInt, PositiveInt


class ClipData(LightningDataModule):
    """Training and validation clips of one data set.

    Batches reach the model as float32 clips of shape (B, T, 3, H, W) and int64 labels of shape
    (B,). See `docs/data.md`.
    """

    def __init__(
        self,
        root: Path,
        val_root: Path | None = None,
        annotations: Path | None = None,
        val_annotations: Path | None = None,
        layout: LayoutName = "jester",
        labels: list[str] | Path | None = None,
        label_file: Path | None = None,
        frame_pattern: str = DEFAULT_PATTERN,
        height: int = 96,
        width: int = 128,
        mean: tuple[float, float, float] = IMAGENET_MEAN,
        std: tuple[float, float, float] = IMAGENET_STD,
        sampling: Sampling | None = None,
        augmentation: RandomTransform | None = None,
        evaluation_crop: CenterCrop = CenterCrop(),  # noqa: B008 - frozen, and shown by --help
        unreadable_share: ClosedUnitInterval = DEFAULT_SHARE,
        batch_size: PositiveInt = 32,
        workers: NonNegativeInt = 1,
        more_roots: list[Path] | None = None,
    ) -> None:
        """Take the options; `setup` reads the annotations.

        Args:
            root: Folder of the training clips.
            val_root: Folder of the validation clips; the training folder by default.
            annotations: Training clips: official annotations, or a list file of TSM or AdaFuse;
                `labels.csv` in the folder by default.
            val_annotations: Validation clips.
            layout: Which data set it is.
            labels: Labels in the order of the network's outputs, or the label file that lists them;
                those of Jester by default.
            label_file: Names of the label numbers in a list file; found beside the list by default.
            frame_pattern: How the frames of a clip are named.
            height: Height of the network's input, in pixels.
            width: Width of the network's input, in pixels.
            mean: Mean of the RGB input in [0, 1], subtracted.
            std: Standard deviation of the RGB input in [0, 1], divided by.
            sampling: Which frames of a video become a clip; `DenseWindow` by default.
            augmentation: Random transform in training; `Augmentation` by default.
            evaluation_crop: Which part of a frame the network sees in validation.
            unreadable_share: Share of the clips that may be unreadable before the run stops.
            batch_size: Clips in a batch.
            workers: Processes that read data.
            more_roots: More folders of training clips in the same layout, each with a `labels.csv`.
        """
        super().__init__()
        self._root = Path(root)
        self._val_root = self._root if val_root is None else Path(val_root)
        self._annotations = annotations or self._root / "labels.csv"
        self._val_annotations = val_annotations or self._val_root / "labels.csv"
        self._layout = Layout(layout)
        self._given_labels = labels
        self._label_file = label_file
        self._frame_pattern = frame_pattern
        self._size = Size(height, width)
        self._mean, self._std = mean, std
        self._sampling = sampling or DenseWindow()
        self._augmentation = augmentation or Augmentation()
        self._evaluation_crop = evaluation_crop
        self._unreadable_share = float(unreadable_share)
        self._batch_size = int(batch_size)
        self._workers = int(workers)
        self._more_roots = [Path(folder) for folder in more_roots or ()]
        self._train: TrainingClips | None = None
        self._val: EvaluationClips | None = None
        self._unreadable_train: UnreadableClips | None = None
        self._unreadable_val: UnreadableClips | None = None

    def setup(self, stage: str) -> None:
        """Read the annotations, and fail early if data is missing."""
        labels = self._labels()
        if stage == "fit":
            same_root = self._val_root == self._root
            if same_root and self._val_annotations == self._annotations:
                raise DataError(
                    "Training and validation would use the same clips; give data.val_root or "
                    "data.val_annotations."
                )
            clips = self._training_clips(labels)
            self._train = TrainingClips(
                clips, labels, self._sampling, self._size, self._augmentation
            )
            self._unreadable_train = UnreadableClips(
                len(clips), self._unreadable_share, "replaced by another clip, drawn at random"
            )
        shown = self._open(self._val_root, self._val_annotations, labels)
        if stage == "fit":
            _check_apart(clips, shown)
        self._val = EvaluationClips(shown, self._sampling, self._size, self._evaluation_crop)
        self._unreadable_val = UnreadableClips(
            len(shown), self._unreadable_share, "left out of validation"
        )

    def _training_clips(self, labels: Sequence[str]) -> list[Clip]:
        clips = list(self._open(self._root, self._annotations, labels))
        seen = {self._root.resolve()}
        for folder in self._more_roots:
            if folder.resolve() in seen:
                raise DataError(
                    f"data.more_roots names {folder}, which is a training folder already; "
                    "leave it out."
                )
            seen.add(folder.resolve())
            clips += self._open(folder, folder / "labels.csv", labels)
        return clips

    def _labels(self) -> tuple[str, ...]:
        given = self._given_labels
        if given is None:
            if self._layout is not Layout.JESTER:
                raise DataError(
                    f"The labels of {self._layout.value} are not built in; give its label file "
                    "with data.labels."
                )
            return JESTER_LABELS
        if isinstance(given, list | tuple):
            return tuple(given)
        return read_labels(self._layout, Path(given))

    def _open(self, root: Path, annotations: Path, labels: Sequence[str]) -> Sequence[Clip]:
        return open_dataset(
            self._layout,
            root,
            annotations,
            labels,
            label_file=self._label_file,
            frame_pattern=self._frame_pattern,
        )

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
        if len(self._train) < needed:
            raise DataError(
                f"There are {len(self._train)} training clips, and one step needs {needed}; lower "
                "data.batch_size."
            )
        return TrainingLoader(
            self._train, ShuffledOrder(self._train, *processes), **self._options()
        )

    def val_dataloader(self) -> DataLoader[Sample]:
        """Return validation batches, cropped as in the app by default."""
        assert self._val is not None, "Lightning calls setup first"
        return DataLoader(self._val, **self._options())

    def test_dataloader(self) -> DataLoader[Sample]:
        """Return the validation batches."""
        return self.val_dataloader()

    def on_before_batch_transfer(self, batch: Batch, _: int) -> tuple[Tensor, Tensor]:
        """Count the unreadable clips, in the main process, which can stop the run.

        Raises:
            DataError: Too many clips, or all of a training batch, are unreadable.
        """
        assert self.trainer is not None, "Lightning calls this"
        unreadable = self._unreadable_train if self.trainer.training else self._unreadable_val
        assert unreadable is not None, "Lightning calls setup first"
        unreadable.note(batch.unreadable)
        if not len(batch.labels) and self.trainer.training:
            raise DataError(
                "None of the clips in a batch could be read: "
                f"{batch.unreadable[0].reason} Repair the data, or use larger batches."
            )
        if not len(batch.labels):
            shape = (0, self._sampling.frames, self._size.height, self._size.width, 3)
            return torch.empty(shape, dtype=torch.uint8), batch.labels
        return batch.clips, batch.labels

    def on_after_batch_transfer(
        self, batch: tuple[Tensor, Tensor], _: int
    ) -> tuple[Tensor, Tensor]:
        """Normalize on the device that the model runs on."""
        clips, labels = batch
        return normalize_batch(clips, self._mean, self._std), labels

    def teardown(self, stage: str) -> None:
        """Report how many clips could not be read."""
        for unreadable in (self._unreadable_train, self._unreadable_val):
            if unreadable is not None:
                unreadable.report()


def _check_apart(training: Sequence[Clip], validation: Sequence[Clip]) -> None:
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
