"""Which clips, and which of their moments, are taken how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from training.data.errors import DataError
from training.labels import NO_GESTURE, OTHER_THINGS
from training.performer.arrays import Floats
from training.two_views.scene import UNLABELED

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
SHAPED = (0.4, 0.7)
"""Where in a clip, as shares of its length, a hand certainly has that shape."""


class ClipDraws:
    """Draws clips.

    Args:
        clip_labels: Index of each clip's label.
        labels: All labels, in the order of the network's outputs.
        label_weights: How often clips of a label are taken, where that is not 1, in proportion to
            the others; by default every clip is taken equally often, whatever its label.

    Raises:
        DataError: No clip has one of these labels, or no label is left.
    """

    def __init__(
        self,
        clip_labels: Sequence[int],
        labels: Sequence[str],
        label_weights: Mapping[str, float] | None = None,
    ) -> None:
        self._clip_labels = clip_labels
        self._by_label: dict[int, list[int]] = defaultdict(list)
        for index, label in enumerate(clip_labels):
            self._by_label[label].append(index)
        self._label_limits = _label_limits(self._by_label, labels, label_weights)
        number = {label: index for index, label in enumerate(labels)}
        self._at_rest = {
            number[label]: number[rest]
            for label, rest in LABEL_AT_REST.items()
            if label in number and rest in number
        }
        self._held: dict[int, list[int]] = defaultdict(list)
        for index, label in enumerate(clip_labels):
            if label in self._at_rest:
                self._held[self._at_rest[label]].append(index)
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

    def label_at_rest(self, index: int) -> int:
        """Return what a clip's hand shows if it is held still; `UNLABELED` if that is open."""
        return self._at_rest.get(self._clip_labels[index], UNLABELED)


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
