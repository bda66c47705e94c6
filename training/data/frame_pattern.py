"""How the frames of a clip are named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from training.data.errors import DataError

DEFAULT_PATTERN = "{:05d}.jpg"

_PATTERN = re.compile(r"[^{}/]*\{(:0?[1-9]?d?)?\}[^{}/]*")
"""One number among letters, padded or not; Python knows more, such as a million digits."""


@dataclass(frozen=True)
class FramePattern:
    """How the frames of a clip are named.

    Attributes:
        text: A format of the frame's number, which counts from 1: `{:05d}.jpg`.
    """

    text: str = DEFAULT_PATTERN

    def __post_init__(self) -> None:
        if not _PATTERN.fullmatch(self.text):
            raise DataError(
                f"'{self.text}' is no pattern for the names of frames; give one such as "
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
        """Return the numbers of the frames among these files."""
        before, after = self._ends
        return [
            int(digits)
            for name in names
            if name.startswith(before)
            and name.endswith(after)
            and (digits := name[len(before) : len(name) - len(after)]).isdecimal()
        ]
