"""Names of people as they write them, and names of files that follow from them."""

from __future__ import annotations

import hashlib
import unicodedata

from models.spec import LONGEST_NAME

__all__ = ["LONGEST_NAME", "UNNAMED", "file_stem", "marked_stem", "name_key", "shown_name"]

UNNAMED = "unnamed"

_LONGEST_STEM = 120
"""Most bytes of a file's name before its suffix; file systems take 255 with everything."""

_FORBIDDEN = frozenset('<>:"/\\|?*')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)
"""What Windows takes for something else than files, whatever the suffix."""

_JOINERS = "\u200c\u200d"
"""Invisible, but names are written with them, for example in Persian."""


def shown_name(name: str) -> str:
    """Return a name as one line, without anything invisible; empty if nothing is left."""
    visible = (c if c.isprintable() or c in _JOINERS else " " for c in name)
    return unicodedata.normalize("NFC", " ".join("".join(visible).split())).strip(_JOINERS)


def name_key(name: str) -> str:
    """Return what all spellings of the same name have in common: upper case does not matter."""
    return unicodedata.normalize("NFKC", name).casefold()


def file_stem(name: str) -> str:
    """Return the name of a file, without its suffix, that every file system takes.

    It says whose it is; where letters had to be left out, a digest keeps names apart.

    Args:
        name: As `shown_name` returns it.
    """
    stem = _safe(name)
    device = stem.partition(".")[0].strip().casefold() in _DEVICES
    return stem if stem == name and not device else marked_stem(name)


def marked_stem(name: str) -> str:
    """Return the name of a file, without its suffix, that no other name has."""
    digest = hashlib.sha256(name_key(name).encode()).hexdigest()
    return f"{_safe(name) or 'person'}-{digest[:8]}"


def _safe(name: str) -> str:
    safe = "".join("-" if letter in _FORBIDDEN else letter for letter in name)
    return safe.encode()[:_LONGEST_STEM].decode(errors="ignore").strip(" .")
