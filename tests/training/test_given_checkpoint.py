"""A checkpoint that a command is given is looked at first, and is told of in one sentence."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.training.fit_process import fit_to_the_end, start, write_recipe
from tests.training.jester_folder import write_jester

CHECKPOINTS = Path("lightning_logs") / "version_0" / "checkpoints"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of data and of a run over it that is finished."""
    folder = tmp_path_factory.mktemp("fitted")
    write_jester(folder / "train", 8)
    write_jester(folder / "val", 4)
    fit_to_the_end(folder, "--trainer.max_epochs", "1")
    return folder


@pytest.fixture
def run(fitted: Path, tmp_path: Path) -> Path:
    """A copy of the run, to be spoilt."""
    recipe = write_recipe(tmp_path / "runs", fitted)
    shutil.copytree(fitted / "runs" / "lightning_logs", recipe.parent / "lightning_logs")
    return recipe.parent


def told(run: Path, command: str, *options: str) -> tuple[int | None, str]:
    """Run a command of the run's recipe; return its exit code and all that it printed."""
    errors = run / "errors.txt"
    arguments = [command, "--config", str(run / "recipe.yaml"), "--trainer.max_epochs", "1"]
    process = start([*arguments, *options], {}, errors)
    process.join(100)
    return process.exitcode, errors.read_text()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30_000])


def text(path: Path) -> None:
    path.write_text("nothing of the kind\n")


def other_torch_file(path: Path) -> None:
    torch.save({"weights": torch.zeros(3)}, path)


def code_to_run(path: Path) -> None:
    torch.save(Path, path)


SPOILT = [empty, cut_off, text, other_torch_file, code_to_run]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_a_spoilt_checkpoint_is_named_and_so_is_the_way_out(
    spoil: Callable[[Path], None], run: Path
) -> None:
    last, best = (run / CHECKPOINTS / name for name in ("last.ckpt", "best.ckpt"))
    spoil(last)
    for command in (
        ["fit", "--resume", "true"],
        ["validate", "--ckpt_path", str(last)],
    ):
        code, sentence = told(run, *command)
        assert code == 1
        assert sentence.count("\n") == 1, sentence
        assert str(last) in sentence
        assert str(best) in sentence


def test_a_run_goes_on_from_its_best_checkpoint_where_the_last_is_spoilt(run: Path) -> None:
    empty(run / CHECKPOINTS / "last.ckpt")
    best = run / CHECKPOINTS / "best.ckpt"
    code, printed = told(run, "fit", "--resume", "true", "--ckpt_path", str(best))
    assert code == 0, printed


def test_validate_and_test_print_what_they_find_and_leave_no_run_behind(run: Path) -> None:
    # A folder that they left would be taken for the newest run, and hide the one to resume.
    best = run / CHECKPOINTS / "best.ckpt"
    before = sorted(run.rglob("*"))
    for command in ("validate", "test"):
        code, printed = told(run, command, "--ckpt_path", str(best))
        assert code == 0, printed
        assert re.fullmatch(r"[\d.]+% accuracy, [\d.]+% of the cost, .*\n", printed)
    assert sorted({*run.rglob("*")} - {run / "errors.txt"}) == before


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("model.spec.width", "0.25", "model.spec.width (0.125 there, 0.25 in the recipe)"),
        ("model.spec.input_width", "64", "model.spec.input_width (32 there, 64 in the recipe)"),
        ("model.policy_mode", "no_skip", "model.spec.policy.mode"),
        ("model.spec.labels", '["one", "two"]', "model.spec.labels"),
    ],
)
def test_a_network_that_the_recipe_does_not_describe_is_not_validated(
    key: str, value: str, named: str, run: Path
) -> None:
    best = run / CHECKPOINTS / "best.ckpt"
    code, sentence = told(run, "validate", "--ckpt_path", str(best), f"--{key}", value)
    assert code == 1
    assert "another network than the recipe describes" in sentence
    assert named in sentence
    assert sentence.count("\n") == 1


@pytest.mark.parametrize("options", [[], ["--ckpt_path", "best"], ["--ckpt_path", "last"]])
def test_without_a_checkpoint_there_is_nothing_to_validate(options: list[str], run: Path) -> None:
    code, sentence = told(run, "validate", *options)
    assert code == 2
    assert "ckpt_path" in sentence
    assert sentence.count("\n") == 1


@pytest.mark.parametrize("name", ["no.ckpt", "."], ids=["missing", "a folder"])
def test_what_is_no_file_is_told(name: str, run: Path) -> None:
    code, sentence = told(run, "validate", "--ckpt_path", str(run / name))
    assert code == 1
    assert sentence.count("\n") == 1
    assert str(run / name) in sentence
