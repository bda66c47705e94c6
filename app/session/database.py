"""Opens the file of a recording, and says in one sentence why it cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import cv2
import msgspec

from app.session.schema import APPLICATION_ID, FORMAT
from app.sources.base import SourceError, UnusableSourceError

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_VERSION_AT, _APPLICATION_ID_AT = 60, 68

PATIENCE_S = 10.0
"""How long to wait for another program that looks into the file."""


class UnreadableRecordingError(UnusableSourceError):
    """A file is no recording, or cannot be read."""


class BrokenRecordingError(SourceError):
    """A recording turned out to be damaged while it was read."""


def is_recording(path: Path) -> bool:
    """Return whether a file begins as a recording does, whatever its name."""
    header = _header(path)
    return header is not None and _application_id(header) == APPLICATION_ID


def open_recording(path: Path) -> sqlite3.Connection:
    """Open a recording for reading.

    A recording whose program was killed is taken back to its last complete moment.

    Raises:
        UnreadableRecordingError: It is none, is damaged, or a newer version made it.
    """
    _check(path)
    with telling_damage(path, UnreadableRecordingError):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=PATIENCE_S,
            isolation_level=None,
            check_same_thread=False,  # opened by one thread, then used by another
        )
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("SELECT count(*) FROM session").fetchone()
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def telling_damage(path: Path, kind: type[SourceError] = BrokenRecordingError) -> Iterator[None]:
    """Turn whatever a damaged file leads to into one sentence.

    Args:
        path: The file.
        kind: The error to raise.
    """
    try:
        yield
    except (sqlite3.Error, msgspec.MsgspecError, cv2.error, ValueError, TypeError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise kind(
            f"The recording {path} is cut off or damaged ({reason}); use another copy of it."
        ) from error


def is_being_written(path: Path) -> bool:
    """Return whether another program is recording into a recording."""
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
    except sqlite3.Error:  # damaged: nobody writes there
        return False
    return False


def _check(path: Path) -> None:
    """Say what is wrong with a file where its first bytes tell.

    Raises:
        UnreadableRecordingError: It cannot be a recording of a version that is known here.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError as error:
        raise UnreadableRecordingError(
            f"There is no recording {path}; check the path given with --source."
        ) from error
    except OSError as error:
        raise UnreadableRecordingError(
            f"The recording {path} cannot be read ({error.strerror}); "
            "check the file and its permissions."
        ) from error
    if not header:
        raise UnreadableRecordingError(f"The file {path} is empty; give another recording.")
    if not header.startswith(_MAGIC) or len(header) < _HEADER_BYTES:
        raise UnreadableRecordingError(
            f"{path} is not a recording of AdaFuse Live; give one that was made with --record."
        )
    if _application_id(header) != APPLICATION_ID:
        raise UnreadableRecordingError(
            f"{path} is a database of another program; give a recording made with --record."
        )
    if int.from_bytes(header[_VERSION_AT : _VERSION_AT + 4], "big") > FORMAT:
        raise UnreadableRecordingError(
            f"The recording {path} was made by a newer version of this program; update it."
        )


def _header(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return None
    return header if header.startswith(_MAGIC) and len(header) == _HEADER_BYTES else None


def _application_id(header: bytes) -> int:
    return int.from_bytes(header[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4], "big")
