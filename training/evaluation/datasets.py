"""What evaluation asks of a data set: labelled clips, and the frames chosen from each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.jester import ClipFolder, read_frame, read_jester

LAYOUTS = ("jester",)

ChooseFrames = Callable[[int], NDArray[np.intp]]
"""From the number of frames to the indices of those to read, in order."""


def open_clips(
    layout: str, root: Path, annotations: Path | None, labels: Sequence[str]
) -> Sequence[ClipFolder]:
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
    return read_jester(root, annotations or root / "labels.csv", labels)


def read_clips(
    clips: Iterable[ClipFolder], choose: ChooseFrames
) -> Iterator[tuple[ClipFolder, list[NDArray[np.uint8]]]]:
    """Yield each clip with some of its frames, BGR of shape (H, W, 3).

    Raises:
        DataError: A frame is missing or damaged.
    """
    for clip in clips:
        numbers = choose(clip.frames)
        yield clip, [read_frame(clip.path / f"{number + 1:05d}.jpg") for number in numbers]
