"""Draws what the reader of joints learns from: windows of joints, and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.two_views.joints import joint_windows
from models.two_views.spec import TwoViewSpec
from training.joint_reader.table import JointTable
from training.joint_reader.variation import (
    JointVariation,
    lose,
    mean_pose_of,
    misread,
    through_camera,
    with_ghosts,
)
from training.labels import NO_GESTURE, OTHER_THINGS, mirrored_indices
from training.performer.arrays import Floats
from training.two_views.clip_draws import SHAPED, ClipDraws

LABEL_WEIGHTS = {OTHER_THINGS: 3.6, NO_GESTURE: 1.6}
"""How often clips of a label are drawn, where that is not 1."""

# Of the hands that the mean pose is computed of, and ghosts look like.
_MOST_HANDS = 20_000
_LEAST_IN_VIEW = 0.5
# From this many frames of a clip per frame of the model on, hands may be faster and slower.
_DENSE_CLIPS = 1.2


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


class JointSamples(NamedTuple):
    """A batch.

    Attributes:
        read: What the classifier reads of joints at each of T frames, float32 of shape (B, T,
            history * `JOINT_VALUES`).
        labels: int64 of shape (B,).
    """

    read: NDArray[np.float32]
    labels: NDArray[np.int64]


class _Moment(NamedTuple):
    """Frames of a clip: its index, the label, the frames of shape (N,), and which there are."""

    clip: int
    label: int
    frames: NDArray[np.int64]
    begun: NDArray[np.bool_]


class JointSampler:
    """Draws batches out of clips.

    Args:
        table: The clips.
        pair: What reads the joints.
        stride: Frames of a clip per frame of the model.
        choice: Which frames are taken.
        variation: How their joints are varied.
    """

    def __init__(
        self,
        table: JointTable,
        pair: TwoViewSpec,
        stride: float,
        choice: MomentChoice | None = None,
        variation: JointVariation | None = None,
    ) -> None:
        self._table, self._stride = table, stride
        self._choice = choice or MomentChoice()
        self._variation = variation or JointVariation()
        self._scored, self._history = pair.whole.frames, pair.joint_history
        labels = pair.whole.labels
        present = {labels[label] for label in table.labels}
        weights = {label: LABEL_WEIGHTS.get(label, 1.0) for label in present}
        self._draws = ClipDraws(table.labels, labels, weights)
        self._mirrored = _mirrored(labels)
        chosen = np.random.default_rng(0).permutation(len(table.hands))[:_MOST_HANDS]
        self._hands = table.hands[chosen]
        self._mean_pose = mean_pose_of(self._hands)

    def draw(self, count: int, rng: np.random.Generator) -> JointSamples:
        """Return that many samples."""
        moments = [self._moment(rng) for _ in range(count)]
        clips = np.array([moment.clip for moment in moments])
        labels = np.array([moment.label for moment in moments])
        begun = np.stack([moment.begun for moment in moments])
        joints = self._table.at(clips, np.stack([moment.frames for moment in moments]))
        seen = _in_view(joints, self._table.aspects[clips]) & begun
        varied, seen = self._varied(np.where(seen[..., None, None], joints, 0.0), seen, begun, rng)
        opposite = self._mirrored[labels]
        flipped = (rng.random(count) < 0.5) & (opposite >= 0)
        varied[flipped, ..., 0] *= -1.0
        labels = np.where(flipped, opposite, labels)
        windows = joint_windows(varied.astype(np.float32), seen, self._history)
        return JointSamples(windows[:, -self._scored :], labels)

    def _varied(
        self,
        joints: Floats,
        seen: NDArray[np.bool_],
        begun: NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> tuple[Floats, NDArray[np.bool_]]:
        variation = self._variation
        looked = through_camera(rng, joints.astype(np.float64), variation)
        looked, seen = with_ghosts(rng, looked, seen, begun, self._hands, variation)
        return misread(rng, looked, self._mean_pose, variation), lose(rng, seen, variation)

    def _moment(self, rng: np.random.Generator) -> _Moment:
        if self._draws.can_be_held and rng.random() < self._choice.held:
            return self._held(rng)
        return self._moving(rng)

    def _moving(self, rng: np.random.Generator) -> _Moment:
        """Draw a clip around its middle; what is beyond its ends is as the hand rests there."""
        choice, before = self._choice, self._history - 1
        clip = self._draws.draw_moving(0, rng)
        last, stride = int(self._table.lengths[clip]) - 1, self._stride
        if stride > _DENSE_CLIPS:
            stride *= float(np.exp(rng.uniform(*choice.pace)))
        first = (last - (self._scored - 1) * stride) / 2
        first += rng.uniform(-choice.jitter, choice.jitter) * stride
        frames = np.round(first + (np.arange(before + self._scored) - before) * stride)
        begun = (frames >= 0) | (rng.random() >= choice.empty)
        if rng.random() < choice.begins:
            begun[:before] = False
        taken = np.clip(frames, 0, last).astype(np.int64)
        return _Moment(clip, self._table.labels[clip], taken, begun)

    def _held(self, rng: np.random.Generator) -> _Moment:
        """Draw one moment of a clip for all frames."""
        choice, before = self._choice, self._history - 1
        clip = self._draws.draw_held(rng)
        frame = int(rng.uniform(*SHAPED) * self._table.lengths[clip])
        begun = np.ones(before + self._scored, bool)
        drawn = rng.random()
        if drawn < choice.held_begins:
            begun[:before] = False
        elif drawn < choice.held_begins + choice.held_late:
            begun[: rng.integers(before + 1)] = False
        frames = np.full(len(begun), frame, np.int64)
        return _Moment(clip, self._draws.label_at_rest(clip), frames, begun)


def _in_view(joints: NDArray[np.float32], aspects: Floats) -> NDArray[np.bool_]:
    """Return where half of a known hand's joints are inside its picture, of shape (B, N).

    Args:
        joints: From the middle of the picture, in its heights, of shape (B, N, 21, 2).
        aspects: Widths of the pictures over their heights, of shape (B,).
    """
    reach = np.stack([aspects / 2, np.full_like(aspects, 0.5)], axis=-1)[:, None, None]
    inside = np.asarray((np.abs(joints) < reach).all(axis=-1))  # of NaN, nothing is
    return np.asarray(inside.mean(axis=-1) > _LEAST_IN_VIEW)


def _mirrored(labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the index of each label's mirror image, -1 where that is not a label."""
    mirrored = mirrored_indices(labels)
    return np.array([-1 if index is None else index for index in mirrored], np.int64)
