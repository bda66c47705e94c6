"""Reading the text files that come with a data set."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from training.data.errors import DataError

Decoded = TypeVar("Decoded")


def read_text(path: Path, what: str) -> str:
    """Read a text file.

    Args:
        path: The file.
        what: Its kind, for messages, such as "annotations".

    Raises:
        DataError: It cannot be read, or is not UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(
            f"The {what} {path} cannot be read ({error.strerror}); check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"The {what} {path} are not a text file in UTF-8.") from error


def decode_json(text: str, kind: type[Decoded], path: Path, what: str) -> Decoded:
    """Decode JSON of a known structure.

    Raises:
        DataError: It is not JSON, or has another structure.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise DataError(f"The {what} {path} are not as expected: {error}.") from error
