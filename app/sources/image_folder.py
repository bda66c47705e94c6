"""A folder of images as a clip, as Jester and Something-Something store theirs."""

from __future__ import annotations

import re
from pathlib import Path
from time import monotonic

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sources.base import Frame, SourceError, UnusableSourceError
from models.preprocess import as_bgr

FPS = 12.0
"""Frame rate of the Jester data set; images have no timestamps."""

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})


class ImageFolder:
    """Shows the images of a folder once, in natural order: 2.jpg comes before 10.jpg."""

    live = False

    def __init__(self, path: Path) -> None:
        """List the images and read the first.

        Args:
            path: The folder; its subfolders are ignored.

        Raises:
            UnusableSourceError: It holds no images, cannot be read, or its first image is damaged.
        """
        self.name = path.name or str(path)
        self.fps: float | None = FPS
        self._paths = _images(path)
        self._index = 0
        try:
            self._first: NDArray[np.uint8] | None = _load(self._paths[0])
        except SourceError as error:
            raise UnusableSourceError(str(error)) from error

    def read(self) -> Frame | None:
        """Return the next image, or None after the last.

        Raises:
            SourceError: An image is damaged.
        """
        if self._index == len(self._paths):
            return None
        image, self._first = self._first, None
        if image is None:
            image = _load(self._paths[self._index])
        frame = Frame(image, self._index / FPS, self._index, monotonic())
        self._index += 1
        return frame

    def close(self) -> None:
        """Do nothing: no file is kept open."""


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key that compares numbers inside names by value."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def _images(folder: Path) -> list[Path]:
    """Return the images of a folder in natural order; hidden files do not count.

    Raises:
        UnusableSourceError: There are none, or the folder cannot be read.
    """
    try:
        found = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
        ]
    except OSError as error:
        raise UnusableSourceError(
            f"The folder {folder} cannot be read ({error.strerror}); check its permissions."
        ) from error
    if not found:
        raise UnusableSourceError(
            f"There are no images in the folder {folder}; give a folder of JPEG or PNG files, "
            "or a video file."
        )
    return sorted(found, key=lambda path: natural_key(path.name))


def _load(path: Path) -> NDArray[np.uint8]:
    """Decode an image, whatever its depth and channels, as 8-bit BGR.

    Raises:
        SourceError: It is damaged or not an image.
    """
    try:
        # Not cv2.imread, which cannot open every name on Windows.
        data = np.fromfile(path, np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):
        image = None
    if image is None:
        raise SourceError(
            f"The image {path} cannot be read; repair it or take it out of the folder."
        )
    return as_bgr(np.asarray(image, np.uint8))
