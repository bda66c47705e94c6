"""An uninterrupted stream of frames: paces a file, loops a clip, reopens a lost camera."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from threading import Event, Lock
from time import monotonic
from typing import Protocol

from app.sources.base import Frame, FrameSource, SourceError
from app.sources.watched import FrozenSourceError

log = logging.getLogger(__name__)

RECONNECT_INTERVAL_S = 1.0
"""Time between two attempts to open a camera that was lost."""

LONGEST_WAIT_S = 5.0
"""A damaged time stamp must not stop a file for hours."""

LATE_S = 0.5
"""A file that is this far behind the clock continues from there instead of catching up."""


class FeedListener(Protocol):
    """Is notified of what happens to the source, in the thread that reads the frames."""

    def opened(self, source: FrameSource) -> None:
        """A source was opened, for the first time or again."""
        ...

    def lost(self, message: str) -> None:
        """A camera is gone; `message` is one sentence. `opened` follows when it is back."""
        ...


class Feed:
    """Reads frames from a source, across all interruptions.

    The frames' time and index only grow: after an interruption, and with another source, they
    belong to a new segment. Used by one thread; any other may call `change`.
    """

    def __init__(
        self,
        source_factory: Callable[[], FrameSource],
        stop: Event,
        listener: FeedListener,
        *,
        paced: bool,
        loop: bool = False,
    ) -> None:
        """Open nothing yet.

        Args:
            source_factory: Opens the source; called again after an interruption.
            stop: Ends the stream as soon as it is set.
            listener: Is notified of what happens to the source.
            paced: Delay each frame of a file until its time. A live source has its own pace.
            loop: Start over at the end of a file.
        """
        self._source_factory = source_factory
        self._stop = stop
        self._listener = listener
        self._paced = paced
        self._loop = loop
        self._segment = 0
        self._frames = 0
        self._live_origin_s: float | None = None
        self._next_start_s = 0.0
        self._clock_s: float | None = None
        self._frozen = ""
        self._lock = Lock()
        self._running = False
        self._change: tuple[Callable[[], FrameSource], bool] | None = None

    def change(self, source_factory: Callable[[], FrameSource], *, loop: bool = False) -> bool:
        """Go on with another source after the frame that is being read.

        Args:
            source_factory: Opens the source, after the one before was closed.
            loop: Start over at the end of a file.

        Returns:
            Whether `frames` is running and will use it; otherwise its next call does.
        """
        with self._lock:
            self._change = source_factory, loop
            return self._running

    def frames(self) -> Generator[Frame, None, None]:
        """Give frame after frame until the end, or until `stop` is set.

        Raises:
            SourceError: The source cannot be opened, or a file broke.
        """
        with self._lock:
            self._running = True
        try:
            self._adopt_change()
            source: FrameSource | None = self._source_factory()
            while source is not None:
                self._listener.opened(source)
                frames_before = self._frames
                try:
                    yield from self._segment_frames(source)
                finally:
                    source.close()
                self._segment += 1
                source = self._next_source(source, played=self._frames > frames_before)
        finally:
            with self._lock:
                self._running = False

    def _next_source(self, source: FrameSource, *, played: bool) -> FrameSource | None:
        """Return what comes after a source: another one, the same again, or nothing."""
        if self._stop.is_set():
            return None
        if not self._adopt_change():
            if source.live:
                return self._find_again(source)
            if not (self._loop and played):
                return self._source_factory() if self._adopt_change(or_end=True) else None
        try:
            return self._source_factory()
        except SourceError:
            if not source.live:
                raise
            return self._find_again(source)

    def _adopt_change(self, *, or_end: bool = False) -> bool:
        """Switch to the other source if one is waiting; return whether one was."""
        with self._lock:
            if self._change is None:
                self._running = not or_end
                return False
            (self._source_factory, self._loop), self._change = self._change, None
        # The previous source's clock means nothing to this one.
        self._live_origin_s = self._clock_s = None
        return True

    def _segment_frames(self, source: FrameSource) -> Iterator[Frame]:
        """Yield the frames of a source until it ends or, if it is live, fails."""
        start_s, first_index, first_segment = self._next_start_s, self._frames, self._segment
        while not self._stop.is_set() and self._change is None:
            frame = self._read(source)
            if frame is None:
                return
            time_s = self._live_time_s(frame) if source.live else start_s + frame.time_s
            if self._paced and not source.live:
                self._wait(time_s)
                frame = replace(frame, captured_at_s=monotonic())
            self._next_start_s = time_s + 1 / (source.fps or 30.0)
            # A replay has its own segments, and gaps in the indices of its frames.
            self._segment = first_segment + frame.segment
            index = first_index + frame.index
            self._frames = index + 1
            yield replace(frame, time_s=time_s, index=index, segment=self._segment)

    def _read(self, source: FrameSource) -> Frame | None:
        """Read a frame; a live source that fails counts as lost."""
        try:
            return source.read()
        except SourceError as error:
            if not source.live:
                raise
            log.debug("lost %s: %s", source.name, error)
            self._frozen = str(error) if isinstance(error, FrozenSourceError) else ""
            return None

    def _live_time_s(self, frame: Frame) -> float:
        """Return the time since the first frame of all, also after a camera was lost.

        A camera that follows another source continues its time.
        """
        if self._live_origin_s is None:
            self._live_origin_s = frame.captured_at_s - self._next_start_s
        return frame.captured_at_s - self._live_origin_s

    def _wait(self, time_s: float) -> None:
        """Wait until a file's frame is due, `time_s` seconds after the first frame of all."""
        now_s = monotonic()
        if self._clock_s is None:
            self._clock_s = now_s - time_s
        early_s = self._clock_s + time_s - now_s
        self._stop.wait(min(max(0.0, early_s), LONGEST_WAIT_S))
        if not -LATE_S <= early_s <= LONGEST_WAIT_S:
            self._clock_s = monotonic() - time_s

    def _find_again(self, source: FrameSource) -> FrameSource | None:
        """Wait for a lost camera to come back, or for another source; None when stopped."""
        frozen, self._frozen = self._frozen, ""
        self._listener.lost(
            frozen
            or f"{source.name} is no longer connected; plug it in again and the run continues."
        )
        while not self._stop.wait(RECONNECT_INTERVAL_S):
            self._adopt_change()
            try:
                return self._source_factory()
            except SourceError as error:
                log.debug("still without %s: %s", source.name, error)
        return None
