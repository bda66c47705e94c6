"""Ctrl-C, a request to terminate and a closed terminal end a run in good order, at any moment.

Until a run begins and after it is over, a signal ends the process where it stands: nothing has been
written that could be left half done. Imported by the very first line of the program, so that not
even its imports answer Ctrl-C with a traceback; it imports nothing but what Python has loaded.
"""

from __future__ import annotations

import _thread
import os
import signal
from collections.abc import Callable
from time import sleep
from types import FrameType, TracebackType

STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

GRACE_S = 10.0
"""A run that was told to end and is still there after this time is stuck, and is ended."""

_running: StopSignals | None = None
"""The run that is to end in good order; None while there is none."""


def end_at_once() -> None:
    """End the process on a signal from now on, except during a run; for the program's first line.

    A thread watches as well, since Python itself hears of a signal only between two of its own
    instructions: a camera may hang in its driver, an event file may be a pipe that nobody reads.
    """
    for number in _ours():
        signal.signal(number, _leave)
    if os.name == "posix":
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        _thread.start_new_thread(_watch, (reading,))


class StopSignals:
    """While entered, a signal only leaves a note; the run looks at it and ends.

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
        global _running  # noqa: PLW0603 - signals belong to the process
        _running = self
        for number in _ours():
            self._previous[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        global _running  # noqa: PLW0603
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        _running = None

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
            _leave(number, frame)
        self.caught = signal.Signals(number)
        if self._on_stop is not None:
            self._on_stop()


def _ours() -> list[signal.Signals]:
    """Return the signals to take over; `nohup` wants the terminal's end to be ignored."""
    return [
        number
        for number in STOP_SIGNALS
        if number.name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN
    ]


def _leave(number: int, frame: FrameType | None) -> None:
    """End the process with the exit code that a shell expects.

    Not by an exception: raised inside one of Qt's slots it would abort with a core dump, and within
    an import it would be a traceback.
    """
    os._exit(128 + number)


def _watch(reading: int) -> None:
    """Hear of each signal at once, whatever the main thread is busy with."""
    asked = False
    while True:
        number = os.read(reading, 1)[0]
        if number not in STOP_SIGNALS:
            continue
        if asked or _running is None:
            os._exit(128 + number)
        asked = True
        _thread.start_new_thread(_end_after_grace, (number,))


def _end_after_grace(number: int) -> None:
    sleep(GRACE_S)
    os._exit(128 + number)
