"""A checkpoint that a command is given is looked at first, and is told of in one sentence."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
import torch

from tests.training.fit.fit_process import fit_to_the_end, start, write_recipe
from tests.training.jester_folder import write_jester
from training.cli import main

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


def bare_tensor(path: Path) -> None:
    torch.save(torch.zeros(3), path)


def flipped_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    with ZipFile(path) as archive:
        largest = max(archive.infolist(), key=lambda member: member.file_size)
    content[largest.header_offset + largest.file_size // 2] ^= 0x40
    path.write_bytes(content)


def not_numbers(path: Path) -> None:
    content = torch.load(path, weights_only=True)
    content["state_dict"]["network.head.bias"][0] = float("nan")
    torch.save(content, path)


SPOILT = [
    *(empty, cut_off, text, other_torch_file, code_to_run, bare_tensor, flipped_bit, not_numbers),
]


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


def test_a_run_that_was_moved_keeps_its_best_checkpoint(run: Path) -> None:
    schedule = ["--model.schedule", "training.fit.optimizing.StepDecay"]
    shutil.rmtree(run / "lightning_logs")
    code, printed = told(run, "fit", *schedule)
    assert code == 0, printed
    moved = run / "moved"
    shutil.move(run / "lightning_logs", moved / "lightning_logs")
    last, best = (moved / CHECKPOINTS / name for name in ("last.ckpt", "best.ckpt"))
    content = torch.load(last, weights_only=True)
    (state,) = (
        value for name, value in content["callbacks"].items() if name.startswith("BestCheckpoint")
    )
    # As if it were better than anything that follows.
    state["best_model_score"] = state["kth_value"] = torch.tensor(2.0)
    state["best_k_models"] = {state["best_model_path"]: torch.tensor(2.0)}
    torch.save(content, last)
    before = best.read_bytes()
    options = ["--resume", "true", "--trainer.max_epochs", "2"]
    code, printed = told(run, "fit", *schedule, *options, "--trainer.default_root_dir", str(moved))
    assert code == 0, printed
    assert len(printed.splitlines()) == 1, printed
    assert best.read_bytes() == before


def test_weights_alone_are_no_run_to_go_on_with(run: Path) -> None:
    last = run / CHECKPOINTS / "last.ckpt"
    content = torch.load(last, weights_only=True)
    del content["optimizer_states"], content["lr_schedulers"]
    torch.save(content, last)
    code, sentence = told(run, "fit", "--ckpt_path", str(last))
    assert code == 1
    assert "holds only weights" in sentence
    assert sentence.count("\n") == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model.optimizer", "sgd"),
        ("model.schedule", "training.fit.optimizing.StepDecay"),
        ("model.frozen_stages", "2"),
    ],
)
def test_a_checkpoint_goes_on_by_its_own_recipe(key: str, value: str, run: Path) -> None:
    last = run / CHECKPOINTS / "last.ckpt"
    code, sentence = told(run, "fit", "--ckpt_path", str(last), f"--{key}", value)
    assert code == 1
    assert f"began with another {key}" in sentence
    assert sentence.count("\n") == 1


def test_a_bundle_is_judged_by_its_own_recipe(run: Path) -> None:
    bundle = run / "bundle"
    best = run / CHECKPOINTS / "best.ckpt"
    assert main(["export", "--checkpoint", str(best), "--out", str(bundle)]) == 0
    given = ["--model.initial_checkpoint", str(bundle)]
    code, printed = told(run, "validate", *given)
    assert code == 0, printed
    code, sentence = told(run, "validate", *given, "--model.policy_mode", "keep")
    assert code == 1
    assert "holds another network than the recipe describes: model.spec.policy" in sentence


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
