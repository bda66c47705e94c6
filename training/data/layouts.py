"""The data sets whose layouts are known."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

LayoutName = Literal["jester", "something_v1", "something_v2", "mini_kinetics"]
"""What a recipe says; jsonargparse would ask for an enum's names in capitals."""


class Layout(StrEnum):
    """A data set, as it lies on disk after unpacking its download."""

    JESTER = "jester"
    SOMETHING_V1 = "something_v1"
    SOMETHING_V2 = "something_v2"
    MINI_KINETICS = "mini_kinetics"

    @property
    def video_suffixes(self) -> tuple[str, ...]:
        """Endings of its video files, the official one first; none where it comes as frames."""
        return {
            Layout.SOMETHING_V2: (".webm", ".mp4"),
            Layout.MINI_KINETICS: (".mp4", ".webm", ".mkv", ".avi"),
        }.get(self, ())
