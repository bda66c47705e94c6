"""Whether a camera delivers as many frames as the model needs: in dim light many halve the rate."""

from __future__ import annotations

from dataclasses import dataclass

LOW_SHARE = 0.9
"""Below this fraction of what the model needs, the rate is too low."""

ENOUGH_SHARE = 0.97
"""From this fraction on, it is high enough again."""

LOW_FOR_S = 3.0
"""Only a rate that is too low for this long causes a warning."""

ENOUGH_FOR_S = 2.0
"""A rate that is high enough for this long ends the warning."""

ADVICE = "More light helps, or turn off the camera’s low-light compensation."
"""What to do about it."""


@dataclass(frozen=True)
class RateWarning:
    """The camera is too slow.

    Attributes:
        needed_fps: Frames per second that the model samples.
    """

    needed_fps: float

    @property
    def headline(self) -> str:
        """The problem in a few words."""
        return f"Too few frames: the model needs {self.needed_fps:.3g} a second"


class FrameRateWatch:
    """Warns with hysteresis, so that a rate near the limit does not make the warning flicker."""

    def __init__(self) -> None:
        self._warning: RateWarning | None = None
        self._differs_since_s: float | None = None

    def observe(self, fps: float | None, needed_fps: float, now_s: float) -> RateWarning | None:
        """Take a measured rate into account and return the warning to show, if any.

        Args:
            fps: Frames per second of the camera; None if none is running.
            needed_fps: Frames per second that the model samples.
            now_s: A monotonic clock, in seconds.
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
