from __future__ import annotations

from pathlib import Path

import pytest

from training.staged_folder import staged_folder


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
