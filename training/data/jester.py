"""The Jester layout: a folder of numbered JPEG frames for each clip, and a CSV file of labels.

The performer writes the same layout, so that one reader serves both.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from models.preprocess import normalise
from training.data.errors import DataError
from training.data.order import SampleKey
from training.data.sampling import Sampling
from training.data.transforms import Augmentation, evaluation_clip, training_clip


@dataclass(frozen=True)
class ClipFolder:
    """One clip on disk.

    Attributes:
        path: Folder of its frames, 00001.jpg and on.
        label: Index of its label.
        frames: How many frames there are.
    """

    path: Path
    label: int
    frames: int


def read_jester(root: Path, annotations: Path, labels: Sequence[str]) -> list[ClipFolder]:
    """List the clips that an official Jester CSV names.

    Args:
        root: Folder that holds one folder a clip.
        annotations: Lines of `id;label`.
        labels: All labels, in the order of the network's outputs.

    Raises:
        DataError: A file or folder is missing, or a label is unknown.
    """
    index = {label: number for number, label in enumerate(labels)}
    clips = []
    try:
        with annotations.open(newline="", encoding="utf-8") as lines:
            rows = [row for row in csv.reader(lines, delimiter=";") if row]
    except OSError as error:
        raise DataError(
            f"The annotations {annotations} cannot be read ({error.strerror}); check the path."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"The annotations {annotations} are not a text file in UTF-8.") from error
    for number, row in enumerate(rows, start=1):
        if len(row) != 2:
            raise DataError(f"Line {number} of {annotations} is not 'id;label'.")
        identifier, label = row
        if label not in index:
            raise DataError(f"Line {number} of {annotations} has the unknown label '{label}'.")
        folder = root / identifier
        frames = sum(1 for _ in folder.glob("*.jpg"))
        if frames == 0:
            raise DataError(f"The clip {folder} has no frames; check the data's root folder.")
        clips.append(ClipFolder(folder, index[label], frames))
    if not clips:
        raise DataError(f"The annotations {annotations} name no clip.")
    return clips


def read_frame(path: Path) -> NDArray[np.uint8]:
    """Read one frame as BGR of shape (H, W, 3).

    Raises:
        DataError: The frame is missing or damaged.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"The frame {path} is missing or damaged.")
    return np.asarray(image, np.uint8)


class ClipDataset(Dataset[tuple[Tensor, int]]):
    """Clips as network input.

    Args:
        clips: What there is.
        sampling: Which frames of a video to take.
        height: Height of the network's input, in pixels.
        width: Width of the network's input, in pixels.
        mean: RGB mean in [0, 1].
        std: RGB standard deviation in [0, 1].
        augmentation: Random changes for training, or None for evaluation.
        mirrored_label: Index of a label's mirror image; used where a clip is flipped.
    """

    def __init__(
        self,
        clips: Sequence[ClipFolder],
        sampling: Sampling,
        height: int,
        width: int,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        *,
        augmentation: Augmentation | None = None,
        mirrored_label: Callable[[int], int] = lambda label: label,
    ) -> None:
        self.clips = clips
        self._sampling = sampling
        self._size = (height, width)
        self._mean, self._std = mean, std
        self._augmentation = augmentation
        self._mirrored_label = mirrored_label

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.clips)

    def __getitem__(self, key: int | SampleKey) -> tuple[Tensor, int]:
        """Return one clip, float32 of shape (T, 3, H, W), and its label.

        Args:
            key: Index of the clip, at the end of all that its variation depends on.

        Raises:
            DataError: A frame is missing or damaged.
        """
        clip = self.clips[key if isinstance(key, int) else key[-1]]
        rng = None if self._augmentation is None else np.random.default_rng(key)
        chosen = self._sampling.indices(clip.frames, rng)
        images = [read_frame(clip.path / f"{number + 1:05d}.jpg") for number in chosen]
        label = clip.label
        if self._augmentation is None or rng is None:
            pixels = evaluation_clip(images, *self._size)
        else:
            pixels, mirrored = training_clip(images, *self._size, self._augmentation, rng)
            label = self._mirrored_label(label) if mirrored else label
        return torch.from_numpy(normalise(pixels, self._mean, self._std)), label
