"""A clip that is a folder of numbered pictures, as in Jester and Something-Something V1."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.clip import ChooseFrames, Image, Size
from training.data.errors import DataError, UnreadableClipError
from training.data.layouts import DEFAULT_PATTERN

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"

END_SOUGHT_IN = 1024
"""Bytes before a file's end that must hold its end marker: some writers add a few after it."""

REDUCED_FLAGS = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


_PATTERN = re.compile(r"[^{}/]*\{(:0?[1-9]?d?)?\}[^{}/]*")
"""One number among letters, padded or not; Python allows more, such as a million digits."""


@dataclass(frozen=True)
class FramePattern:
    """How the frames of a clip are named.

    Attributes:
        text: A format of the frame's number, which counts from 1, such as `{:05d}.jpg`.
    """

    text: str = DEFAULT_PATTERN

    def __post_init__(self) -> None:
        if not _PATTERN.fullmatch(self.text):
            raise DataError(
                f"'{self.text}' is not a pattern for the names of frames; give one such as "
                "'{:05d}.jpg' or 'img_{:05d}.jpg'."
            )

    def name(self, number: int) -> str:
        """Return the file name of a frame, counted from 1."""
        return self.text.format(number)

    @cached_property
    def _ends(self) -> tuple[str, str]:
        before, after = re.split(r"\{.*\}", self.text, maxsplit=1)
        return before, after

    def numbers(self, names: Iterable[str]) -> list[int]:
        """Return the numbers of the frames among these files: exactly so named, zeros included."""
        before, after = self._ends
        return [
            int(digits)
            for name in names
            if name.startswith(before)
            and name.endswith(after)
            and (digits := name[len(before) : len(name) - len(after)]).isdecimal()
            and self.name(int(digits)) == name
        ]


@dataclass(frozen=True)
class FrameFolder:
    """One clip: a folder of frames, numbered from 1, or from 0 where it holds that number.

    Attributes:
        path: The folder.
        label: Index of its label in the network's outputs.
        frames: Number of frames; None where only listing the folder would show it.
        pattern: Their file names.
    """

    path: Path
    label: int
    frames: int | None = None
    pattern: FramePattern = FramePattern()

    @property
    def name(self) -> str:
        """Its path, for messages."""
        return str(self.path)

    def length(self) -> int:
        """Return how many frames it has: as the annotations say, or by the number of the last one.

        Raises:
            UnreadableClipError: There are no frames.
        """
        if self.frames == 0:  # as scripts write it where frames could not be extracted
            raise UnreadableClipError(f"The annotations say that {self.path} has 0 frames.")
        if self.frames is not None:
            return self.frames
        try:
            names = os.listdir(self.path)  # noqa: PTH208 - three times as fast as iterdir
        except OSError as error:
            raise UnreadableClipError(
                f"The clip {self.path} cannot be read ({error.strerror})."
            ) from error
        numbers = self.pattern.numbers(names)
        if not numbers:
            seen = f"; it holds {min(names)}" if names else ""
            raise UnreadableClipError(
                f"The clip {self.path} has no frames named like {self.pattern.name(1)}{seen}."
            )
        return max(numbers) + (0 in numbers)

    def read(self, choose: ChooseFrames, smallest: Size | None = None) -> Sequence[Image]:
        """Read some of its frames; see `Clip`."""
        chosen = choose(self.length())
        first = 0 if (self.path / self.pattern.name(0)).is_file() else 1
        numbers = (chosen + first).tolist()
        flags = cv2.IMREAD_COLOR
        decoded: dict[int, Image] = {}
        for number in numbers:
            if number in decoded:
                continue
            path = self.path / self.pattern.name(number)
            data = read_picture(path)
            if not decoded and smallest is not None:
                flags = reduced_flag(data, smallest)
            decoded[number] = decode_picture(data, path, flags)
        images = [decoded[number] for number in numbers]
        if len({image.shape for image in images}) > 1:
            raise UnreadableClipError(f"The frames of {self.path} differ in size.")
        return images


def read_picture(path: Path) -> bytes:
    """Read the file of one frame and check that it was not cut off.

    JPEG decoders fill what is missing with gray, and no warning reaches Python.

    Raises:
        UnreadableClipError: It is missing, empty or cut off.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableClipError(f"The frame {path} is missing or damaged.") from error
    if data.startswith(JPEG_START) and data.rfind(JPEG_END, -END_SOUGHT_IN) < 0:
        raise UnreadableClipError(f"The frame {path} is damaged: it is cut off.")
    return data


def decode_picture(data: bytes, path: Path, flags: int = cv2.IMREAD_COLOR) -> Image:
    """Decode a frame to BGR of shape (H, W, 3), by OpenCV's flags.

    Raises:
        UnreadableClipError: It is not a picture, or is damaged.
    """
    buffer: NDArray[np.uint8] = np.frombuffer(data, np.uint8)
    try:
        image = cv2.imdecode(buffer, flags | cv2.IMREAD_IGNORE_ORIENTATION) if data else None
    except cv2.error:
        image = None
    if image is None:
        raise UnreadableClipError(f"The frame {path} is missing or damaged.")
    return np.asarray(image, np.uint8)


def reduced_flag(data: bytes, smallest: Size) -> int:
    """Return OpenCV's flag for the smallest decoding that keeps at least these sides.

    libjpeg then skips the finer frequencies, which takes a fraction of the time.
    """
    size = jpeg_size(data)
    if size is not None:
        for divisor, flag in REDUCED_FLAGS:
            if size.height >= divisor * smallest.height and size.width >= divisor * smallest.width:
                return flag
    return cv2.IMREAD_COLOR


def jpeg_size(data: bytes) -> Size | None:
    """Return the size that a JPEG's header gives, without decoding it; None for another file."""
    position = len(JPEG_START)
    while data.startswith(JPEG_START) and position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        # Start of frame: C0 to CF, except for the tables C4 and CC and the extension C8.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = (
                int.from_bytes(data[at : at + 2], "big") for at in (position + 5, position + 7)
            )
            return Size(height, width)
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None
