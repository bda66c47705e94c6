"""The state of a pipeline, for whatever shows it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

FPS_WINDOW = 240
FPS_WINDOW_S = 1.5
"""Frames and seconds over which the rate is measured: short, so that a change shows soon."""


class PipelineState(StrEnum):
    """The stages in the life of a pipeline."""

    STARTING = "starting"
    RUNNING = "running"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True)
class PipelineStatus:
    """The state of a pipeline with its details.

    Attributes:
        state: The stage of its life.
        message: One sentence for people; may be empty.
        source_name: Name of the source; empty until it is open.
        fps: Measured frame rate of the source, in frames per second; None before two frames.
        live: Whether the source is a camera, whose rate may change.
    """

    state: PipelineState
    message: str = ""
    source_name: str = ""
    fps: float | None = None
    live: bool = False


class StatusBoard:
    """The status of one pipeline. Any thread may call any method."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._status = PipelineStatus(PipelineState.STARTING)
        self._captured_s: deque[float] = deque(maxlen=FPS_WINDOW)

    @property
    def now(self) -> PipelineStatus:
        """The newest status, with the rate measured now."""
        with self._lock:
            return replace(self._status, fps=self._measured_fps())

    @property
    def state(self) -> PipelineState:
        """The stage in the life of the pipeline."""
        with self._lock:
            return self._status.state

    def note_frame(self, captured_at_s: float) -> None:
        """Include a frame in the measured rate."""
        with self._lock:
            times_s = self._captured_s
            times_s.append(captured_at_s)
            while len(times_s) > 2 and captured_at_s - times_s[0] > FPS_WINDOW_S:
                times_s.popleft()

    def forget_rate(self) -> None:
        """Restart the measurement of the rate: another source, or none."""
        with self._lock:
            self._captured_s.clear()

    def begin_again(self) -> None:
        """Go back to the start, even from a failure."""
        with self._lock:
            self._status = PipelineStatus(PipelineState.STARTING)
            self._captured_s.clear()

    def set(
        self,
        state: PipelineState,
        message: str = "",
        source_name: str | None = None,
        live: bool | None = None,
    ) -> None:
        """Change the status; a failure stays.

        Args:
            state: The new state.
            message: One sentence for people.
            source_name: Name of the source; None leaves it unchanged.
            live: Whether that is a camera; None leaves it unchanged.
        """
        with self._lock:
            before = self._status
            if before.state is PipelineState.FAILED:
                return
            name = before.source_name if source_name is None else source_name
            live = before.live if live is None else live
            self._status = PipelineStatus(state, message, name, live=live)

    def _measured_fps(self) -> float | None:
        """Return the rate of the newest frames; the lock is held."""
        if len(self._captured_s) < 2:
            return None
        span_s = self._captured_s[-1] - self._captured_s[0]
        return (len(self._captured_s) - 1) / span_s if span_s > 0 else None
