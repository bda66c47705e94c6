"""Where a recording may go: never in place of something that is no recording."""

from __future__ import annotations

import os
from pathlib import Path

from app.errors import UsageError
from app.session.database import is_being_written, is_recording


def check_recordable(path: Path) -> None:
    """Say early, before anything is started or overwritten, that a file cannot become a recording.

    An older recording of that name is replaced, as `--events` replaces older events; a file of any
    other kind is left alone.

    Args:
        path: The file.

    Raises:
        UsageError: It cannot.
    """
    if path.is_dir():
        raise unwritable(path, "it is a folder")
    if not path.parent.is_dir():
        raise unwritable(path, f"the folder {path.parent} does not exist")
    # SQLite keeps a second file beside it while it writes.
    if not os.access(path.parent, os.W_OK):
        raise unwritable(path, "permission denied")
    if not path.exists():
        return
    if not path.is_file():
        raise unwritable(path, "it is not a file")
    if not os.access(path, os.W_OK):
        raise unwritable(path, "permission denied")
    if path.stat().st_size and not is_recording(path):
        raise unwritable(path, "it exists and is not a recording, so it is left alone")
    if is_being_written(path):
        raise unwritable(path, "another copy of AdaFuse Live is recording into it")


def unwritable(path: Path, reason: str) -> UsageError:
    """Return the error for a file that cannot become a recording."""
    return UsageError(f"{path} cannot be recorded to ({reason}); choose another file.")
