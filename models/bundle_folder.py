"""The folder that a bundle is written to: looked at first, and filled when everything is whole.

Where a bundle is already, its files alone are replaced; notes and whatever else people keep beside
them stay.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from models.bundle import CARD_FILE, GRAPH_FILE, SPEC_FILE, WEIGHTS_FILE, read_description
from models.errors import ModelError
from models.writable import check_writable

BUNDLE_FILES = (CARD_FILE, WEIGHTS_FILE, GRAPH_FILE, SPEC_FILE)
"""In the order in which they are put in place: the description, which holds the digests of the
others, comes last, so that a bundle that is half replaced is not taken for a whole one."""


def check_bundle_folder(out: Path) -> None:
    """Refuse a folder that cannot become a bundle, before any work is done for it.

    Raises:
        ModelError: It is something else, or cannot be written.
    """
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())) and not _is_bundle(out):
            raise ModelError(f"{out} exists and is not a bundle; give another folder.")
        check_writable(out.resolve())
    except OSError as error:
        raise _not_written(out, error) from error
    except (RuntimeError, UnicodeError) as error:  # links in a circle; a name of no encoding
        raise ModelError(f"The bundle {str(out)!a} cannot be written: no such name.") from error


def _is_bundle(folder: Path) -> bool:
    """Tell whether a folder holds a description of a model, and files where a bundle has files."""
    try:
        read_description(folder)
    except ModelError:
        return False
    return not any((folder / name).is_dir() for name in BUNDLE_FILES)


def card_in(folder: Path) -> str | None:
    """Return the card of the bundle in a folder; None where there is none.

    Raises:
        ModelError: It cannot be read.
    """
    path = folder / CARD_FILE
    return read_card(path) if path.exists() else None


def read_card(path: Path) -> str:
    """Read a card.

    Raises:
        ModelError: It cannot be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "it is no text in UTF-8")
        raise ModelError(f"The card {path} cannot be read ({reason}).") from error


def bundle_size(path: Path) -> int:
    """Return the size of a bundle's files together, in bytes."""
    files = (path / name for name in BUNDLE_FILES)
    return sum(file.stat().st_size for file in files if file.exists())


@contextmanager
def staged_bundle(out: Path) -> Iterator[Path]:
    """Give a hidden folder to write a bundle into; its files come to `out` when the body is done.

    Args:
        out: The bundle's folder: new, empty, or with a bundle of which the files are replaced.

    Raises:
        ModelError: It is something else, or cannot be written.
    """
    check_bundle_folder(out)
    place = out.resolve()  # through a link, into the folder that it names
    try:
        # In the folder itself where there is one: it may be a disk of its own.
        beside = place if place.exists() else place.parent
        beside.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=beside, prefix=f".{place.name}-") as partial:
            yield Path(partial)
            place.mkdir(exist_ok=True)
            for name in BUNDLE_FILES:
                _put(Path(partial) / name, place / name)
    except (OSError, SafetensorError) as error:
        # The library has its own name for a full disk.
        raise _not_written(out, error) from error


def _put(new: Path, old: Path) -> None:
    if new.exists():
        new.replace(old)
    else:  # such as the graph, which a network that looks ahead has not
        old.unlink(missing_ok=True)


def _not_written(out: Path, error: OSError | SafetensorError) -> ModelError:
    reason = getattr(error, "strerror", None) or str(error)
    return ModelError(f"The bundle {out} cannot be written ({reason}).")
