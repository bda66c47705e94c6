"""Scenes out of clips: movements, and single moments of hands that are held still."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from training.data.errors import DataError
from training.data.sampling import Sampling
from training.labels import NO_GESTURE, OTHER_THINGS
from training.performer.arrays import Floats
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
    **{"Thumb Up": 0.18, "Thumb Down": 0.21, "Stop Sign": 0.17},
    **{OTHER_THINGS: 0.37, NO_GESTURE: 0.07},
}
# Where in a clip, as shares of its length, a hand certainly has that shape.
_SHAPED = (0.4, 0.7)


class ClipScenes:
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
        self.clips = clips
        self._by_label: dict[int, list[int]] = defaultdict(list)
        for index, clip in enumerate(clips):
            self._by_label[clip.label].append(index)
        self._label_limits = _label_limits(self._by_label, labels, label_weights)
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

    def draw_moving(self, index: int, rng: np.random.Generator) -> int:
        """Return the index of a clip by the weight of its label, or `index` without weights."""
        if self._label_limits is None:
            return index
        limit = rng.random() * self._label_limits[-1]
        kind = int(np.searchsorted(self._label_limits, limit, side="right"))
        chosen = list(self._by_label.values())[kind]
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


def _label_limits(
    by_label: Mapping[int, list[int]],
    labels: Sequence[str],
    weights: Mapping[str, float] | None,
) -> Floats | None:
    """Return the cumulative weights of the labels that clips have; None without weights."""
    if not weights:
        return None
    shown = [labels[label] for label in by_label]
    stray = sorted(weights.keys() - set(shown))
    if stray:
        raise DataError(f"data.label_weights names '{stray[0]}', of which there is no clip.")
    limits: Floats = np.cumsum([float(weights.get(label, 1.0)) for label in shown])
    if limits[-1] <= 0.0:
        raise DataError("data.label_weights leaves no label; raise one of the weights.")
    return limits
