"""Frames of a video file with their media times."""

from __future__ import annotations

import stat
from math import isfinite
from pathlib import Path
from time import monotonic

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sources.base import Frame, SourceError, UnusableSourceError
from models.opencv_paths import opencv_can_open
from models.preprocess import as_bgr

FALLBACK_FPS = 25.0
"""For files without a frame rate; only used for frames without timestamps."""

HIGHEST_FPS = 1000.0

MISSING_S = 0.75
MISSING_FRACTION = 0.1
"""A file is cut off if more than both is missing; containers round and estimate."""

PICTURE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


class VideoFile:
    """Plays a file once, from its first frame to its last."""

    live = False

    def __init__(self, path: Path) -> None:
        """Open the file and read its first frame.

        Args:
            path: The file.

        Raises:
            UnusableSourceError: It is missing, empty, a picture, or not a video that can be played.
        """
        _check(path)
        self.name = path.name
        # Absolute, so that FFmpeg never interprets a name as a URL such as "http:...".
        self._capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        known = isfinite(fps) and 0 < fps <= HIGHEST_FPS
        self.fps: float | None = fps if known else None
        self._period_s = 1 / (fps if known else FALLBACK_FPS)
        self._promised_s = self._capture.get(cv2.CAP_PROP_FRAME_COUNT) * self._period_s
        self._first_stamp_s: float | None = None
        self._last_time_s = -self._period_s
        self._frames = 0
        self._first = self._next_image()
        if self._first is None:
            self._capture.release()
            raise UnusableSourceError(
                f"{path} cannot be played: it is not a video, or it is cut off or damaged; "
                "give a video file such as MP4, WebM or AVI."
            )

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end.

        Raises:
            SourceError: The file ends long before its stated duration.
        """
        image, self._first = self._first, None
        if image is None:
            image = self._next_image()
        if image is None:
            self._check_complete()
            return None
        frame = Frame(image, self._time_s(), self._frames, monotonic())
        self._frames += 1
        self._last_time_s = frame.time_s
        return frame

    def close(self) -> None:
        """Release the file."""
        self._capture.release()

    def _next_image(self) -> NDArray[np.uint8] | None:
        """Decode the next image; None at the end."""
        try:
            decoded, image = self._capture.read()
        except cv2.error:  # The rest cannot be decoded; `_check_complete` says how much that is.
            return None
        return as_bgr(np.asarray(image, np.uint8)) if decoded else None

    def _time_s(self) -> float:
        """Return the media time of the image decoded last, in seconds from the first frame.

        Frames without a usable timestamp follow one frame period after their predecessor.
        """
        stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if self._first_stamp_s is None:
            self._first_stamp_s = stamp_s
            return 0.0
        time_s = stamp_s - self._first_stamp_s
        return time_s if time_s > self._last_time_s else self._last_time_s + self._period_s

    def _check_complete(self) -> None:
        """Check that the file was not cut off in the middle.

        Raises:
            SourceError: It was.
        """
        played_s = self._last_time_s + self._period_s
        missing_s = self._promised_s - played_s
        if missing_s > max(MISSING_S, MISSING_FRACTION * self._promised_s):
            raise SourceError(
                f"{self.name} breaks off after {played_s:.1f} of {self._promised_s:.1f} seconds: "
                "it is cut off or damaged; get the file again."
            )


def _special_file_sentence(path: Path, mode: int) -> str:
    """Return what to use instead of something that is neither a file nor a folder."""
    if stat.S_ISCHR(mode):
        return f"{path} is a device, not a video file; play a camera with --camera N."
    return f"{path} is a pipe or the like, which cannot be played; give a video file."


def _check(path: Path) -> None:
    """Check a file as far as that is possible without decoding it.

    Raises:
        UnusableSourceError: The file cannot be a video.
    """
    try:
        status = path.stat()
        # Before it is opened: a pipe without a writer would block forever.
        if not stat.S_ISREG(status.st_mode):
            raise UnusableSourceError(_special_file_sentence(path, status.st_mode))
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise UnusableSourceError(
            f"There is no file or folder {path}; check the path given with --source."
        ) from error
    except OSError as error:
        raise UnusableSourceError(
            f"{path} cannot be read ({error.strerror}); check the file and its permissions."
        ) from error
    if not opencv_can_open(path):
        raise UnusableSourceError(
            f"{path} cannot be played: its name, or that of its folder, is not valid UTF-8; "
            "rename it."
        )
    if status.st_size == 0:
        raise UnusableSourceError(f"The file {path} is empty; give a video file.")
    if path.suffix.lower() in PICTURE_SUFFIXES:
        raise UnusableSourceError(
            f"{path} is a single picture; give a video file, or the folder with all the pictures."
        )
