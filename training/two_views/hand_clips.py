"""Clips of the performer together with the hands in their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.clip import ChooseFrames, Clip, Image
from training.data.errors import DataError, UnreadableClipError
from training.data.index import open_dataset
from training.data.layouts import Layout
from training.performer.arrays import Floats
from training.performer.hand_truth import CLIPS_FILE, read_clip_hands


@dataclass(frozen=True)
class HandClip:
    """One clip.

    Attributes:
        clip: Its frames.
        joints: In shares of the picture, of all frames, of shape (N, 2, 21, 2); NaN where a hand is
            not used.
    """

    clip: Clip
    joints: NDArray[np.float16]

    @property
    def name(self) -> str:
        """Its folder, for messages."""
        return self.clip.name

    @property
    def label(self) -> int:
        """Index of its label."""
        return self.clip.label

    def read(self, choose: ChooseFrames) -> tuple[Sequence[Image], Floats]:
        """Read some of its frames.

        Args:
            choose: Chooses the frames.

        Returns:
            BGR images of one size, and the joints in their pixels, of shape (T, 2, 21, 2).

        Raises:
            UnreadableClipError: A frame is missing or damaged.
        """
        chosen = choose(len(self.joints))

        def known(frames: int) -> NDArray[np.intp]:
            if frames != len(self.joints):
                raise UnreadableClipError(
                    f"The clip {self.name} has {frames} frames, but {CLIPS_FILE} has "
                    f"{len(self.joints)}."
                )
            return chosen

        images = self.clip.read(known)
        height, width = images[0].shape[:2]
        return images, self.joints[chosen].astype(np.float64) * (width, height)


def open_hand_clips(folder: Path, labels: Sequence[str]) -> list[HandClip]:
    """List the clips of a folder whose hands are known: all but collages.

    Args:
        folder: Clips in Jester's layout, with `labels.csv` and `hands.npz`.
        labels: All labels, in the order of the network's outputs.

    Raises:
        DataError: A file is missing or damaged, a label is unknown, or no hands are known.
    """
    clips = open_dataset(Layout.JESTER, folder, folder / "labels.csv", labels)
    if not (folder / CLIPS_FILE).is_file():
        raise DataError(
            f"The folder {folder} has no {CLIPS_FILE}, which says where the hands are; render the "
            "clips again with 'python -m training synthesize'."
        )
    known = read_clip_hands(folder)
    order = np.lexsort((known.frame, known.clip))
    numbers, begins = np.unique(known.clip[order], return_index=True)
    joints = np.split(known.hands.joints[order], begins[1:])
    hands = dict(zip(map(str, numbers.tolist()), joints, strict=True)) if len(numbers) else {}
    named = [(clip, hands.get(Path(clip.name).name)) for clip in clips]
    found = [
        HandClip(clip, known_joints) for clip, known_joints in named if known_joints is not None
    ]
    if not found:
        raise DataError(f"The file {folder / CLIPS_FILE} knows the hands of none of the clips.")
    return found
