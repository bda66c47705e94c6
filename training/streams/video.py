"""Reads the video of a stream, frame by frame, with the times that the app would see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from models.live import Frame
from models.opencv_paths import opencv_can_open
from training.data.errors import DataError

MOST_MISSING_S = 0.5
"""Seconds by which a video may be shorter than its cue file says."""

MOST_BEYOND_S = 0.5
"""Seconds by which it may be longer: events after the cues would count as false activations."""


def read_video(path: Path, fps: float, duration_s: float) -> Iterator[Frame]:
    """Yield the frames of a video with their media times.

    Args:
        path: The file.
        fps: Frames a second, for frames without a usable time stamp.
        duration_s: Expected length, in seconds.

    Raises:
        DataError: It cannot be decoded, ends early, or is too long.
    """
    time_s = 0.0
    for frame in video_frames(path, fps):
        time_s = frame.time_s
        yield frame
    if time_s + 1.0 / fps < duration_s - MOST_MISSING_S:
        raise DataError(
            f"The video {path} breaks off after {time_s:.1f} of {duration_s:.1f} seconds."
        )
    if time_s + 1.0 / fps > duration_s + MOST_BEYOND_S:
        raise DataError(
            f"The video {path} goes on after the {duration_s:.1f} seconds that its cues "
            "describe; describe all of it, or cut it."
        )


def video_frames(path: Path, fps: float) -> Iterator[Frame]:
    """Yield the frames of a video with their media times.

    Args:
        path: The file.
        fps: Frames a second, for frames without a usable time stamp.

    Raises:
        DataError: It cannot be decoded.
    """
    if not opencv_can_open(path):
        raise DataError(f"{path} cannot be played: its name is not valid UTF-8; rename it.")
    # Absolute, so that FFmpeg cannot take a name for an address such as "http:...".
    capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
    try:
        first_s, time_s = 0.0, -1.0 / fps
        while True:
            decoded, image = capture.read()
            if not decoded:
                break
            stamp_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if time_s < 0:
                first_s = stamp_s
            time_s = stamp_s - first_s if stamp_s - first_s > time_s else time_s + 1.0 / fps
            yield Frame(np.asarray(image, np.uint8), time_s)
    finally:
        capture.release()
    if time_s < 0:
        raise DataError(f"The video {path} is missing, damaged or not a video.")
