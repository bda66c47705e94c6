"""A folder of pictures that rooms are cropped from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.opencv_paths import opencv_can_open
from training.data.errors import DataError, UnreadableClipError
from training.data.frames import read_picture

LEAST_PX = 16

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


@lru_cache(maxsize=4)
def list_backgrounds(folder: Path) -> tuple[Path, ...]:
    """Return a folder's pictures, with those of its subfolders, in a fixed order.

    Raises:
        DataError: There is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise DataError(f"The folder of backgrounds '{folder}' does not exist.")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise DataError(f"The folder '{folder}' holds no pictures to use as backgrounds.")
    return tuple(found)


def check_backgrounds(folder: Path | None) -> None:
    """Refuse a folder of no use, before anything is rendered; None is none and fine.

    Raises:
        DataError: It holds no picture, one that is cut off, or something that begins like none.
    """
    for path in () if folder is None else list_backgrounds(folder):
        _check_whole(path)
        if not (opencv_can_open(path) and cv2.haveImageReader(str(path))):
            raise _damaged(path)


def read_background(path: Path) -> NDArray[np.uint8]:
    """Read a picture as BGR of shape (H, W, 3).

    Raises:
        DataError: It is damaged or tiny; a painted room in its place would be another data set.
    """
    _check_whole(path)
    # As it was meant to be seen: photographs of telephones tell how they are to be turned.
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR) if opencv_can_open(path) else None
    if picture is None:
        raise _damaged(path)
    if min(picture.shape[:2]) < LEAST_PX:
        raise DataError(f"The background {path} has less than {LEAST_PX} pixels a side; remove it.")
    return np.asarray(picture, np.uint8)


def _check_whole(path: Path) -> None:
    try:
        read_picture(path)
    except UnreadableClipError as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> DataError:
    return DataError(f"The background {path} is damaged or no picture; repair or remove it.")
