"""Opens the file of a recording, and says in one sentence why it cannot be used.

Only SQLite may open such a file: on POSIX systems, whoever opens and closes a file by other means
takes away the locks of everybody in the same process who has it open, and it may be recorded to at
this very moment.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import cv2
import msgspec

from app.recording.schema import APPLICATION_ID, FORMAT
from app.sources.base import SourceError, UnusableSourceError

PATIENCE_S = 10.0
"""How long to wait for another program that looks into the file."""


_APPLICATION_ID_PLACE = 68
"""Byte of a file at which SQLite keeps the application's number (SQLite's file format, 1.3)."""

_PRIMARY = 0xFF
"""The bits of an extended error code of SQLite that say what kind it is."""


class UnreadableRecordingError(UnusableSourceError):
    """A file is no recording, or cannot be read."""


class BrokenRecordingError(SourceError):
    """A recording turned out to be damaged while it was read."""


def is_recording(path: Path) -> bool:
    """Return whether a file begins as a recording does, whatever its name and its end."""
    try:
        if not path.is_file() or path.stat().st_size == 0:
            return False
        with closing(_connect(path)) as connection:
            return _number(connection, "application_id") == APPLICATION_ID
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & _PRIMARY == sqlite3.SQLITE_CORRUPT and _was_ours(path)
    except OSError:
        return False


def _was_ours(path: Path) -> bool:
    """Return whether the head of a damaged database, which nobody has open, says it is ours."""
    with path.open("rb") as file:
        file.seek(_APPLICATION_ID_PLACE)
        return int.from_bytes(file.read(4), "big") == APPLICATION_ID


def is_being_written(path: Path) -> bool:
    """Return whether another program is recording into a recording."""
    try:
        with closing(_connect(path, timeout_s=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
    except sqlite3.Error:  # damaged: nobody writes there
        return False
    return False


def open_recording(path: Path) -> sqlite3.Connection:
    """Open a recording for reading.

    A recording whose program was killed is taken back to its last complete moment.

    Raises:
        UnreadableRecordingError: It is none, is damaged, or a newer version made it.
    """
    _check_file(path)
    with telling_damage(path, UnreadableRecordingError):
        connection = _connect(path)
        try:
            _check_kind(path, connection)
            connection.row_factory = sqlite3.Row
            _sweep(path, connection)
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
        # What Python says of a value of the wrong kind helps nobody who has no source text.
        told = "a value is of the wrong kind" if isinstance(error, TypeError) else str(error)
        reason = " ".join(told.split()).rstrip(".")
        raise kind(
            f"The recording {path} is cut off or damaged ({reason}); use another copy of it."
        ) from error


def _connect(path: Path, timeout_s: float = PATIENCE_S) -> sqlite3.Connection:
    """Open an existing file; one that may not be written is opened for reading."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,  # opened by one thread, then used by another
    )


def _sweep(path: Path, connection: sqlite3.Connection) -> None:
    """Take away what a killed program left beside a recording, unless somebody is writing.

    SQLite itself takes away only journals that it has used.
    """
    if not is_spent_journal(journal_of(path)):
        return
    with suppress(sqlite3.Error, OSError):  # being written, or not ours to change: left there
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("BEGIN IMMEDIATE")
        try:
            journal_of(path).unlink(missing_ok=True)
        finally:
            connection.execute("ROLLBACK")
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_S * 1000:.0f}")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


def _check_file(path: Path) -> None:
    """Say what is wrong with a file where that can be told without opening it.

    Raises:
        UnreadableRecordingError: It is missing, empty or not to be read.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise UnreadableRecordingError(
            f"There is no recording {path}; check its name and folder."
        ) from error
    except OSError as error:
        raise UnreadableRecordingError(
            f"The recording {path} cannot be read ({error.strerror}); "
            "check the file and its permissions."
        ) from error
    if path.is_dir() or not os.access(path, os.R_OK):
        reason = "it is a folder" if path.is_dir() else "permission denied"
        raise UnreadableRecordingError(
            f"The recording {path} cannot be read ({reason}); check the file and its permissions."
        )
    if size == 0:
        raise UnreadableRecordingError(f"The file {path} is empty; choose another recording.")


def _check_kind(path: Path, connection: sqlite3.Connection) -> None:
    """Say that a file is something else than a recording that is known here.

    Raises:
        UnreadableRecordingError: It is.
    """
    try:
        owner = _number(connection, "application_id")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise UnreadableRecordingError(
            f"{path} is not a recording of AdaFuse Live; choose one that it has made."
        ) from error
    if owner != APPLICATION_ID:
        raise UnreadableRecordingError(
            f"{path} is a database of another program; choose a recording of AdaFuse Live."
        )
    if _number(connection, "user_version") > FORMAT:
        raise UnreadableRecordingError(
            f"The recording {path} was made by a newer version of this program; update it."
        )


_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""How a journal begins that somebody may need (SQLite's file format, 3)."""

_SPENT = bytes(len(_MAGIC))
"""How one begins that nobody needs any more, or that had not begun yet."""


def journal_of(path: Path) -> Path:
    """Return the journal's place."""
    return path.with_name(f"{path.name}-journal")


def is_foreign_journal(path: Path) -> bool:
    """Return whether somebody's file lies where a journal would be, and is none."""
    return (path.exists() or path.is_symlink()) and _head(path) not in (b"", _MAGIC, _SPENT)


def is_spent_journal(path: Path) -> bool:
    """Return whether a killed program left a journal that holds nothing for its recording."""
    return path.is_file() and _head(path) in (b"", _SPENT)


def _head(path: Path) -> bytes | None:
    """Return how a file begins; None if it cannot be looked at."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC))
    except OSError:
        return None
