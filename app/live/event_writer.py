"""Writes events to a file or to standard output; every line is complete at any moment."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import BinaryIO

from app.errors import AppError, UsageError
from app.live.events import Event, encode
from app.process import streams
from models.files import failure_reason, file_obstacle

if sys.platform != "win32":
    import fcntl

STDOUT = "-"
"""Stands for standard output on the command line."""

_BEGINNING = b'{"type":'
"""The start of every line."""


class EventWriter:
    """Takes events from any thread; each line is written in one call, without a buffer.

    Attributes:
        reader_gone: Whether the reader of standard output has gone (as in `| head -1`). Events are
            dropped silently from then on; a run that exists only for its events can end.
    """

    def __init__(self, target: str) -> None:
        """Open the target; an existing file starts empty.

        Args:
            target: Path of a file, or `STDOUT`.

        Raises:
            UsageError: The file cannot be written.
        """
        self.reader_gone = False
        self._target = target
        self._is_file = False
        self._lock = Lock()
        self._stream: BinaryIO | None
        if target == STDOUT:
            _check_stdout()
            sys.stdout.flush()
            self._stream = open(  # noqa: SIM115 - closed by `close`
                sys.stdout.fileno(), "wb", buffering=0, closefd=False
            )
            return
        try:
            self._stream = _open_file(Path(target))
            self._is_file = Path(target).is_file()
        except BlockingIOError as error:
            raise _unwritable(target, "another copy of AdaFuse Live is writing to it") from error
        except OSError as error:
            raise _unwritable(target, failure_reason(error)) from error

    def __enter__(self) -> EventWriter:
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def write(self, event: Event) -> None:
        """Write one line.

        Raises:
            AppError: The file cannot be written any more, for example because the disk is full.
        """
        line = encode(event)
        with self._lock:
            if self._stream is None or self.reader_gone:
                return
            written = 0
            try:
                while written < len(line):
                    written += self._stream.write(line[written:])
            except OSError as error:
                self._take_back(written)
                self._lose(error)

    def close(self) -> None:
        """Close the file; may be called more than once. Standard output stays open."""
        with self._lock:
            if self._stream is not None:
                self._stream.close()
                self._stream = None

    def _take_back(self, written: int) -> None:
        """Remove the start of a line that did not fit on the disk."""
        assert self._stream is not None  # it was being written to
        if written and self._is_file:
            with suppress(OSError):
                self._stream.truncate(self._stream.tell() - written)

    def _lose(self, error: OSError) -> None:
        """Distinguish a reader that has gone, which is normal, from a file that cannot be written.

        Raises:
            AppError: The file cannot be written.
        """
        if self._target == STDOUT and error.errno in (errno.EPIPE, errno.EINVAL):
            self.reader_gone = True
            streams.silence_output()
            return
        raise AppError(
            f"The events can no longer be written to {self._target} ({error.strerror}); "
            "make room or choose another file with --events."
        ) from error


def check_writable(target: str) -> None:
    """Check that a file can be written, before anything is started or overwritten.

    Args:
        target: Path of a file, or `STDOUT`.

    Raises:
        UsageError: It cannot.
    """
    if target == STDOUT:
        _check_stdout()
        return
    path = Path(target)
    if obstacle := file_obstacle(path):
        raise _unwritable(target, obstacle)
    if path.is_file() and not _may_be_replaced(path):
        raise _unwritable(target, "it exists and holds no events, so it is left alone")


def _may_be_replaced(path: Path) -> bool:
    """Return whether a file is empty or begins as events do."""
    try:
        with path.open("rb") as file:
            return file.read(len(_BEGINNING)) in (b"", _BEGINNING)
    except OSError:  # writable, but not readable
        return path.stat().st_size == 0


def _check_stdout() -> None:
    """Check that the shell has not closed standard output, as `>&-` does.

    Raises:
        UsageError: It is closed.
    """
    if sys.stdout is None:
        raise UsageError(
            "The events cannot be written: standard output is closed; name a file with --events."
        )


def _open_file(path: Path) -> BinaryIO:
    """Open a file for writing; a pipe must have a reader, or opening it would block forever.

    Raises:
        OSError: It cannot be opened.
    """
    if not path.is_fifo():
        return _open_alone(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "nobody reads this pipe; start its reader first") from error
        raise
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "wb", buffering=0)


def _open_alone(path: Path) -> BinaryIO:
    """Open a file and empty it, unless another program is writing to it.

    Raises:
        BlockingIOError: Another copy is writing to it.
        OSError: It cannot be opened.
    """
    stream = open(path, "wb", buffering=0, opener=_open_as_it_is)  # noqa: SIM115 - kept open
    try:
        if path.is_file():
            _lock(stream)
            stream.truncate(0)
    except BaseException:
        stream.close()
        raise
    return stream


def _open_as_it_is(name: str, flags: int) -> int:
    return os.open(name, flags & ~os.O_TRUNC, 0o666)


def _lock(stream: BinaryIO) -> None:
    """Lock the file against other copies while it is open, where the system supports that.

    Raises:
        BlockingIOError: Another copy has the lock.
    """
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return  # some network file systems have none


def _unwritable(target: str, reason: str) -> UsageError:
    """Return the error for a file that cannot be written."""
    return UsageError(
        f"The events cannot be written to {target} ({reason}); choose another file with --events."
    )
