"""The data of a training run, as Lightning wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader

from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data.errors import DataError
from training.data.jester import ClipDataset, read_jester
from training.data.order import ShuffledOrder, TrainingLoader
from training.data.sampling import DenseWindow, Sampling
from training.data.transforms import Augmentation
from training.labels import JESTER_LABELS, MIRRORED_INDEX


class JesterData(LightningDataModule):
    """Training and validation clips in the Jester layout.

    Args:
        root: Folder of the training clips; holds `labels.csv` unless `annotations` says otherwise.
        val_root: Folder of the validation clips; the training folder by default.
        annotations: CSV of the training clips, `id;label`.
        val_annotations: CSV of the validation clips.
        height: Height of the network's input, in pixels.
        width: Width of the network's input, in pixels.
        sampling: Which frames of a video become a clip.
        augmentation: Random changes in training.
        batch_size: Clips in a batch.
        workers: Processes that read data.
    """

    def __init__(
        self,
        root: Path,
        val_root: Path | None = None,
        annotations: Path | None = None,
        val_annotations: Path | None = None,
        height: int = 96,
        width: int = 128,
        sampling: Sampling = DenseWindow(),  # noqa: B008 - frozen, and shown by --help
        augmentation: Augmentation = Augmentation(),  # noqa: B008
        batch_size: int = 32,
        workers: int = 1,
    ) -> None:
        super().__init__()
        self._root = Path(root)
        self._val_root = self._root if val_root is None else Path(val_root)
        self._annotations = annotations
        self._val_annotations = val_annotations
        self._size = (height, width)
        self._sampling = sampling
        self._augmentation = augmentation
        self._batch_size = batch_size
        self._workers = workers
        self._train: ClipDataset | None = None
        self._val: ClipDataset | None = None

    def setup(self, stage: str) -> None:
        """Read the annotations, and fail early where data is missing."""
        val_csv = self._val_annotations or self._val_root / "labels.csv"
        if stage == "fit":
            train_csv = self._annotations or self._root / "labels.csv"
            if (self._val_root, val_csv) == (self._root, train_csv):
                raise DataError(
                    "Training and validation would use the same clips; give data.val_root or "
                    "data.val_annotations."
                )
            self._train = self._dataset(self._root, train_csv, self._augmentation)
        self._val = self._dataset(self._val_root, val_csv, None)

    def _dataset(
        self, root: Path, annotations: Path, augmentation: Augmentation | None
    ) -> ClipDataset:
        return ClipDataset(
            read_jester(root, annotations, JESTER_LABELS),
            self._sampling,
            *self._size,
            IMAGENET_MEAN,
            IMAGENET_STD,
            augmentation=augmentation,
            mirrored_label=MIRRORED_INDEX.__getitem__,
        )

    def _options(self) -> dict[str, Any]:
        return {
            "batch_size": self._batch_size,
            "num_workers": self._workers,
            "persistent_workers": self._workers > 0,
        }

    def train_dataloader(self) -> TrainingLoader:
        """Return shuffled, varied training batches."""
        assert self._train is not None, "Lightning calls setup first"
        processes = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        return TrainingLoader(
            self._train, ShuffledOrder(self._train, *processes), **self._options()
        )

    def val_dataloader(self) -> DataLoader[tuple[Tensor, int]]:
        """Return validation batches, cropped as in the app."""
        assert self._val is not None, "Lightning calls setup first"
        return DataLoader(self._val, **self._options())

    def test_dataloader(self) -> DataLoader[tuple[Tensor, int]]:
        """Return the validation batches."""
        return self.val_dataloader()
