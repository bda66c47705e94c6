"""How many pixels a camera is asked for."""

from __future__ import annotations

import msgspec

LARGEST = 16_384


class Resolution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A size of pictures, in pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        """Reject sizes that no camera has."""
        if not (0 < self.width <= LARGEST and 0 < self.height <= LARGEST):
            raise ValueError(f"a resolution must be 1 to {LARGEST} pixels each way, not {self}")

    def __str__(self) -> str:
        """Return it for people, as in "640 × 480"."""
        return f"{self.width} × {self.height}"


USUAL = (
    Resolution(640, 360),
    Resolution(640, 480),
    Resolution(1280, 720),
    Resolution(1920, 1080),
)
"""Sizes that most cameras take; a camera that does not take one gives what comes nearest."""
