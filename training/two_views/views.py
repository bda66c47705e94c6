"""Which views of a network a run trains."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

ViewsName = Literal["square", "whole", "both"]
"""The values of `Views`, as a recipe writes them."""


class Views(StrEnum):
    """The square around the hand with the places, the whole view with its locator, or both."""

    SQUARE = "square"
    WHOLE = "whole"
    BOTH = "both"

    @property
    def square(self) -> bool:
        """Whether the square is one of them."""
        return self is not Views.WHOLE

    @property
    def whole(self) -> bool:
        """Whether the whole view is one of them."""
        return self is not Views.SQUARE
