"""A bounded queue of what has to be written, which may drop what is dispensable."""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

Job = TypeVar("Job")

ROOM_BYTES = 48 * 2**20
"""Dispensable jobs are refused while more than this waits: about two seconds of a camera."""

MAXIMUM_BYTES = 256 * 2**20
"""No job is accepted while more than this waits: minutes of samples, so the disk is stuck."""


class Backlog(Generic[Job]):
    """A queue of jobs that counts their bytes. Any thread may call any method."""

    def __init__(self, *, patient: bool = False) -> None:
        """Hold no job yet.

        Args:
            patient: Block `put` until there is room, so that nothing is dropped: for files, which
                can wait.
        """
        self._changed = Condition()
        self._jobs: deque[tuple[Job, int]] = deque()
        self._bytes = 0
        self._patient = patient
        self._closed = False

    def put(self, job: Job, size_bytes: int, *, dispensable: bool = False) -> bool:
        """Add a job.

        Args:
            job: The job.
            size_bytes: Its size in memory.
            dispensable: Whether it may be dropped when the disk is slow.

        Returns:
            Whether it was accepted; a closed backlog accepts nothing.
        """
        limit = ROOM_BYTES if dispensable or self._patient else MAXIMUM_BYTES
        with self._changed:
            while self._patient and not self._closed and self._bytes > limit:
                self._changed.wait()
            if self._closed or self._bytes > limit:
                return False
            self._jobs.append((job, size_bytes))
            self._bytes += size_bytes
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float) -> Job | None:
        """Return the oldest job; None on timeout, or when everything is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed, timeout_s)
            if not self._jobs:
                return None
            job, size_bytes = self._jobs.popleft()
            self._bytes -= size_bytes
            self._changed.notify_all()
            return job

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        with self._changed:
            return self._closed

    @property
    def over(self) -> bool:
        """Whether it is closed and empty."""
        with self._changed:
            return self._closed and not self._jobs

    def close(self, *, discard: bool = False) -> None:
        """Accept no more jobs; may be called more than once.

        Args:
            discard: Drop waiting jobs as well.
        """
        with self._changed:
            self._closed = True
            if discard:
                self._jobs.clear()
                self._bytes = 0
            self._changed.notify_all()
