"""A run that is killed goes on where it was, and ends bit for bit where an undisturbed one ends."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.fit.fit_process import KILL, start, write_recipe
from tests.training.jester_folder import write_jester
from training.fit.checkpoints import find_earlier_run

TIMEOUT_S = 100


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_jester(folder / "train", 16)
    write_jester(folder / "val", 4)
    return folder


def fit(recipe: Path, *options: str, kill: str = "") -> int:
    arguments = ["fit", "--config", str(recipe), "--resume", "true", *options]
    errors = recipe.parent / "errors.txt"
    process = start(arguments, {KILL: kill}, errors)
    process.join(TIMEOUT_S)
    assert process.exitcode is not None, "it hangs"
    assert process.exitcode in (0, -signal.SIGKILL), errors.read_text()
    return process.exitcode


def last(recipe: Path) -> dict[str, Any]:
    earlier = find_earlier_run(recipe.parent)
    assert earlier is not None
    content: dict[str, Any] = torch.load(earlier.checkpoint, weights_only=True)
    return content


def flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        return {k: v for key, item in value.items() for k, v in flat(item, f"{name}/{key}").items()}
    if isinstance(value, list):
        return {k: v for i, item in enumerate(value) for k, v in flat(item, f"{name}/{i}").items()}
    return {name: value}


@pytest.mark.timeout(300)
def test_a_run_killed_again_and_again_ends_where_an_undisturbed_one_ends(
    data: Path, tmp_path: Path
) -> None:
    undisturbed = write_recipe(tmp_path / "undisturbed", data)
    assert fit(undisturbed) == 0
    killed = write_recipe(tmp_path / "killed", data)
    # A kill in the middle of an epoch, another right after, in validation, as an epoch begins.
    for moment in ("train 2", "train 3", "validation 0", "epoch 1", "validation 1"):
        code = fit(killed, "--save_every_minutes", "0", kill=moment)
        assert code == -signal.SIGKILL, moment
    # What reads the data is another number of processes, and must not matter.
    assert fit(killed, "--data.workers", "1") == 0
    whole, resumed = last(undisturbed), last(killed)
    assert resumed["global_step"] == whole["global_step"] == 8
    assert [p.name for p in (tmp_path / "killed" / "lightning_logs").iterdir()] == ["version_0"]
    for part in ("state_dict", "optimizer_states", "lr_schedulers"):
        one, other = flat(whole[part]), flat(resumed[part])
        assert one.keys() == other.keys()
        for name, value in one.items():
            same = (
                torch.equal(value, other[name])
                if isinstance(value, torch.Tensor)
                else value == other[name]
            )
            assert same, name
