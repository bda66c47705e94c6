"""The second file that SQLite keeps beside a recording while it writes."""

from __future__ import annotations

from pathlib import Path

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
