"""Whether a folder can be written, found out before any work is done for it."""

from __future__ import annotations

import tempfile
from pathlib import Path


def check_writable(folder: Path) -> None:
    """Make something below a folder that may not be there yet, and remove it again.

    The permissions alone do not tell: a file system may be read-only, or hold no folders.

    Raises:
        OSError: It cannot be written, or cannot be made; names the folder.
    """
    try:
        _try(folder)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error


def _try(folder: Path) -> None:
    absolute = folder.absolute()
    there = next(place for place in (absolute, *absolute.parents) if place.exists())
    with tempfile.TemporaryDirectory(prefix=".writable-", dir=there):
        pass
