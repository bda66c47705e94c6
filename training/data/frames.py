"""A clip that is a folder of numbered pictures, as Jester and Something-Something V1 come."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.clip import ChooseFrames, Image, Size
from training.data.errors import UnreadableClipError
from training.data.frame_pattern import FramePattern

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"

END_SOUGHT_IN = 1024
"""Bytes before a file's end among which its end marker must lie: some writers add a few."""

REDUCED_FLAGS = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


@dataclass(frozen=True)
class FrameFolder:
    """One clip: frames 1 and on in a folder.

    Attributes:
        path: The folder.
        label: Index of its label in the network's outputs.
        frames: How many frames there are; None where only the folder knows.
        pattern: How they are named.
    """

    path: Path
    label: int
    frames: int | None = None
    pattern: FramePattern = FramePattern()  # noqa: RUF009 - frozen

    @property
    def name(self) -> str:
        """What a message calls it."""
        return str(self.path)

    def length(self) -> int:
        """Return the number of its last frame.

        Raises:
            UnreadableClipError: There are no frames.
        """
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
        return max(numbers)

    def read(self, choose: ChooseFrames, smallest: Size | None = None) -> Sequence[Image]:
        """Read some of its frames; see `Clip`."""
        numbers = (choose(self.length()) + 1).tolist()
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
    """Read the file of one frame, and see that it was not cut off.

    JPEG decoders fill what is missing with grey and say nothing that reaches us.

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
        UnreadableClipError: It is no picture, or damaged.
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

    libjpeg skips the finer frequencies then, which takes a fraction of the time.
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
