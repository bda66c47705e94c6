"""What evaluation asks of a data set: clips that know their label and give frames by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from training.data.jester import ClipFolder, read_frame, read_jester

LAYOUTS = ("jester",)


class VideoClip(Protocol):
    """A labelled clip that is read when it is needed."""

    @property
    def label(self) -> int:
        """Index of the label."""
        ...

    @property
    def frames(self) -> int:
        """How many frames there are."""
        ...

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Return frames as BGR of shape (H, W, 3), by number from 0.

        Raises:
            DataError: A frame is missing or damaged.
        """
        ...


@dataclass(frozen=True)
class JesterClip:
    """A folder of pictures.

    Attributes:
        folder: Where they lie.
    """

    folder: ClipFolder

    @property
    def label(self) -> int:
        """Index of the label."""
        return self.folder.label

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return self.folder.frames

    def read(self, indices: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Return frames as BGR of shape (H, W, 3), by number from 0."""
        return [read_frame(self.folder.path / f"{number + 1:05d}.jpg") for number in indices]


def open_clips(
    layout: str, root: Path, annotations: Path | None, labels: Sequence[str]
) -> Sequence[VideoClip]:
    """List the clips of a data set.

    Args:
        layout: One of `LAYOUTS`.
        root: Folder of the data.
        annotations: File that names the clips; None for the layout's usual place.
        labels: All labels, in the order of the model's scores.

    Raises:
        DataError: Data is missing, or labels differ from the model's.
    """
    assert layout in LAYOUTS, "the command line has seen to it"
    found = read_jester(root, annotations or root / "labels.csv", labels)
    return [JesterClip(folder) for folder in found]
