"""Scenes out of clips: movements, and single moments of hands that are held still."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from training.data.sampling import Sampling
from training.labels import NO_GESTURE, OTHER_THINGS
from training.two_views.hand_clips import HandClip
from training.two_views.scene import UNLABELED, Scene, still_scene

_SLIDES = tuple(f"Sliding Two Fingers {way}" for way in ("Left", "Right", "Up", "Down"))
_OTHER_SHAPES = (*_SLIDES, "Pushing Two Fingers Away", "Pulling Two Fingers In", "Drumming Fingers")
_SAME_AT_REST = ("Thumb Up", "Thumb Down", "Stop Sign", NO_GESTURE, OTHER_THINGS)

LABEL_AT_REST = {label: label for label in _SAME_AT_REST} | dict.fromkeys(
    _OTHER_SHAPES, OTHER_THINGS
)
"""What a hand shows that is held still in the shape that it has in a clip of each label. Other
movements are made with shapes that mean something else when they rest, or pass through several."""

_SHARES_AT_REST = {
    **{"Thumb Up": 0.17, "Thumb Down": 0.17, "Stop Sign": 0.16},
    **{OTHER_THINGS: 0.42, NO_GESTURE: 0.08},
}
# Where in a clip, as shares of its length, a hand certainly has that shape.
_SHAPED = (0.4, 0.7)


class ClipScenes:
    """Makes scenes of clips.

    Args:
        clips: The clips.
        labels: All labels, in the order of the network's outputs.
        sampling: Which frames of a clip to take.
    """

    def __init__(
        self, clips: Sequence[HandClip], labels: Sequence[str], sampling: Sampling
    ) -> None:
        self.clips = clips
        self._sampling = sampling
        number = {label: index for index, label in enumerate(labels)}
        self._at_rest = {
            number[label]: number[rest]
            for label, rest in LABEL_AT_REST.items()
            if label in number and rest in number
        }
        self._held: dict[int, list[int]] = defaultdict(list)
        for index, clip in enumerate(clips):
            if clip.label in self._at_rest:
                self._held[self._at_rest[clip.label]].append(index)
        shares = np.array([_SHARES_AT_REST[labels[label]] for label in self._held])
        self._held_limits = np.cumsum(shares)

    @property
    def can_be_held(self) -> bool:
        """Whether any clip has a moment that can be held."""
        return bool(self._held)

    def draw_held(self, rng: np.random.Generator) -> int:
        """Return the index of a clip that has such a moment, first drawn by what it shows."""
        limit = rng.random() * self._held_limits[-1]
        kind = int(np.searchsorted(self._held_limits, limit, side="right"))
        chosen = list(self._held.values())[kind]
        return chosen[int(rng.integers(len(chosen)))]

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
        label = self._at_rest.get(self.clips[index].label, UNLABELED)
        return self._still(index, label, rng.uniform(*_SHAPED))

    def moment(self, index: int, rng: np.random.Generator) -> Scene:
        """Return any moment of a clip, which teaches no label; see `held`."""
        return self._still(index, UNLABELED, rng.random())

    def _still(self, index: int, label: int, place: float) -> Scene:
        """Return the moment at a place in a clip, 0 to below 1."""

        def moment(length: int) -> NDArray[np.intp]:
            return np.array([int(place * length)])

        images, joints = self.clips[index].read(moment)
        return still_scene(images[0], joints[0], label, self._sampling.frames)
