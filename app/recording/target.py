"""Where a recording may be written: it never replaces a file that is not a recording."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import platformdirs

from app.errors import UsageError
from app.recording.database import is_being_written, is_foreign_journal, is_recording, journal_of
from app.recording.schema import SUFFIX
from models.files import failure_reason, file_obstacle


def check_recordable(path: Path) -> None:
    """Check that a recording can be written, before anything is started or overwritten.

    An older recording of that name is replaced, as `--events` replaces older events; any other file
    is left alone.

    Args:
        path: The file.

    Raises:
        UsageError: It cannot.
    """
    try:
        reason = _obstacle(path)
    except OSError as error:  # such as a name that is too long
        reason = failure_reason(error)
    if reason:
        raise unwritable(path, reason)


def unwritable(path: Path, reason: str) -> UsageError:
    """Return the error for a file that cannot be recorded to."""
    return UsageError(f"{path} cannot be recorded to ({reason}); choose another file.")


def _obstacle(path: Path) -> str:
    """Return why a file cannot be recorded to; empty if it can."""
    if obstacle := file_obstacle(path):
        return obstacle
    # SQLite keeps a second file beside it while it writes.
    if not os.access(path.parent, os.W_OK):
        return "permission denied"
    if is_foreign_journal(journal_of(path)):
        return f"{journal_of(path).name} beside it would be overwritten"
    if not path.exists():
        return ""
    if not path.is_file():
        return "it is not a file"
    if path.stat().st_size and not is_recording(path):
        return "it exists and is not a recording, so it is left alone"
    if is_being_written(path):
        return "another copy of AdaFuse Live is recording to it"
    return ""


def recordings_folder() -> Path:
    """Return the default folder for recordings, among the user's videos."""
    return platformdirs.user_videos_path() / "AdaFuse Live"


def new_path(folder: Path, now: datetime) -> Path:
    """Return an unused name in `folder` with date and time.

    Args:
        folder: The folder; it need not exist.
        now: Local time.
    """
    name = f"Recording {now:%Y-%m-%d %H.%M.%S}"  # no colons: Windows does not allow them
    path = folder / f"{name}{SUFFIX}"
    copy = 1
    while path.exists():
        copy += 1
        path = folder / f"{name} ({copy}){SUFFIX}"
    return path
