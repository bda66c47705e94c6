"""Runs a model up to its classifier, of one view or of two, as the app and the evaluation do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.errors import ModelError
from models.live import Frame, LiveEngine, LiveModel, Step
from models.preprocess import network_picture


class FeatureReader:
    """Gives the features that a model's classifier sees.

    Since the classifier is linear, the mean of its scores is its score of the features' mean.

    Args:
        engine: Runs the model.
    """

    def __init__(self, engine: LiveEngine) -> None:
        self.spec = engine.spec
        self._engine = engine

    def of_stream(self, frames: Iterable[Frame]) -> tuple[list[float], Tensor]:
        """Return the times of all N steps, at least one, and their features of shape (N, F).

        The features are means over the T newest frames, as scores are.

        Raises:
            ModelError: The graph does not give features.
        """
        times_s, runs, alone = [], [], []
        for step in LiveModel(self._engine).over(frames):
            times_s.append(step.time_s)
            runs.append(step.run)
            alone.append(self._features(step))
        return times_s, torch.from_numpy(np.stack(list(self._means(runs, alone))))

    def of_clip(self, images: Sequence[NDArray[np.uint8]]) -> Tensor:
        """Return the features of a whole clip of BGR pictures, of shape (F,).

        Raises:
            ModelError: The graph does not give features.
        """
        model, interval_s = LiveModel(self._engine), self.spec.frame_interval_s
        steps = (
            model.step(network_picture(image, self.spec), index * interval_s, run=0, image=image)
            for index, image in enumerate(images)
        )
        return torch.from_numpy(np.mean([self._features(step) for step in steps], axis=0))

    def _means(
        self, runs: Sequence[int], alone: Sequence[NDArray[np.float32]]
    ) -> Iterator[NDArray[np.float32]]:
        """Yield for each step the mean features of the newest frames of its run."""
        begin = 0
        for index, run in enumerate(runs):
            if run != runs[begin]:
                begin = index
            newest = alone[max(begin, index + 1 - self.spec.frames) : index + 1]
            yield np.mean(newest, axis=0)

    def _features(self, step: Step) -> NDArray[np.float32]:
        if step.features is None:
            raise ModelError(
                f"The graph of the model {self.spec.name} does not give the features that a new "
                "classifier needs; export the bundle again, or use --engine torch."
            )
        return step.features
