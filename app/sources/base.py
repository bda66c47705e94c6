"""A frame with its time stamps, and the protocol that every source of frames answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.errors import AppError
from app.sources.recorded import RecordedFrame


class SourceError(AppError):
    """A source cannot be opened or broke while it was read; one plain sentence."""


class UnusableSourceError(SourceError):
    """What the command line names cannot be a source; found before anything ran."""

    exit_code = 2


@dataclass(frozen=True)
class Frame:
    """One picture and when it was taken.

    Attributes:
        image: 8-bit BGR picture of shape (H, W, 3); nobody changes it after the frame was made.
        time_s: Time on the source's own clock, in seconds from its first frame: the media time of a
            file, the capture time of a camera.
        index: Number of the frame in its source, from 0.
        captured_at_s: `time.monotonic()` when the frame was read, for measuring its age.
        segment: Number of the uninterrupted stretch that the frame belongs to. It grows when a
            camera was lost and found again and when a clip starts over: what came before is no
            history then.
        recorded: What a recording knows about the frame; None if it does not come from one.
    """

    image: NDArray[np.uint8]
    time_s: float
    index: int
    captured_at_s: float
    segment: int = 0
    recorded: RecordedFrame | None = None


class FrameSource(Protocol):
    """Gives one frame after another. Opened by its constructor; used and closed by one thread.

    Attributes:
        name: Short name for people, such as a file's name.
        live: Whether frames come at their own pace and are lost if nobody reads them (a camera).
        fps: Frames a second as far as the source knows; None if it does not.
    """

    name: str
    live: bool
    fps: float | None

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end (for a camera: it is gone).

        Raises:
            SourceError: The source broke.
        """
        ...

    def close(self) -> None:
        """Release what the source holds; may be called more than once."""
        ...
