"""What a sample is made of: pictures, where the hands are in them, and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.data.clip import Image
from training.performer.arrays import Floats

UNLABELED = -1
"""Label of a scene that teaches boxes and presence alone."""

HANDS, JOINTS = 2, 21


@dataclass(frozen=True)
class Scene:
    """T pictures.

    Attributes:
        images: BGR pictures of one size.
        joints: In pixels of these, the main hand first, of shape (T, 2, 21, 2); NaN where a hand is
            not used.
        label: Index of the label, or `UNLABELED`.
        stand_ins: Whether each hand's joints only stand for its box (`joints.stand_in_joints`), so
            that they are not to be learned.
        still: Whether it is one moment for T frames, so that only the camera may move.
        decoy: x, y and size in pixels of what is taken for a hand, even where one shows, of shape
            (3,); None for nothing.
    """

    images: Sequence[Image]
    joints: Floats
    label: int
    stand_ins: tuple[bool, bool] = (False, False)
    still: bool = False
    decoy: Floats | None = None

    def frames(self, chosen: Sequence[int]) -> Scene:
        """Return the scene at some of its frames alone."""
        images = [self.images[index] for index in chosen]
        return replace(self, images=images, joints=self.joints[list(chosen)])


def still_scene(
    image: Image,
    joints: Floats,
    label: int,
    frames: int,
    *,
    stand_ins: Sequence[bool] | NDArray[np.bool_] = (),
    decoy: Floats | None = None,
) -> Scene:
    """Return a scene of one picture.

    Args:
        image: BGR.
        joints: Of up to two hands, of shape (N, 21, 2), in pixels.
        label: Index of the label, or `UNLABELED`.
        frames: T.
        stand_ins: Of each hand whether its joints only stand for its box; by default none's do.
        decoy: As in `Scene`.
    """
    both = np.full((HANDS, JOINTS, 2), np.nan)
    both[: len(joints[:HANDS])] = joints[:HANDS]
    repeated = np.repeat(both[None], frames, axis=0)
    main, other, *_ = (*map(bool, stand_ins), False, False)
    return Scene([image] * frames, repeated, label, (main, other), still=True, decoy=decoy)
