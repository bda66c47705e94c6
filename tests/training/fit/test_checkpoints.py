"""A checkpoint is whole or not there; what is on disk already is never spoilt."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch

from models.errors import ModelError
from tests.training.fit.fit_process import start, write_recipe
from tests.training.jester_folder import write_jester
from training.fit import command
from training.fit.checkpoints import AtomicCheckpointIO, find_earlier_run


def save(path: Path, value: int) -> None:
    AtomicCheckpointIO().save_checkpoint({"value": torch.full((1000,), value)}, path)


def test_a_full_disk_leaves_the_checkpoint_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoints" / "last.ckpt"
    save(path, 1)

    def no_room(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", no_room)
    with pytest.raises(OSError, match="No space left"):
        save(path, 2)
    assert torch.load(path, weights_only=True)["value"][0] == 1
    assert [file.name for file in path.parent.iterdir()] == ["last.ckpt"]


def test_a_checkpoint_may_be_read_by_whoever_may_read_files_there(tmp_path: Path) -> None:
    save(tmp_path / "last.ckpt", 1)
    (tmp_path / "other").touch()
    modes = {(tmp_path / name).stat().st_mode for name in ("last.ckpt", "other")}
    assert len(modes) == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_run_that_cannot_be_written_says_so_in_one_sentence(
    code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code), "/runs/last.ckpt")

    monkeypatch.setattr(command, "FitCLI", fails)
    with pytest.raises(ModelError) as caught:
        command.fit_command(["fit"])
    assert "\n" not in str(caught.value)
    assert f"/runs/last.ckpt ({os.strerror(code)})" in str(caught.value)
    assert "--resume true" in str(caught.value)


def test_a_folder_that_is_none_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    write_jester(tmp_path / "data" / "train", 4)
    write_jester(tmp_path / "data" / "val", 2)
    recipe = write_recipe(tmp_path / "run", tmp_path / "data")
    (tmp_path / "file").touch()
    root = str(tmp_path / "file" / "runs")
    errors = tmp_path / "errors.txt"
    process = start(
        ["fit", "--config", str(recipe), "--trainer.default_root_dir", root], {}, errors
    )
    process.join(100)
    assert process.exitcode == 1
    assert errors.read_text().count("\n") == 1
    assert "cannot be written" in errors.read_text()


@pytest.mark.parametrize(
    ("saved", "found"),
    [([], None), ([True], 0), ([True, True], 1), ([True, False], 0), ([False], None)],
)
def test_the_newest_run_that_was_saved_is_resumed(
    saved: list[bool], found: int | None, tmp_path: Path
) -> None:
    for version, has_checkpoint in enumerate(saved):
        folder = tmp_path / "lightning_logs" / f"version_{version}" / "checkpoints"
        folder.mkdir(parents=True)
        if has_checkpoint:
            (folder / "last.ckpt").touch()
    earlier = find_earlier_run(tmp_path)
    assert (None if earlier is None else earlier.version) == found
