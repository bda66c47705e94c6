"""Opens the file of a recording, or raises an error that says in one sentence why it cannot.

Only SQLite may open such a file: on POSIX systems, opening and closing a file by other means
releases all locks that the process holds on it, and the process may be recording to it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import cv2
import msgspec

from app.recording.schema import APPLICATION_ID, TWO_VIEW_FORMAT
from app.sources.base import SourceError, UnusableSourceError

PATIENCE_S = 10.0
"""How long to wait for another program that is reading the file."""

_APPLICATION_ID_OFFSET = 68
"""Offset of the application ID in a file, in bytes (SQLite's file format, 1.3)."""

_PRIMARY = 0xFF
"""Mask of the primary code in one of SQLite's extended error codes."""


class UnreadableRecordingError(UnusableSourceError):
    """A file is not a recording, or cannot be read."""


class BrokenRecordingError(SourceError):
    """A recording turned out to be damaged while it was read."""


def is_recording(path: Path) -> bool:
    """Return whether a file begins like a recording, whatever its name and whether it is whole."""
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
    """Return whether the header of a damaged database, which is open nowhere, says it is ours."""
    with path.open("rb") as file:
        file.seek(_APPLICATION_ID_OFFSET)
        return int.from_bytes(file.read(4), "big") == APPLICATION_ID


def is_being_written(path: Path) -> bool:
    """Return whether another program is writing to a recording."""
    try:
        with closing(_connect(path, timeout_s=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
    except sqlite3.Error:  # damaged: no program is writing to it
        return False
    return False


def open_recording(path: Path) -> sqlite3.Connection:
    """Open a recording for reading.

    A recording whose program was killed is rolled back to its last commit.

    Raises:
        UnreadableRecordingError: It is not a recording, is damaged, or was made by a newer version.
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
    """Turn every error that a damaged file can cause into one sentence.

    Args:
        path: The file.
        kind: The error to raise.
    """
    try:
        yield
    except (sqlite3.Error, msgspec.MsgspecError, cv2.error, ValueError, TypeError) as error:
        # Python's message about a wrong type only helps developers.
        text = "a value has the wrong type" if isinstance(error, TypeError) else str(error)
        reason = " ".join(text.split()).rstrip(".")
        raise kind(
            f"The recording {path} is cut off or damaged ({reason}); use another copy of it."
        ) from error


def _connect(path: Path, timeout_s: float = PATIENCE_S) -> sqlite3.Connection:
    """Open an existing file; read-only if it cannot be written."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,  # opened by one thread, then used by another
    )


def _sweep(path: Path, connection: sqlite3.Connection) -> None:
    """Remove the journal that a killed program left behind, unless a program is writing.

    SQLite itself removes only journals that it has used.
    """
    if not is_spent_journal(journal_of(path)):
        return
    with suppress(sqlite3.Error, OSError):  # being written, or not writable: left there
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
    """Check a file as far as that is possible without opening it.

    Raises:
        UnreadableRecordingError: It is missing, empty or not readable.
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
    """Check that a database is a recording of a version that is supported.

    Raises:
        UnreadableRecordingError: It is not.
    """
    try:
        owner = _number(connection, "application_id")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
            raise
        raise UnreadableRecordingError(
            f"{path} is not a recording of AdaFuse Live; choose another file."
        ) from error
    if owner != APPLICATION_ID:
        raise UnreadableRecordingError(
            f"{path} is a database of another program; choose a recording of AdaFuse Live."
        )
    if _number(connection, "user_version") > TWO_VIEW_FORMAT:
        raise UnreadableRecordingError(
            f"The recording {path} was made by a newer version of this program; update it."
        )


_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""The start of a journal that may be needed (SQLite's file format, 3)."""

_SPENT = bytes(len(_MAGIC))
"""The start of one that is no longer needed, or that was never used."""


def journal_of(path: Path) -> Path:
    """Return the path of a recording's journal."""
    return path.with_name(f"{path.name}-journal")


def is_foreign_journal(path: Path) -> bool:
    """Return whether the journal's path holds a file that is not a journal."""
    return (path.exists() or path.is_symlink()) and _head(path) not in (b"", _MAGIC, _SPENT)


def is_spent_journal(path: Path) -> bool:
    """Return whether a killed program left a journal that its recording does not need."""
    return path.is_file() and _head(path) in (b"", _SPENT)


def _head(path: Path) -> bytes | None:
    """Return the first bytes of a file; None if it cannot be read."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC))
    except OSError:
        return None
