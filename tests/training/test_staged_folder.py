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
