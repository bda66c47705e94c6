"""Draws which frames of clips and streams are taken, and what is to be said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.two_views.spec import TwoViewSpec
from training.joint_reader.table import ClipJoints, StreamJoints
from training.labels import NO_GESTURE, OTHER_THINGS
from training.refit.features import step_labels
from training.two_views.clip_draws import SHAPED, ClipDraws

LABEL_WEIGHTS = {OTHER_THINGS: 3.6, NO_GESTURE: 1.6}
"""How often clips of a label are drawn, where that is not 1."""

# From this many frames of a clip per frame of the model on, hands may be faster and slower.
_DENSE_CLIPS = 1.2


class Moment(NamedTuple):
    """Some frames of a clip or stream.

    Attributes:
        clip: Its index.
        label: Index of the label.
        frames: Indices, int64 of shape (N,).
        begun: In which of them the stream has begun, of shape (N,).
    """

    clip: int
    label: int
    frames: NDArray[np.int64]
    begun: NDArray[np.bool_]


class Moments(Protocol):
    """Draws them."""

    def draw(self, rng: np.random.Generator) -> Moment:
        """Return one moment."""
        ...


@dataclass(frozen=True)
class MomentChoice:
    """Which frames of clips are taken, and what was before them.

    Attributes:
        held: Share of hands that are held still: one moment of a clip.
        jitter: A movement is up to this many frames of the model off the middle of its clip.
        pace: Least and largest logarithm of how much farther apart the frames are of clips that
            have more frames than the model sees.
        begins: Probability that the stream begins with the clip's first frame that is scored.
        empty: Otherwise, probability that the stream begins where the clip does; if not, the hand
            rested before as it is then.
        held_begins: Probability that a stream begins with a hand that is held.
        held_late: Probability that the stream begins some frames before.
    """

    held: float = 0.28
    jitter: float = 1.5
    pace: tuple[float, float] = (-0.25, 0.3)
    begins: float = 0.4
    empty: float = 0.5
    held_begins: float = 0.5
    held_late: float = 0.25


class ClipMoments:
    """Draws moments of clips: a movement around its middle, or a hand that is held still.

    Args:
        clips: At least one.
        pair: What reads the joints.
        stride: Frames of a clip per frame of the model.
        choice: Which frames are taken.
    """

    def __init__(
        self,
        clips: Sequence[ClipJoints],
        pair: TwoViewSpec,
        stride: float,
        choice: MomentChoice | None = None,
    ) -> None:
        self._stride = stride
        self._lengths = [len(clip.joints) for clip in clips]
        self._labels = [clip.label for clip in clips]
        self._choice = choice or MomentChoice()
        self._scored, self._history = pair.whole.frames, pair.joint_history
        labels = pair.whole.labels
        present = {labels[label] for label in self._labels}
        weights = {label: LABEL_WEIGHTS.get(label, 1.0) for label in present}
        self._draws = ClipDraws(self._labels, labels, weights)

    def draw(self, rng: np.random.Generator) -> Moment:
        """Return one moment."""
        if self._draws.can_be_held and rng.random() < self._choice.held:
            return self._held(rng)
        return self._moving(rng)

    def _moving(self, rng: np.random.Generator) -> Moment:
        """Draw a clip around its middle; what is beyond its ends is as the hand rests there."""
        choice, before = self._choice, self._history - 1
        clip = self._draws.draw_moving(0, rng)
        last, stride = self._lengths[clip] - 1, self._stride
        if stride > _DENSE_CLIPS:
            stride *= float(np.exp(rng.uniform(*choice.pace)))
        first = (last - (self._scored - 1) * stride) / 2
        first += rng.uniform(-choice.jitter, choice.jitter) * stride
        frames = np.round(first + (np.arange(before + self._scored) - before) * stride)
        begun = (frames >= 0) | (rng.random() >= choice.empty)
        if rng.random() < choice.begins:
            begun[:before] = False
        taken = np.clip(frames, 0, last).astype(np.int64)
        return Moment(clip, self._labels[clip], taken, begun)

    def _held(self, rng: np.random.Generator) -> Moment:
        """Draw one moment of a clip for all frames."""
        choice, before = self._choice, self._history - 1
        clip = self._draws.draw_held(rng)
        frame = int(rng.uniform(*SHAPED) * self._lengths[clip])
        begun = np.ones(before + self._scored, bool)
        drawn = rng.random()
        if drawn < choice.held_begins:
            begun[:before] = False
        elif drawn < choice.held_begins + choice.held_late:
            begun[: rng.integers(before + 1)] = False
        frames = np.full(len(begun), frame, np.int64)
        return Moment(clip, self._draws.label_at_rest(clip), frames, begun)


@dataclass(frozen=True)
class StreamChoice:
    """Which steps of streams are taken.

    Attributes:
        nothing: Share of steps at which nothing is done.
        others: Share of those at which something else is done; the rest show gestures, each as
            often as any other.
        pace: Least and largest logarithm of how much farther apart the frames are.
    """

    nothing: float = 0.2
    others: float = 0.3
    pace: tuple[float, float] = (-0.12, 0.15)


class StreamMoments:
    """Draws steps of streams whose label is certain, with the frames before them.

    Args:
        streams: At least one.
        pair: What reads the joints.
        stride: Frames of a stream per frame of the model.
        choice: Which steps are taken.
    """

    def __init__(
        self,
        streams: Sequence[StreamJoints],
        pair: TwoViewSpec,
        stride: float,
        choice: StreamChoice | None = None,
    ) -> None:
        self._stride = stride
        self._choice = choice or StreamChoice()
        self._frames = pair.joint_history - 1 + pair.whole.frames
        self._lengths = [len(stream.joints) for stream in streams]
        labels = pair.whole.labels
        steps: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, stream in enumerate(streams):
            times_s = [frame / stream.fps for frame in range(len(stream.joints))]
            for frame, label in enumerate(step_labels(stream.cues, times_s)):
                if label is not None:
                    known = label if label in labels else OTHER_THINGS
                    steps[labels.index(known)].append((number, frame))
        silent = [labels.index(label) for label in (NO_GESTURE, OTHER_THINGS)]
        self._steps = {label: np.array(taken) for label, taken in steps.items()}
        self._silent = [label if label in self._steps else None for label in silent]
        self._gestures = [label for label in self._steps if label not in silent]

    def draw(self, rng: np.random.Generator) -> Moment:
        """Return one moment."""
        label = self._label(rng)
        steps = self._steps[label]
        stream, last = steps[rng.integers(len(steps))].tolist()
        stride = self._stride * float(np.exp(rng.uniform(*self._choice.pace)))
        frames = np.round(last - stride * np.arange(self._frames)[::-1])
        taken = np.clip(frames, 0, self._lengths[stream] - 1).astype(np.int64)
        return Moment(stream, label, taken, frames >= 0)

    def _label(self, rng: np.random.Generator) -> int:
        """Draw what the step shows, of what there is."""
        choice, drawn = self._choice, rng.random()
        limits = (choice.nothing, choice.nothing + choice.others)
        silent = self._silent[int(drawn >= limits[0])] if drawn < limits[1] else None
        if silent is not None:
            return silent
        kinds = self._gestures or list(self._steps)
        return kinds[int(rng.integers(len(kinds)))]
