"""Small JSON files with what was measured on this machine; losing one only costs time."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TypeVar

import msgspec

log = logging.getLogger(__name__)

Content = TypeVar("Content", bound=msgspec.Struct)


def read_json(path: Path, kind: type[Content]) -> Content | None:
    """Return the content of a file, or None where there is none that can be understood."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write_json(path: Path, content: msgspec.Struct) -> None:
    """Write a file whole or not at all; where it cannot be written, say so in the debug log."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-") as folder:
            new = Path(folder) / path.name
            new.write_bytes(msgspec.json.encode(content))
            new.replace(path)
    except OSError as error:
        log.debug("%s is not remembered: %s", path, error)
