"""Small JSON files with what was measured on this machine; losing one only costs time."""

from __future__ import annotations

import logging
import os
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
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.json.encode(content))
        os.replace(file.name, path)  # noqa: PTH105 - as one step, on every system
    except OSError as error:
        log.debug("%s is not remembered: %s", path, error)
