"""Clips on disk as batches of bytes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, default_collate

from training.data.clip import Clip, Image, Size
from training.data.cropping import CentreCrop
from training.data.errors import UnreadableClipError
from training.data.mirroring import mirrored_indices
from training.data.order import SampleKey
from training.data.sampling import Sampling
from training.data.unreadable import Unreadable
from training.data.variation import Vary

SUBSTITUTES = 10
"""Other clips that are tried in place of an unreadable one, before the sample is given up."""


class Sample(NamedTuple):
    """One clip.

    Attributes:
        pixels: uint8 RGB of shape (T, H, W, 3), or None if it could not be read.
        label: Index of its label.
        unreadable: Clips that were tried and could not be read.
    """

    pixels: Tensor | None
    label: int
    unreadable: tuple[Unreadable, ...] = ()


class Batch(NamedTuple):
    """Clips that could be read, and those that could not.

    Attributes:
        clips: uint8 RGB of shape (B, T, H, W, 3).
        labels: int64 of shape (B,).
        unreadable: Clips that could not be read.
    """

    clips: Tensor
    labels: Tensor
    unreadable: Sequence[Unreadable]


class TrainingClips(Dataset[Sample]):
    """Varied clips.

    In the place of a clip that cannot be read comes another one, drawn by chance, so that batches
    keep their size; the sample says so.

    Args:
        clips: What there is.
        labels: Names of all labels, which say what a flipped clip is.
        sampling: Which frames of a video to take.
        size: The network's input.
        vary: Random changes.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        labels: Sequence[str],
        sampling: Sampling,
        size: Size,
        vary: Vary,
    ) -> None:
        self.clips = clips
        self._mirrored = mirrored_indices(labels)
        self._sampling = sampling
        self._size = size
        self._vary = vary

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.clips)

    def __getitem__(self, key: int | SampleKey) -> Sample:
        """Return one varied clip.

        Args:
            key: Index of the clip at the end of all that its variation depends on; for an index
                alone the variation is drawn from PyTorch's generator.
        """
        if isinstance(key, int):
            rng, index = np.random.default_rng(int(torch.randint(2**62, ()).item())), key
        else:
            rng, index = np.random.default_rng(key), key[-1]
        unreadable: list[Unreadable] = []
        while len(unreadable) <= SUBSTITUTES:
            clip = self.clips[index]
            try:
                images = clip.read(
                    partial(self._sampling.indices, rng=rng), self._vary.smallest(self._size)
                )
            except UnreadableClipError as error:
                unreadable.append(Unreadable(clip.name, str(error)))
                index = int(rng.integers(len(self.clips)))
            else:
                return self._sample(images, clip.label, rng, tuple(unreadable))
        return Sample(None, 0, tuple(unreadable))

    def _sample(
        self,
        images: Sequence[Image],
        label: int,
        rng: np.random.Generator,
        unreadable: tuple[Unreadable, ...],
    ) -> Sample:
        opposite = self._mirrored[label]
        varied = self._vary(images, self._size, rng, may_flip=opposite is not None)
        if varied.mirrored and opposite is not None:
            label = opposite
        return Sample(torch.from_numpy(varied.pixels), label, unreadable)


class EvaluationClips(Dataset[Sample]):
    """Clips as they are. One that cannot be read is left out: no other may count twice.

    Args:
        clips: What there is.
        sampling: Which frames of a video to take.
        size: The network's input.
        crop: Which part of a frame the network sees.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        sampling: Sampling,
        size: Size,
        crop: Callable[[Sequence[Image], Size], NDArray[np.uint8]] = CentreCrop(),  # noqa: B008
    ) -> None:
        self.clips = clips
        self._sampling = sampling
        self._size = size
        self._crop = crop

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.clips)

    def __getitem__(self, key: int | SampleKey) -> Sample:
        """Return one clip, by its index or a key that ends in it."""
        clip = self.clips[key if isinstance(key, int) else key[-1]]
        try:
            images = clip.read(partial(self._sampling.indices, rng=None))
        except UnreadableClipError as error:
            return Sample(None, clip.label, (Unreadable(clip.name, str(error)),))
        return Sample(torch.from_numpy(self._crop(images, self._size)), clip.label)


def collate(samples: Sequence[Sample]) -> Batch:
    """Put samples together, without those that could not be read."""
    read = [sample for sample in samples if sample.pixels is not None]
    clips = [sample.pixels for sample in read if sample.pixels is not None]
    return Batch(
        # In a loading process this stacks them right into the memory that it shares.
        default_collate(clips) if clips else torch.empty(0, dtype=torch.uint8),
        torch.tensor([sample.label for sample in read], dtype=torch.int64),
        [found for sample in samples for found in sample.unreadable],
    )


def start_worker(_: int) -> None:
    """Keep a loading process to one thread, and leave signals to the one that it loads for.

    There is one process a core already; and a signal to all processes of a run, as batch systems
    send it, is to end the run in good order, not to take its data away first.
    """
    cv2.setNumThreads(1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
