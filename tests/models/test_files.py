from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from models.files import (
    check_writable,
    failure_reason,
    file_obstacle,
    staged_file,
    staged_files,
    staged_folder,
    write_file,
)


def test_the_folder_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    with staged_folder(out) as partial:
        (partial / "file").write_text("x")
        assert not out.exists()
    assert (out / "file").read_text() == "x"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_what_breaks_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def write() -> None:
        with staged_folder(tmp_path / "out") as partial:
            (partial / "file").write_text("x")
            raise error

    with pytest.raises(type(error)):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(OSError, match="not empty"), staged_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["empty", "link", "dangling", "empty/../new/x"])
def test_an_empty_folder_and_a_link_to_one_are_filled(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    (tmp_path / "dangling").symlink_to(tmp_path / "later")
    out = tmp_path / name
    with staged_folder(out) as partial:
        (partial / "folder").mkdir()
        (partial / "folder" / "file").write_text("x")
    assert [path.name for path in out.iterdir()] == ["folder"]
    assert (out / "folder" / "file").read_text() == "x"
    assert not list(tmp_path.rglob(".*"))


def test_an_empty_folder_stays_empty_where_something_breaks(tmp_path: Path) -> None:
    def write() -> None:
        with staged_folder(tmp_path) as partial:
            (partial / "file").write_text("x")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def interrupted(path: Path, target: Path) -> Path:
        if path.name == "b" and target.parent == tmp_path:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)

    def write() -> None:
        with staged_folder(tmp_path) as partial:
            for name in "abc":
                (partial / name).write_text("x")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    for content in (b"old" * 1000, b"new"):
        write_file(path, content)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_may_be_read_by_whoever_may_read_files_there(tmp_path: Path) -> None:
    write_file(tmp_path / "file", b"x")
    (tmp_path / "other").touch()
    modes = {(tmp_path / name).stat().st_mode for name in ("file", "other")}
    assert len(modes) == 1


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace"])
def test_a_full_disk_leaves_the_older_file_and_nothing_else(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_file(path, b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(call, full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_file(path, b"new", durable=True)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_durable_file_is_on_the_disk_before_it_replaces_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def noting(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            calls.append(name)
            return function(*arguments)

        return call

    monkeypatch.setattr("os.fsync", noting("fsync", os.fsync))
    monkeypatch.setattr("pathlib.Path.replace", noting("replace", Path.replace))
    write_file(tmp_path / "file", b"x", durable=True)
    assert calls == ["fsync", "replace"]


def test_an_interrupted_writer_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")

    def write() -> None:
        with staged_file(path) as new:
            assert new.suffix == ".csv"
            new.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_of_a_folder_are_replaced_and_their_neighbors_stay(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("a", "b", "notes"):
        (folder / name).write_text("old")
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    with staged_files(tmp_path / "link", ("a", "b")) as partial:
        (partial / "a").write_text("new")
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "a": "new",
        "notes": "old",
    }
    assert (tmp_path / "link").is_symlink()


def test_files_of_a_folder_stay_if_writing_breaks_off(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    def write() -> None:
        with staged_files(tmp_path, ("a",)) as partial:
            (partial / "a").write_text("new")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write()
    assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", ["/proc/folder", "file/folder"])
def test_a_folder_that_cannot_be_made_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=name):
        check_writable(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_is_in_the_way_of_a_file_is_named(tmp_path: Path) -> None:
    assert file_obstacle(tmp_path / "file") == ""
    assert file_obstacle(tmp_path) == "it is a folder"
    assert "does not exist" in file_obstacle(tmp_path / "missing" / "file")
    (tmp_path / "file").touch(mode=0o444)
    if os.geteuid():  # the superuser may write anything
        assert file_obstacle(tmp_path / "file") == "permission denied"


def test_a_reason_is_never_empty() -> None:
    assert failure_reason(OSError(errno.ENOSPC, "No space left on device", "file")) == (
        "No space left on device"
    )
    assert failure_reason(ValueError("too long")) == "too long"
    assert failure_reason(OSError()) == "OSError"
