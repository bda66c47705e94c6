"""A clip on disk, whether it is a folder of frames or a video file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""BGR of shape (H, W, 3)."""

ChooseFrames = Callable[[int], NDArray[np.intp]]
"""Maps the number of frames to the indices of those to read, in order; an index may repeat."""


@dataclass(frozen=True)
class Size:
    """Sides of an image, in pixels."""

    height: int
    width: int


class Clip(Protocol):
    """One labeled clip on disk.

    Attributes:
        name: Its folder or file, for messages.
        label: Index of its label in the network's outputs.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described above

    @property
    def label(self) -> int: ...  # noqa: D102

    def read(self, choose: ChooseFrames, smallest: Size | None = None) -> Sequence[Image]:
        """Read some of its frames.

        Args:
            choose: Chooses the frames.
            smallest: Images may be decoded at a fraction of their size, but not below this one;
                None decodes them in full.

        Returns:
            BGR images, all of one size.

        Raises:
            UnreadableClipError: A chosen frame, or the whole clip, is missing or damaged.
        """
        ...
