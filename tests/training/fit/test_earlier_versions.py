"""Runs, recipes and checkpoints of earlier versions, which named some classes otherwise."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec.yaml
import pytest
import torch

from models.errors import ModelError
from models.spec import Method, PolicyMode
from tests.training.fit.fit_process import start, write_recipe
from tests.training.jester_folder import write_jester
from training.fit.checkpoints import read_checkpoint
from training.fit.recipe import (
    CONFIG_FILE,
    MOVED_CLASSES,
    build_spec,
    check_same_recipe,
    with_current_classes,
)

CLASSES = """
  schedule:
    class_path: training.optimising.StepDecay
    init_args: {epochs: [1]}
data:
  augmentation:
    class_path: training.data.cropping.MultiScaleCrop
"""

HYPER_PARAMETERS: dict[str, Any] = {
    "spec": {
        "name": "tiny",
        "labels": ("Swiping Left", "Swiping Right", "No gesture"),
        "silent_labels": ("No gesture",),
        "backbone": "resnet18",
        "width": 0.125,
        "method": "tsm",
        "shift": "one_way",
        "policy": {
            "hidden": 8,
            "hidden_quota": None,
            "shared": False,
            "mode": "adaptive",
            "mix": None,
        },
        "frames": 8,
        "frame_interval_s": 0.08333333333333333,
        "input_height": 32,
        "input_width": 32,
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
        "decision": {
            "fire_above": 0.6,
            "hold_s": 0.15,
            "release_below": 0.35,
            "release_s": 0.25,
            "opposite_lockout_s": 0.8,
            "gestures": {},
        },
    }
}
"""As a checkpoint of 2026-11-30 holds them."""


@pytest.mark.parametrize("path", MOVED_CLASSES.values())
def test_a_moved_class_is_where_the_table_says(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert isinstance(getattr(import_module(module), name), type)


def test_a_recipe_is_the_same_under_old_and_new_names(tmp_path: Path) -> None:
    old = {
        "model": {"schedule": {"class_path": "training.optimising.OneCycle"}},
        "data": {"augmentation": {"class_path": "training.data.augmentation.Augmentation"}},
    }
    (tmp_path / CONFIG_FILE).write_bytes(msgspec.yaml.encode(old))
    new = with_current_classes(old)
    assert new["model"]["schedule"]["class_path"] == "training.fit.optimizing.OneCycle"
    check_same_recipe(tmp_path, msgspec.yaml.encode(new).decode())
    new["model"]["schedule"]["class_path"] = "training.fit.optimizing.Cosine"
    with pytest.raises(ModelError, match=r"model\.schedule\.class_path"):
        check_same_recipe(tmp_path, msgspec.yaml.encode(new).decode())


def test_a_checkpoint_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    weights = {"network.head.bias": torch.zeros(3)}
    torch.save({"hyper_parameters": HYPER_PARAMETERS, "state_dict": weights}, path)
    spec, _ = build_spec(read_checkpoint(path).spec)
    assert spec.method is Method.TSM
    assert spec.policy is not None
    assert spec.policy.mode is PolicyMode.ADAPTIVE


@pytest.mark.timeout(300)
def test_a_run_of_an_earlier_version_resumes(tmp_path: Path) -> None:
    write_jester(tmp_path / "train", 8)
    write_jester(tmp_path / "val", 2)
    recipe = write_recipe(tmp_path / "run", tmp_path)
    recipe.write_text(recipe.read_text().replace("\ndata:\n", CLASSES))
    errors = tmp_path / "errors.txt"

    def fit(*options: str) -> int | None:
        process = start(["fit", "--config", str(recipe), "--resume", "true", *options], {}, errors)
        process.join(100)
        return process.exitcode

    assert fit("--trainer.max_epochs", "1") == 0, errors.read_text()
    (config,) = (tmp_path / "run").rglob(CONFIG_FILE)
    text = config.read_text()
    for old, new in MOVED_CLASSES.items():
        text = text.replace(new, old)
    assert "training.optimising.StepDecay" in text
    config.write_text(text)
    cosine = ("--model.schedule.class_path", "training.optimising.Cosine")
    assert fit(*cosine) == 1, errors.read_text()
    assert "model.schedule" in errors.read_text()
    assert fit("--trainer.max_epochs", "2") == 0, errors.read_text()
    assert "epoch 2 of 2" in errors.read_text()
    content = torch.load(config.parent / "checkpoints" / "last.ckpt", weights_only=True)
    assert content["global_step"] == 4
