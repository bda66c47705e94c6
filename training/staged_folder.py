"""A folder that appears under its name only when everything in it is written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.writable import check_writable

PARTIAL = ".partial-"
"""How the names of folders begin that are not whole yet."""


def check_new_folder(out: Path) -> None:
    """Refuse a folder that holds something or cannot be made, before any work is done for it.

    Raises:
        OSError: `out` is a file, is not empty, or cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(f"'{out}' is a file; choose a folder that does not exist yet.")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"The folder '{out}' is not empty; choose a new or an empty one.")
    check_writable(out)


@contextmanager
def staged_folder(out: Path) -> Iterator[Path]:
    """Give a hidden folder to write into; its content becomes that of `out` in the end.

    If the body fails or is interrupted, it is removed; only a process that is killed leaves a
    hidden folder `.partial-…` behind.

    Args:
        out: The folder to make; new or empty. A link to one, or an empty disk that is mounted
            there, is filled.

    Raises:
        OSError: `out` is not empty, or cannot be written.
    """
    check_new_folder(out)
    place = out.resolve()
    there = place.is_dir()
    # In the folder itself where there is one: it may be a disk of its own.
    parent = place if there else place.parent
    parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=parent))
    try:
        yield partial
        if there:
            _move_all(partial, place)
            partial.rmdir()
        else:
            # The hidden folder was made for its owner alone; the result is an ordinary folder.
            partial.chmod(0o755)
            partial.rename(place)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _move_all(source: Path, target: Path) -> None:
    """Move what a folder holds into another one, all of it or nothing."""
    moved: list[Path] = []
    try:
        for entry in sorted(source.iterdir()):
            moved.append(entry.rename(target / entry.name))  # noqa: PERF401 - one by one
    except BaseException:  # a signal, too
        for path in moved:
            path.rename(source / path.name)
        raise
