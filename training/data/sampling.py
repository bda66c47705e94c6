"""Which frames of a video become the T frames of a clip."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.number_types import NonNegativeFloat, PositiveInt


class Sampling(ABC):
    """A choice of frames of a video.

    Attributes:
        frames: T.
    """

    frames: int

    @abstractmethod
    def indices(self, length: int, rng: np.random.Generator | None) -> NDArray[np.intp]:
        """Choose frames of a video of `length` frames.

        Args:
            length: Frames in the video, at least 1; a shorter video repeats frames.
            rng: Varies the choice, for training; None takes the frames in the middle.
        """


@dataclass(frozen=True)
class UniformSegments(Sampling):
    """One frame from each of T equal parts of the whole video (TSN; the paper's sampling).

    Attributes:
        frames: T.
    """

    frames: PositiveInt = 8

    def indices(self, length: int, rng: np.random.Generator | None) -> NDArray[np.intp]:
        """Choose a frame of each part: a random one, or with `rng` None the one in its center."""
        edges = np.linspace(0, length, self.frames + 1)
        offset = np.full(self.frames, 0.5) if rng is None else rng.random(self.frames)
        chosen = np.floor(edges[:-1] + offset * np.diff(edges))
        return np.clip(chosen, 0, length - 1).astype(np.intp)


@dataclass(frozen=True)
class DenseWindow(Sampling):
    """T consecutive frames at the cadence of a live model.

    Attributes:
        frames: T.
        stride: Frames of the video per frame of the clip; may be a fraction.
        jitter: In training the window starts up to this many clip frames before or after the
            centered one.
        pace: Least and largest factor of the stride in training, drawn for every clip: hands that
            are slower or faster.
    """

    frames: PositiveInt = 8
    stride: NonNegativeFloat = 1.0
    jitter: NonNegativeFloat = 2.0
    pace: tuple[NonNegativeFloat, NonNegativeFloat] = (1.0, 1.0)

    def indices(self, length: int, rng: np.random.Generator | None) -> NDArray[np.intp]:
        """Choose a window: a random one, or with `rng` None the centered one.

        Where it extends beyond the video, the first or last frame repeats.
        """
        stride = float(self.stride)
        if rng is not None and tuple(self.pace) != (1.0, 1.0):
            stride *= rng.uniform(*self.pace)
        start = (length - 1 - (self.frames - 1) * stride) / 2
        if rng is not None:
            start += rng.uniform(-self.jitter, self.jitter) * stride
        chosen = np.round(start + np.arange(self.frames) * stride)
        return np.clip(chosen, 0, length - 1).astype(np.intp)
