"""Ctrl-C, SIGTERM and a closed terminal end a run cleanly at any moment.

Before a run begins and after it is over, a signal ends the process at once: nothing that could be
left half-written is open. The first line of the program imports this module, so that Ctrl-C during
the other imports prints no traceback; it imports only what Python has loaded anyway.
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
"""A run that has not ended this long after it was asked to is stuck, and is killed."""

_running: StopSignals | None = None
"""The run that has to end cleanly; None while there is none."""


def end_at_once() -> None:
    """End the process on a signal from now on, except during a run; for the program's first line.

    A thread watches as well, since Python handles a signal only between two of its own
    instructions: a camera may hang in its driver, an event file may be a pipe without a reader.
    """
    for number in _ours():
        signal.signal(number, _leave)
    if os.name == "posix":
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        _thread.start_new_thread(_watch, (reading,))


class StopSignals:
    """While entered, a signal only sets a flag; the run checks it and ends.

    A second signal ends the process at once, in case the run hangs. Every line of events is
    complete even then.

    Attributes:
        caught: The signal that was received, or None.
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
        """Install the handlers."""
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
        """Restore the handlers that were there before."""
        global _running  # noqa: PLW0603
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        _running = None

    @property
    def exit_code(self) -> int | None:
        """Exit code by the shell's convention, such as 130 for Ctrl-C; None without a signal."""
        return None if self.caught is None else 128 + self.caught

    def requested(self) -> bool:
        """Return whether the run is to end."""
        return self.caught is not None

    def _note(self, number: int, frame: FrameType | None) -> None:
        """Set the flag; exit if it is set already."""
        if self.caught is not None:
            _leave(number, frame)
        self.caught = signal.Signals(number)
        if self._on_stop is not None:
            self._on_stop()


def _ours() -> list[signal.Signals]:
    """Return the signals to handle; `nohup` has set SIGHUP to be ignored."""
    return [
        number
        for number in STOP_SIGNALS
        if number.name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN
    ]


def _leave(number: int, frame: FrameType | None) -> None:
    """End the process with the exit code that a shell expects.

    Not by an exception, which would abort with a core dump inside one of Qt's slots and print a
    traceback inside an import.
    """
    os._exit(128 + number)


def _watch(reading: int) -> None:
    """Handle each signal at once, whatever the main thread is busy with."""
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
