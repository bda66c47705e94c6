"""Detects from a camera's pictures that something is wrong: they are black, or do not change.

The sensor of a real camera is noisy: two consecutive pictures with identical values mean that the
second was never taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from app.sources.base import Frame

STRIDE = 8
"""Only every eighth pixel in both directions is examined, which costs almost nothing."""

DARK_BELOW = 12.0
"""Mean gray level, of 255, of a covered lens; a room at night is several times as bright."""

DARK_AFTER_S = 1.5
"""A camera gives dark pictures at first, while it starts."""

STUCK_AFTER_S = 3.0


class Trouble(Enum):
    """What is wrong with the pictures, as a sentence for people; empty for nothing."""

    NONE = ""
    DARK = (
        "The camera's picture is black: it is covered, or the room is too dark; "
        "uncover it, or turn a light on."
    )
    STUCK = (
        "The camera gives the same picture again and again; "
        "if it does not recover by itself, unplug it and plug it in again."
    )


@dataclass
class PictureWatch:
    """Watches one live source; used by one thread.

    Attributes:
        trouble: What is wrong at the moment.
    """

    trouble: Trouble = Trouble.NONE
    _segment: int = -1
    _last: NDArray[np.uint8] | None = None
    _light_s: float = 0.0
    _moved_s: float = 0.0

    def see(self, frame: Frame) -> bool:
        """Take the next frame into account; return whether `trouble` has changed."""
        before = self.trouble
        looked_at = frame.image[::STRIDE, ::STRIDE]
        last = None if frame.segment != self._segment else self._last
        if last is None or looked_at.mean() >= DARK_BELOW:
            self._light_s = frame.time_s
        if last is None or not np.array_equal(looked_at, last):
            self._moved_s = frame.time_s
            self._last = looked_at.copy()  # otherwise the whole picture would be kept
        self._segment = frame.segment
        if frame.time_s - self._light_s > DARK_AFTER_S:
            self.trouble = Trouble.DARK
        elif self._light_s < frame.time_s:
            # Dark for a moment, which may mean nothing; but a new picture ends STUCK.
            if self.trouble is Trouble.STUCK and self._moved_s == frame.time_s:
                self.trouble = Trouble.NONE
        elif frame.time_s - self._moved_s > STUCK_AFTER_S:
            self.trouble = Trouble.STUCK
        else:
            self.trouble = Trouble.NONE
        return self.trouble is not before
