"""Which frames the model sees: its own cadence, by timestamp, whatever the source's frame rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import floor
from typing import Generic, Protocol, TypeVar


class TimedFrame(Protocol):
    """What the cadence needs of a frame."""

    @property
    def time_s(self) -> float:
        """Time on the source's own clock, in seconds."""
        ...

    @property
    def segment(self) -> int:
        """Index of the uninterrupted stretch that the frame belongs to."""
        ...


FrameT = TypeVar("FrameT", bound=TimedFrame)

LONGEST_GAP_S = 1.0
"""After a longer gap half a gesture went by unseen, and cached features are stale."""

LONGEST_GAP_INTERVALS = 3
"""The same in intervals of the model, for models that look less often."""


@dataclass(frozen=True)
class Sample(Generic[FrameT]):
    """A frame that the model is to see.

    Attributes:
        frame: The frame.
        run: Index of the uninterrupted run of samples that it belongs to. When it changes, the
            stream starts afresh, even if the first samples of the new run were dropped.
    """

    frame: FrameT
    run: int


class Cadence(Generic[FrameT]):
    """Picks the frames that lie nearest to a regular grid of ticks.

    The grid starts at the first frame of a run and not at the frame picked last, so that rounding
    to the source's frames does not add up. A frame is picked at most half a frame period ahead of a
    tick. Of a source that is slower than the cadence every frame is picked.

    A new run starts with the first frame, after a gap of more than `LONGEST_GAP_S` or
    `LONGEST_GAP_INTERVALS` (whichever is longer), when time runs backwards (a seek) and with a new
    segment of the source (a clip that starts over, a camera found again).
    """

    def __init__(self, interval_s: float) -> None:
        """Begin before the first frame.

        Args:
            interval_s: Time between two frames that the model sees, in seconds.
        """
        self._interval_s = interval_s
        self._gap_s = max(LONGEST_GAP_S, LONGEST_GAP_INTERVALS * interval_s)
        self._run = -1
        self._previous: FrameT | None = None
        self._origin_s = 0.0
        self._next_tick = 0

    def pick(self, frame: FrameT) -> Sample[FrameT] | None:
        """Return `frame` as a sample if the model is to see it, otherwise None.

        Args:
            frame: The next frame of the source; every frame must be offered, in order.
        """
        previous, self._previous = self._previous, frame
        if previous is None or self._breaks(previous, frame):
            self._run += 1
            self._origin_s = frame.time_s
            self._next_tick = 1
            return Sample(frame, self._run)
        early_s = min(frame.time_s - previous.time_s, self._interval_s) / 2
        elapsed_s = frame.time_s - self._origin_s + early_s
        tick = floor(elapsed_s / self._interval_s + 1e-9)
        if tick < self._next_tick:
            return None
        self._next_tick = tick + 1
        return Sample(frame, self._run)

    def _breaks(self, previous: FrameT, frame: FrameT) -> bool:
        """Return whether the stream was interrupted between two frames."""
        step_s = frame.time_s - previous.time_s
        return frame.segment != previous.segment or step_s < 0 or step_s > self._gap_s


def samples(frames: Iterable[FrameT], interval_s: float) -> Iterator[Sample[FrameT]]:
    """Yield the frames of a recording that a model looks at.

    Args:
        frames: All frames, in order.
        interval_s: Time between two frames that the model sees, in seconds.
    """
    cadence: Cadence[FrameT] = Cadence(interval_s)
    return (sample for frame in frames if (sample := cadence.pick(frame)) is not None)
