"""From frames on disk to an evaluated bundle, through the real command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.app.command import run_module
from tests.training.jester_folder import write_jester

RECIPE = """
seed_everything: 1
model:
  spec:
    name: tiny
    backbone: resnet18
    width: 0.125
    method: tsm
    {policy}
    frame_interval_s: 0.08333333333333333
    input_height: 32
    input_width: 48
  learning_rate: 3.0e-3
  cost_weight: 0.0
data:
  root: {root}
  val_root: {val_root}
  augmentation: {{min_scale: 0.95, max_aspect: 1.02}}
  batch_size: 8
  workers: 0
trainer:
  default_root_dir: {runs}
  accelerator: cpu
  max_epochs: 30
  enable_progress_bar: false
"""


def training(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_module("training", *arguments)


def write_recipe(folder: Path, name: str, policy: str) -> Path:
    text = RECIPE.format(
        policy=policy,
        root=folder / "train",
        val_root=folder / "val",
        runs=folder / "runs" / name,
    )
    (folder / f"{name}.yaml").write_text(text)
    return folder / f"{name}.yaml"


@pytest.mark.timeout(300)
def test_a_dense_network_then_its_policies_are_trained_exported_and_evaluated(
    tmp_path: Path,
) -> None:
    write_jester(tmp_path / "train", 32)
    write_jester(tmp_path / "val", 8)
    fitted = training("fit", "--config", write_recipe(tmp_path, "dense", ""))
    assert fitted.returncode == 0, fitted.stderr
    checkpoint = "lightning_logs/version_0/checkpoints/last.ckpt"
    recipe = write_recipe(tmp_path, "adafuse", "policy: {hidden: 8}")
    start = tmp_path / "runs" / "dense" / checkpoint
    fitted = training(
        "fit", "--config", recipe, "--model.initial_checkpoint", start, "--model.keep_bias", "2"
    )
    assert fitted.returncode == 0, fitted.stderr

    bundle = tmp_path / "bundle"
    trained = tmp_path / "runs" / "adafuse" / checkpoint
    exported = training("export", "--checkpoint", trained, "--out", bundle)
    assert exported.returncode == 0, exported.stderr

    evaluated = training(
        "evaluate", "--model", bundle, "--data", "jester", "--root", tmp_path / "val", "--json"
    )
    assert evaluated.returncode == 0, evaluated.stderr
    metrics = json.loads(evaluated.stdout)
    assert metrics["clips"] == 8
    # Left against right from a moving bar: what a network without a sense of time cannot learn.
    assert metrics["top1"] >= 0.9
    assert metrics["top5"] >= metrics["top1"]
    assert metrics["keep"] + metrics["reuse"] + metrics["skip"] == pytest.approx(1, abs=1e-5)
    assert 0 < metrics["gflops_per_clip"] <= 1.1 * metrics["dense_gflops_per_clip"]
    assert set(metrics["per_class"]) == {"Swiping Left", "Swiping Right"}


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["fit", "--config", "nowhere.yaml"], 2, "nowhere.yaml"),
        (["export", "--checkpoint", "nowhere.ckpt", "--out", "b"], 1, "nowhere.ckpt"),
        (["evaluate", "--model", "nowhere", "--root", "."], 1, "no model folder"),
        (["synthesize", "--out", "x", "--clips", "0"], 2, "must be 1 to 10000000, not 0"),
        (["dance"], 2, "dance"),
        ([], 2, "COMMAND"),
    ],
)
def test_bad_input_is_told_plainly(arguments: list[str], code: int, complaint: str) -> None:
    result = training(*arguments)
    assert result.returncode == code
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr
