"""What this user's computer keeps because it can be made again: measurements and compiled code.

Losing any of it only costs time.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TypeVar

import msgspec
import platformdirs

from models.files import failure_reason, write_file

log = logging.getLogger(__name__)

Content = TypeVar("Content", bound=msgspec.Struct)


def cache_folder() -> Path:
    """Return the folder; it need not exist yet."""
    return platformdirs.user_cache_path("adafuse-live", appauthor=False)


def read_cached(path: Path, kind: type[Content]) -> Content | None:
    """Return the content of a JSON file; None if it is missing or cannot be understood."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write_cached(path: Path, content: msgspec.Struct) -> None:
    """Write a JSON file; one that cannot be written is mentioned in the debug log alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, msgspec.json.encode(content))
    except OSError as error:
        log.debug("%s cannot be written: %s", path, failure_reason(error))
