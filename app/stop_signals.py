"""Ctrl-C and a request to terminate end a run in good order instead of in the middle of a line."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType


class StopSignals:
    """While entered, SIGINT and SIGTERM only leave a note; the run looks at it and ends.

    The second signal ends the process at once, in case the run does not. Every line of events is
    complete even then.

    Attributes:
        caught: The signal that came, or None.
    """

    def __init__(self, on_stop: Callable[[], None] | None = None) -> None:
        """Change nothing yet.

        Args:
            on_stop: Called in the signal handler, so it may do no more than set a variable.
        """
        self.caught: signal.Signals | None = None
        self._on_stop = on_stop
        self._previous: dict[signal.Signals, object] = {}

    def __enter__(self) -> StopSignals:
        """Take the signals over."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    @property
    def exit_code(self) -> int | None:
        """Exit code by the shell's convention, such as 130 for Ctrl-C; None if no signal came."""
        return None if self.caught is None else 128 + self.caught

    def requested(self) -> bool:
        """Return whether the run is to end."""
        return self.caught is not None

    def _note(self, number: int, frame: FrameType | None) -> None:
        """Leave a note; the second time, leave."""
        if self.caught is not None:
            # Not an exception: raised inside one of Qt's slots it would abort with a core dump.
            os._exit(128 + number)
        self.caught = signal.Signals(number)
        if self._on_stop is not None:
            self._on_stop()
