"""A frame with its timestamps, and the protocol of all sources of frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.errors import AppError
from app.sources.recorded import RecordedFrame


class SourceError(AppError):
    """A source cannot be opened, or failed while it was read; one plain sentence."""


class UnusableSourceError(SourceError):
    """What the command line names cannot be a source; found before the run started."""

    exit_code = 2


@dataclass(frozen=True)
class Frame:
    """One picture and when it was taken.

    Attributes:
        image: 8-bit BGR picture of shape (H, W, 3); never changed afterwards.
        time_s: Time on the source's own clock, in seconds from its first frame: the media time of a
            file, the capture time of a camera.
        index: Index of the frame in its source.
        captured_at_s: `time.monotonic()` when the frame was read, for measuring its age.
        segment: Index of the uninterrupted stretch that the frame belongs to. It grows when a
            camera was lost and found again and when a clip starts over: earlier frames are not its
            history.
        recorded: What a recording holds about the frame; None for any other source.
    """

    image: NDArray[np.uint8]
    time_s: float
    index: int
    captured_at_s: float
    segment: int = 0
    recorded: RecordedFrame | None = None


class FrameSource(Protocol):
    """Yields one frame after another. Its constructor opens it; one thread uses and closes it.

    Attributes:
        name: Short name for people, such as a file name.
        live: Whether frames come at their own pace and are lost if they are not read (a camera).
        fps: Frames per second as reported by the source; None if unknown.
    """

    name: str
    live: bool
    fps: float | None

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end (for a camera: it is gone).

        Raises:
            SourceError: The source failed.
        """
        ...

    def close(self) -> None:
        """Release what the source holds; may be called more than once."""
        ...
