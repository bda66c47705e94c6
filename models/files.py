"""Writing files and folders whole or not at all, and saying why one cannot be written.

Everything is first written under a hidden name beside its final one, on the same disk, and renamed
when it is complete. Whatever interrupts the writing leaves the older file or folder as it was. Only
a process that is killed leaves something behind, under a name that begins with `PARTIAL`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial-"
"""How the names of incomplete files and folders begin."""


def write_file(path: Path, content: bytes | memoryview, *, durable: bool = False) -> None:
    """Write a file; an older one of that name is complete until the new one replaces it.

    Args:
        path: The file; its folder must exist.
        content: All of it.
        durable: Wait until the disk has it before the older file is replaced, so that not even a
            power cut loses both.

    Raises:
        OSError: It cannot be written; names `path`.
    """
    try:
        with staged_file(path) as new, new.open("xb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise _naming(path, error) from error


@contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """Give the path of a hidden file to write; it replaces `path` when the body has ended.

    Args:
        path: The file; its folder must exist. The hidden file has the same suffix, from which
            libraries read the format.

    Raises:
        OSError: It cannot be written, or the body has written nothing.
    """
    new = path.with_name(f"{PARTIAL}{secrets.token_hex(4)}{path.suffix}")
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def staged_files(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """Give a hidden folder to write files into; they replace those of `folder` in the end.

    Other files in `folder` stay. A name that the body did not write is removed from it.

    Args:
        folder: New, or with older files of these names. A link to a folder is followed.
        names: The files, in the order in which they are put in place; some may be in folders, as
            "whole/spec.json".

    Raises:
        OSError: The folder cannot be written.
    """
    target = folder.resolve()
    with _hidden_folder(target) as partial:
        yield partial
        target.mkdir(exist_ok=True)
        for name in names:
            if (partial / name).exists():
                (target / name).parent.mkdir(exist_ok=True)
                (partial / name).replace(target / name)
            else:
                (target / name).unlink(missing_ok=True)


@contextmanager
def staged_folder(out: Path) -> Iterator[Path]:
    """Give a hidden folder to write into; its content becomes that of `out` in the end.

    Args:
        out: The folder to make; new or empty. A link to one, or an empty disk that is mounted
            there, is filled.

    Raises:
        OSError: `out` is not empty, or cannot be written.
    """
    check_new_folder(out)
    target = out.resolve()
    exists = target.is_dir()
    with _hidden_folder(target) as partial:
        content = partial / target.name  # unlike the hidden one, open to others as folders are
        content.mkdir()
        yield content
        if exists:
            _move_all(content, target)
        else:
            content.rename(target)


@contextmanager
def _hidden_folder(beside: Path) -> Iterator[Path]:
    # Inside the folder itself if it exists: it may be a disk of its own.
    parent = beside if beside.is_dir() else beside.parent
    parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=parent))
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _move_all(source: Path, target: Path) -> None:
    """Move the content of a folder into another one, all of it or nothing."""
    moved: list[Path] = []
    try:
        for entry in sorted(source.iterdir()):
            moved.append(entry.rename(target / entry.name))  # noqa: PERF401 - one by one
    except BaseException:  # a signal, too
        for path in moved:
            path.rename(source / path.name)
        raise


def check_new_folder(out: Path) -> None:
    """Reject a folder that is not empty or cannot be made, before any work is done for it.

    Raises:
        OSError: `out` is a file, is not empty, or cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(f"'{out}' is a file; choose a folder that does not exist yet.")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"The folder '{out}' is not empty; choose a new or an empty one.")
    check_writable(out)


def check_writable(folder: Path) -> None:
    """Find out whether a folder, which need not exist yet, can be made and written.

    Permissions alone do not show it: a file system may be read-only, or not support folders. So
    something is made there and removed again.

    Raises:
        OSError: It cannot; names the folder.
    """
    absolute = folder.absolute()
    try:
        existing = next(path for path in (absolute, *absolute.parents) if path.exists())
        with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=existing):
            pass
    except OSError as error:
        raise _naming(folder, error) from error


def file_obstacle(path: Path) -> str:
    """Return why a file cannot be written, to put in brackets; empty if nothing is known to be.

    Raises:
        OSError: The path cannot be looked at, for example because the name is too long.
    """
    if path.is_dir():
        return "it is a folder"
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist"
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return "permission denied"
    return ""


def failure_reason(error: Exception) -> str:
    """Return what went wrong with a file in a few words, to put in brackets."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _naming(path: Path, error: OSError) -> OSError:
    """Return the error about `path` rather than about a hidden file that stands in for it."""
    return error if error.errno is None else OSError(error.errno, error.strerror, str(path))
