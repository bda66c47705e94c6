"""The data sets whose layouts are known, and how their frames are named."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

DEFAULT_PATTERN = "{:05d}.jpg"
"""Names of frames in Jester and Something-Something V1."""

LayoutName = Literal["jester", "something_v1", "something_v2", "mini_kinetics"]
"""The values in a recipe; for an enum, jsonargparse would ask for its names in capitals."""


class Layout(StrEnum):
    """A data set, as it lies on disk after unpacking its download."""

    JESTER = "jester"
    SOMETHING_V1 = "something_v1"
    SOMETHING_V2 = "something_v2"
    MINI_KINETICS = "mini_kinetics"

    @property
    def video_suffixes(self) -> tuple[str, ...]:
        """Suffixes of its video files, the official one first; none if it comes as frames."""
        return {
            Layout.SOMETHING_V2: (".webm", ".mp4"),
            Layout.MINI_KINETICS: (".mp4", ".webm", ".mkv", ".avi"),
        }.get(self, ())
