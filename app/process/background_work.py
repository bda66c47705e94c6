"""Work in a thread of its own, with its progress and its result or error."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

Result = TypeVar("Result")

Progress = Callable[[float], None]
"""Reports the fraction that is done, 0 to 1."""


class BackgroundWork(Generic[Result]):
    """Begins at once.

    Attributes:
        fraction: The fraction that is done, 0 to 1; None if nothing was reported yet.
    """

    def __init__(self, work: Callable[[Progress], Result], name: str) -> None:
        """Begin the work.

        Args:
            work: What to do; it is given a function to report its progress.
            name: Of the thread.
        """
        self.fraction: float | None = None
        self._result: Result
        self._error: Exception | None = None
        self._work = work
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for the end; return whether the work has ended."""
        self._thread.join(seconds)
        return self.ended

    @property
    def ended(self) -> bool:
        """Whether the work has ended."""
        return not self._thread.is_alive()

    def result(self) -> Result:
        """Return the result of work that has ended.

        Raises:
            Exception: Whatever the work raised.
        """
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._work(self._report)
        except Exception as error:  # raised again by `result`
            self._error = error

    def _report(self, fraction: float) -> None:
        self.fraction = fraction
