"""A camera that is read in a thread of its own, so that a driver that hangs is detected."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from app.sources.base import Frame, FrameSource, SourceError

FROZEN_AFTER_S = 2.0
"""Without a picture for this long a camera counts as frozen. In the dark some deliver only five
per second, but none fewer than one."""

CLOSE_TIMEOUT_S = 0.5


class FrozenSourceError(SourceError):
    """A camera is connected but has stopped delivering pictures."""


class WatchedSource:
    """Yields the frames of a live source; a read that does not return becomes an error.

    The thread of a source that hangs is left running, since no other thread may touch a source that
    is being read. It closes the source as soon as its driver returns, so that it can be reopened.
    """

    live = True

    def __init__(self, source: FrameSource) -> None:
        """Take a source over.

        Args:
            source: Already open; from now on only its own thread uses it.
        """
        self.name = source.name
        self.fps = source.fps
        self._source = source
        self._wanted: SimpleQueue[bool] = SimpleQueue()
        self._answers: SimpleQueue[Frame | Exception | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self._thread = Thread(target=self._serve, name="camera", daemon=True)
        self._thread.start()

    def read(self) -> Frame | None:
        """Wait for the next frame; None if the source is gone.

        Raises:
            FrozenSourceError: There was no picture in time; close the source then.
            SourceError: The source failed.
        """
        self._wanted.put(True)
        try:
            answer = self._answers.get(timeout=FROZEN_AFTER_S)
        except Empty:
            raise FrozenSourceError(
                f"{self.name} is frozen: it has given no picture for {FROZEN_AFTER_S:.0f} "
                "seconds; if it does not recover by itself, unplug it and plug it in again."
            ) from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Let the source's thread close it; do not wait for one that hangs."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._wanted.put(False)
        self._thread.join(CLOSE_TIMEOUT_S)

    def _serve(self) -> None:
        try:
            while self._wanted.get():
                self._answers.put(self._answer())
        finally:
            self._source.close()

    def _answer(self) -> Frame | Exception | None:
        try:
            return self._source.read()
        except Exception as error:  # raised again by `read`
            return error


def watched(open_source: Callable[[], FrameSource]) -> Callable[[], FrameSource]:
    """Return a factory that watches what `open_source` opens, if it is live."""

    def open_watched() -> FrameSource:
        source = open_source()
        return WatchedSource(source) if source.live else source

    return open_watched
