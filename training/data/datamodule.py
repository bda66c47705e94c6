"""The data of a training run, as a Lightning data module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data.clip import Clip, Size
from training.data.dataset import EvaluationClips, TrainingClips
from training.data.errors import DataError
from training.data.index import open_dataset
from training.data.label_files import read_labels
from training.data.layouts import DEFAULT_PATTERN, Layout, LayoutName
from training.data.loaded import SAME_CLIPS, LoadedData, check_apart, check_distinct
from training.data.normalization import normalize_batch
from training.data.sampling import DenseWindow, Sampling
from training.data.transforms import Augmentation, CenterCrop, RandomTransform
from training.data.unreadable import DEFAULT_SHARE
from training.labels import JESTER_LABELS
from training.number_types import ClosedUnitInterval, NonNegativeInt, PositiveInt


class ClipData(LoadedData):
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
        super().__init__(batch_size, workers, unreadable_share)
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
        self._more_roots = [Path(folder) for folder in more_roots or ()]

    def setup(self, stage: str) -> None:
        """Read the annotations, and fail early if data is missing."""
        labels = self._labels()
        clips: list[Clip] = []
        if stage == "fit":
            same_root = self._val_root == self._root
            if same_root and self._val_annotations == self._annotations:
                raise DataError(SAME_CLIPS)
            clips = self._training_clips(labels)
            self._take_training(
                TrainingClips(clips, labels, self._sampling, self._size, self._augmentation),
                len(clips),
            )
        shown = self._open(self._val_root, self._val_annotations, labels)
        check_apart(clips, shown)
        self._take_validation(
            EvaluationClips(shown, self._sampling, self._size, self._evaluation_crop), len(shown)
        )

    def _training_clips(self, labels: Sequence[str]) -> list[Clip]:
        check_distinct([self._root, *self._more_roots])
        clips = list(self._open(self._root, self._annotations, labels))
        for folder in self._more_roots:
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

    def _nothing(self) -> Tensor:
        """Return the pixels of no clips."""
        shape = (0, self._sampling.frames, self._size.height, self._size.width, 3)
        return torch.empty(shape, dtype=torch.uint8)

    def on_after_batch_transfer(
        self, batch: tuple[Tensor, Tensor], _: int
    ) -> tuple[Tensor, Tensor]:
        """Normalize on the device that the model runs on."""
        clips, labels = batch
        return normalize_batch(clips, self._mean, self._std), labels
