"""The example clips of gestures that the gesture guide plays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.sources.video_file import VideoFile

FPS = 15.0
"""Frame rate of the examples."""

FOLDER = Path(__file__).parents[1] / "assets" / "gestures"


def clip_path(label: str) -> Path:
    """Return where the example of a gesture would be; it may not exist."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in label.lower()).split()
    return FOLDER / f"{'-'.join(words)}.mp4"


def load_clip(label: str) -> tuple[NDArray[np.uint8], ...]:
    """Return the frames of a gesture's example, BGR and unmirrored; empty if there is none.

    Raises:
        SourceError: The file is damaged.
    """
    path = clip_path(label)
    if not path.is_file():
        return ()
    video = VideoFile(path)
    frames = []
    try:
        while (frame := video.read()) is not None:
            frames.append(frame.image)
    finally:
        video.close()
    return tuple(frames)
