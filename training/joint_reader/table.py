"""The joints of the hand in many clips: all that the reader of joints learns from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.preprocess import network_picture
from models.two_views.joints import JOINTS
from models.two_views.stream import TwoViewStream
from training.data.clip import Image
from training.data.errors import DataError, UnreadableClipError
from training.streams.truth import StreamCue
from training.two_views.hand_clips import HandClip, open_hand_clips

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""


@dataclass(frozen=True)
class ClipJoints:
    """The hand in one clip.

    Attributes:
        label: Index of the clip's label.
        joints: From the middle of the picture, in its heights, float32 of shape (N, 21, 2); NaN
            where no hand is known.
        aspect: Width of the picture over its height.
    """

    label: int
    joints: NDArray[np.float32]
    aspect: float


@dataclass(frozen=True)
class StreamJoints:
    """The hand in one stream, and what is done in it.

    Attributes:
        cues: What is done, in order.
        joints: As in `ClipJoints`.
        aspect: Likewise.
        fps: Frames a second.
    """

    cues: Sequence[StreamCue]
    joints: NDArray[np.float32]
    aspect: float
    fps: float


class JointTable:
    """The joints of all clips, or streams, one after the other.

    Attributes:
        lengths: Frames of each clip, int64 of shape (N,).
        aspects: As in `ClipJoints`, float64 of shape (N,).

    Args:
        clips: At least one.

    Raises:
        DataError: In none of them a hand is known.
    """

    def __init__(self, clips: Sequence[ClipJoints] | Sequence[StreamJoints]) -> None:
        self.lengths = np.array([len(clip.joints) for clip in clips], np.int64)
        self.aspects = np.array([clip.aspect for clip in clips])
        self._begins = np.cumsum(self.lengths) - self.lengths
        self._joints = np.concatenate([clip.joints for clip in clips])
        known = np.isfinite(self._joints).all(axis=(-1, -2))
        if not known.any():
            raise DataError("In none of the clips a hand is known; nothing can be learned.")
        self.hands = self._joints[known]
        """All known hands, of shape (M, 21, 2)."""

    def at(self, clips: NDArray[np.int64], frames: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the joints in some frames of some clips.

        Args:
            clips: Indices, of shape (B,).
            frames: Indices in each clip, of shape (B, N).

        Returns:
            Shape (B, N, 21, 2); NaN where no hand is known.
        """
        joints: NDArray[np.float32] = self._joints[self._begins[clips][:, None] + frames]
        return joints


def read_joints_of(
    folders: Sequence[Path], labels: Sequence[str], progress: Progress
) -> list[tuple[HandClip, ClipJoints]]:
    """Read what the renderer knows about the hands in clips; of their pictures only the size.

    Args:
        folders: Clips in Jester's layout, with `labels.csv` and `hands.npz`.
        labels: All labels, in the order of the network's outputs.
        progress: Called as clips are read.

    Raises:
        DataError: A file is missing or damaged, or a label is unknown.
    """
    clips = [clip for folder in folders for clip in open_hand_clips(folder, labels)]
    known = []
    for done, clip in enumerate(clips, start=1):
        height, width = _pictures(clip, 1)[0].shape[:2]
        aspect = width / height
        joints = from_middle(clip.joints[:, 0], aspect)
        known.append((clip, ClipJoints(clip.label, joints, aspect)))
        progress(done / len(clips))
    return known


def from_middle(shares: NDArray[np.floating], aspect: float) -> NDArray[np.float32]:
    """Return joints as in `ClipJoints`.

    Args:
        shares: The same as shares of the picture, as in `HandTruth`, of shape (N, 21, 2).
        aspect: Width of the picture over its height.
    """
    away = shares.astype(np.float32) - np.float32(0.5)
    return away * np.array([aspect, 1.0], np.float32)


def said_by_square(
    stream: TwoViewStream, clips: Sequence[HandClip], progress: Progress
) -> list[ClipJoints]:
    """Return the joints that a pair's own square says, as they are live.

    Args:
        stream: Runs the pair.
        clips: What it sees, each from its first frame to its last.
        progress: Called as clips are seen.

    Raises:
        DataError: A picture is missing or damaged.
    """
    said = []
    for done, clip in enumerate(clips, start=1):
        joints = _said(stream, _pictures(clip))
        said.append(ClipJoints(clip.label, joints, stream.pair.aspect))
        progress(done / len(clips))
    return said


def _said(stream: TwoViewStream, pictures: Sequence[Image]) -> NDArray[np.float32]:
    """Return the joints that the square says in each picture of a stream, as in `ClipJoints`."""
    joints = np.full((len(pictures), JOINTS, 2), np.nan, np.float32)
    state = stream.init_state()
    for index, picture in enumerate(pictures):
        whole = network_picture(picture, stream.spec)
        state = stream.step(whole, stream.look_at(picture), state).state
        newest = state.joints[-1]
        if newest is not None:
            joints[index] = newest
    return joints


def _pictures(clip: HandClip, most: int | None = None) -> Sequence[Image]:
    """Read the first pictures of a clip, or all."""
    try:
        return clip.clip.read(lambda length: np.arange(length if most is None else most))
    except UnreadableClipError as error:
        raise DataError(f"The clip {clip.name} cannot be used: {error}") from error
