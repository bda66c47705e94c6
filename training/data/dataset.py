"""Clips on disk as samples of bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from training.data.clip import Clip, Image, Size
from training.data.errors import UnreadableClipError
from training.data.sampling import Sampling
from training.data.transforms import CenterCrop, RandomTransform
from training.data.unreadable import Unreadable
from training.labels import mirrored_indices

_Read = TypeVar("_Read")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


SampleKey = tuple[int, int, int]
"""All that one training sample depends on: the run's seed, the epoch and the index of the clip. So
a run repeats with any number of processes that read data."""

SUBSTITUTES = 10
"""Other clips that are tried in place of an unreadable one before the sample is given up."""


class Sample(NamedTuple):
    """One clip.

    Attributes:
        pixels: uint8 RGB of shape (T, H, W, 3), or a tuple of what a network of two views sees;
            None if it could not be read.
        label: Index of its label.
        unreadable: Clips that were tried and could not be read.
    """

    pixels: Tensor | tuple[Tensor, ...] | None
    label: int
    unreadable: tuple[Unreadable, ...] = ()


class TrainingClips(Dataset[Sample]):
    """Randomly varied clips, for training.

    A clip that cannot be read is replaced by another one, drawn at random, so that batches keep
    their size; the sample lists it.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        labels: Sequence[str],
        sampling: Sampling,
        size: Size,
        transform: RandomTransform,
    ) -> None:
        """Take the clips, without reading them.

        Args:
            clips: All clips.
            labels: All labels, which decide what a flipped clip shows.
            sampling: Which frames of a video to take.
            size: The network's input.
            transform: Random changes.
        """
        self.clips = clips
        self._mirrored = mirrored_indices(labels)
        self._sampling = sampling
        self._size = size
        self._transform = transform

    def __len__(self) -> int:
        """Return how many clips there are."""
        return len(self.clips)

    def __getitem__(self, key: int | SampleKey) -> Sample:
        """Return one varied clip.

        Args:
            key: What the variation depends on; given a clip's index alone, it is drawn from
                PyTorch's generator.
        """
        if isinstance(key, int):
            rng, index = np.random.default_rng(int(torch.randint(2**62, ()).item())), key
        else:
            rng, index = np.random.default_rng(key), key[-1]
        choose = partial(self._sampling.indices, rng=rng)

        def read(number: int) -> tuple[Sequence[Image], int]:
            clip = self.clips[number]
            return clip.read(choose, self._transform.smallest(self._size)), clip.label

        found, unreadable = first_readable(read, self.clips, index, rng)
        return (
            Sample(None, 0, unreadable) if found is None else self._sample(*found, rng, unreadable)
        )

    def _sample(
        self,
        images: Sequence[Image],
        label: int,
        rng: np.random.Generator,
        unreadable: tuple[Unreadable, ...],
    ) -> Sample:
        opposite = self._mirrored[label]
        varied = self._transform(images, self._size, rng, may_flip=opposite is not None)
        if varied.mirrored and opposite is not None:
            label = opposite
        return Sample(torch.from_numpy(varied.pixels), label, unreadable)


def first_readable(
    read: Callable[[int], _Read], clips: Sequence[_Named], index: int, rng: np.random.Generator
) -> tuple[_Read | None, tuple[Unreadable, ...]]:
    """Read a clip or, where that fails, others drawn at random.

    Args:
        read: Reads the clip of an index; may raise `UnreadableClipError`.
        clips: All clips.
        index: The first to try.
        rng: Draws the others.

    Returns:
        What was read, None if all attempts failed; and the clips that could not be read.
    """
    unreadable: list[Unreadable] = []
    while len(unreadable) <= SUBSTITUTES:
        try:
            return read(index), tuple(unreadable)
        except UnreadableClipError as error:
            unreadable.append(Unreadable(clips[index].name, str(error)))
            index = int(rng.integers(len(clips)))
    return None, tuple(unreadable)


class EvaluationClips(Dataset[Sample]):
    """Clips as they are, for evaluation. One that cannot be read is left out, not replaced."""

    def __init__(
        self,
        clips: Sequence[Clip],
        sampling: Sampling,
        size: Size,
        crop: Callable[[Sequence[Image], Size], NDArray[np.uint8]] = CenterCrop(),  # noqa: B008
    ) -> None:
        """Take the clips, without reading them.

        Args:
            clips: All clips.
            sampling: Which frames of a video to take.
            size: The network's input.
            crop: Which part of a frame the network sees.
        """
        self.clips = clips
        self._sampling = sampling
        self._size = size
        self._crop = crop

    def __len__(self) -> int:
        """Return how many clips there are."""
        return len(self.clips)

    def __getitem__(self, key: int | SampleKey) -> Sample:
        """Return one clip, given its index or its key."""
        clip = self.clips[key if isinstance(key, int) else key[-1]]
        try:
            images = clip.read(partial(self._sampling.indices, rng=None))
        except UnreadableClipError as error:
            return Sample(None, clip.label, (Unreadable(clip.name, str(error)),))
        return Sample(torch.from_numpy(self._crop(images, self._size)), clip.label)
