"""Draws what the reader of joints learns from: windows of joints, and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.two_views.joints import joint_windows
from models.two_views.spec import TwoViewSpec
from training.joint_reader.moments import Moments
from training.joint_reader.table import JointTable
from training.joint_reader.variation import (
    JointVariation,
    lose,
    mean_pose_of,
    misread,
    through_camera,
    with_ghosts,
)
from training.labels import mirrored_indices
from training.performer.arrays import Floats

# Of the hands that the mean pose is computed of, and ghosts look like.
_MOST_HANDS = 20_000
_LEAST_IN_VIEW = 0.5


class JointSamples(NamedTuple):
    """A batch.

    Attributes:
        read: What the classifier reads of joints at each of T frames, float32 of shape (B, T,
            history * `JOINT_VALUES`).
        labels: int64 of shape (B,).
    """

    read: NDArray[np.float32]
    labels: NDArray[np.int64]


class JointSampler:
    """Draws batches out of clips or streams.

    Args:
        table: The joints in them.
        pair: What reads the joints.
        moments: Which of their frames are taken.
        variation: How their joints are varied.
    """

    def __init__(
        self,
        table: JointTable,
        pair: TwoViewSpec,
        moments: Moments,
        variation: JointVariation | None = None,
    ) -> None:
        self._table, self._moments = table, moments
        self._variation = variation or JointVariation()
        self._scored, self._history = pair.whole.frames, pair.joint_history
        self._mirrored = _mirrored(pair.whole.labels)
        chosen = np.random.default_rng(0).permutation(len(table.hands))[:_MOST_HANDS]
        self._hands = table.hands[chosen]
        self._mean_pose = mean_pose_of(self._hands)

    def draw(self, count: int, rng: np.random.Generator) -> JointSamples:
        """Return that many samples."""
        moments = [self._moments.draw(rng) for _ in range(count)]
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
