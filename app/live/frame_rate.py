"""Whether a camera gives as many frames as the model needs: in a dim room many give half."""

from __future__ import annotations

from dataclasses import dataclass

LOW_SHARE = 0.9
"""Below this share of what the model needs, the rate is too low."""

ENOUGH_SHARE = 0.97
"""From this share on it is enough again."""

LOW_FOR_S = 3.0
"""A rate that is too low for this long is told; a hiccup is not."""

ENOUGH_FOR_S = 2.0
"""A rate that is enough for this long takes the warning away."""

ADVICE = "More light helps, or turn off the camera’s low-light compensation."
"""What to do about it."""


@dataclass(frozen=True)
class RateWarning:
    """The camera is too slow.

    Attributes:
        needed_fps: Frames a second that the model looks at.
    """

    needed_fps: float

    @property
    def headline(self) -> str:
        """What is wrong, in a few words."""
        return f"Too few frames: the model needs {self.needed_fps:.3g} a second"


class FrameRateWatch:
    """Warns late and calls off late, so that a rate on the edge does not flicker."""

    def __init__(self) -> None:
        """Start without a warning."""
        self._warning: RateWarning | None = None
        self._differs_since_s: float | None = None

    def observe(self, fps: float | None, needed_fps: float, now_s: float) -> RateWarning | None:
        """Take a measured rate into account and return the warning that holds.

        Args:
            fps: Frames a second of a camera; None if there is none, or none running.
            needed_fps: Frames a second that the model looks at.
            now_s: A clock that only grows, in seconds.
        """
        if fps is None or (self._warning is not None and self._warning.needed_fps != needed_fps):
            self._warning = self._differs_since_s = None
            return None
        if self._warning is None:
            differs, needed_s = fps < LOW_SHARE * needed_fps, LOW_FOR_S
        else:
            differs, needed_s = fps >= ENOUGH_SHARE * needed_fps, ENOUGH_FOR_S
        if not differs:
            self._differs_since_s = None
        elif self._differs_since_s is None:
            self._differs_since_s = now_s
        elif now_s - self._differs_since_s >= needed_s:
            self._warning = RateWarning(needed_fps) if self._warning is None else None
            self._differs_since_s = None
        return self._warning
