"""Scenes out of clips: movements, and single moments of hands that are held still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from training.data.sampling import Sampling
from training.two_views.clip_draws import SHAPED, ClipDraws
from training.two_views.hand_clips import HandClip
from training.two_views.scene import UNLABELED, Scene, still_scene


class ClipScenes(ClipDraws):
    """Makes scenes of clips.

    Args:
        clips: The clips.
        labels: All labels, in the order of the network's outputs.
        sampling: Which frames of a clip to take.
        label_weights: How often clips of a label are taken, where that is not 1, in proportion to
            the others; by default every clip is taken equally often, whatever its label.

    Raises:
        DataError: No clip has one of these labels, or no label is left.
    """

    def __init__(
        self,
        clips: Sequence[HandClip],
        labels: Sequence[str],
        sampling: Sampling,
        label_weights: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__([clip.label for clip in clips], labels, label_weights)
        self.clips = clips
        self._sampling = sampling

    def moving(self, index: int, rng: np.random.Generator | None) -> Scene:
        """Return a clip as it is.

        Args:
            index: Of the clip.
            rng: Varies which frames are taken; None takes those in the middle.

        Raises:
            UnreadableClipError: A frame is missing or damaged.
        """
        clip = self.clips[index]
        images, joints = clip.read(partial(self._sampling.indices, rng=rng))
        return Scene(images, joints, clip.label)

    def held(self, index: int, rng: np.random.Generator) -> Scene:
        """Return one moment of a clip, in which the hand has its shape, for all frames.

        Args:
            index: Of the clip; a clip that has no such moment teaches no label.
            rng: Chooses the moment.

        Raises:
            UnreadableClipError: The frame is missing or damaged.
        """
        return self._still(index, self.label_at_rest(index), rng.uniform(*SHAPED))

    def moment(self, index: int, rng: np.random.Generator) -> Scene:
        """Return any moment of a clip, which teaches no label; see `held`."""
        return self._still(index, UNLABELED, rng.random())

    def _still(self, index: int, label: int, place: float) -> Scene:
        """Return the moment at a place in a clip, 0 to below 1."""

        def moment(length: int) -> NDArray[np.intp]:
            return np.array([int(place * length)])

        images, joints = self.clips[index].read(moment)
        return still_scene(images[0], joints[0], label, self._sampling.frames)
