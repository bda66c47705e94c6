"""Collages as a PyTorch data set: made on the fly, never twice the same, and never stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from training.labels import JESTER_LABELS
from training.performer.collage.act import COLLAGE_LABELS
from training.performer.collage.clip import render_collage
from training.performer.collage.texture_library import open_library

_OTHER_THINGS_WEIGHT = 3.0


class CollageItem(NamedTuple):
    """One clip as tensors, which the usual collate function stacks.

    Attributes:
        frames: BGR, uint8, shape (T, H, W, 3).
        label: Index in `JESTER_LABELS`.
        stroke_s: Start and end of the stroke in seconds from the first frame's place, shape (2,).
        times_s: When each frame was taken, shape (T,).
        phases: The `Phase` of each frame, shape (T,).
    """

    frames: Tensor
    label: Tensor
    stroke_s: Tensor
    times_s: Tensor
    phases: Tensor


class CollageDataset(Dataset[CollageItem]):
    """Clip number i is the same in every run, worker and epoch; give each epoch its own seed.

    Args:
        textures: Texture folder, or None for rendered hands in painted rooms.
        clips: How many clips there are.
        seed: Chooses all clips; not negative.
        frames: T.
        interval_s: Seconds from frame to frame.
        height: Picture height in pixels.
        width: Picture width in pixels.
        weights: How often each of `COLLAGE_LABELS` is drawn, relative to the others; by default
            once, and "Doing other things" three times.

    Raises:
        DataError: The texture folder cannot be used.
        ValueError: A label cannot be shown, or no label has a weight.
    """

    def __init__(
        self,
        textures: Path | None,
        clips: int,
        seed: int,
        *,
        frames: int = 8,
        interval_s: float = 1.0 / 6.0,
        height: int = 80,
        width: int = 112,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        chosen = dict.fromkeys(COLLAGE_LABELS, 1.0) | {"Doing other things": _OTHER_THINGS_WEIGHT}
        if weights is not None:
            unknown = sorted(set(weights) - set(COLLAGE_LABELS))
            if unknown:
                raise ValueError(f"Collages cannot show {', '.join(unknown)}.")
            chosen = dict(weights)
        total = sum(chosen.values())
        if not total > 0.0 or min(chosen.values()) < 0.0:
            raise ValueError("The labels' weights must not be negative, and one must be above 0.")
        self._labels = tuple(chosen)
        self._limits = np.cumsum(list(chosen.values())) / total
        self._library = open_library(textures)
        self._clips, self._seed = clips, seed
        self._frames, self._interval_s = frames, interval_s
        self._height, self._width = height, width

    def __len__(self) -> int:
        """Return the number of clips."""
        return self._clips

    def __getitem__(self, index: int) -> CollageItem:
        """Make one clip.

        Raises:
            IndexError: There is no such clip.
        """
        if not 0 <= index < self._clips:
            raise IndexError(f"There are {self._clips} clips, but number {index} was asked for.")
        draw = np.random.default_rng([self._seed, index]).random()
        label = self._labels[int(np.searchsorted(self._limits, draw, side="right"))]
        collage = render_collage(
            label,
            (self._seed, index),
            self._library,
            frames=self._frames,
            interval_s=self._interval_s,
            height=self._height,
            width=self._width,
        )
        return CollageItem(
            torch.from_numpy(collage.frames),
            torch.tensor(JESTER_LABELS.index(label)),
            torch.tensor(collage.stroke),
            torch.from_numpy(collage.times_s),
            torch.from_numpy(collage.phases),
        )
