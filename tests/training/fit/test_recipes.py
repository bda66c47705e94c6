"""Every recipe that comes with the project is one that the command line takes and can run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec.yaml
import pytest
import torch
from msgspec.structs import replace

from models.spec import Method, Shift
from models.two_views.spec import TwoViewSpec
from tests.training.fit.fit_process import start
from tests.training.jester_folder import LABELS, write_jester
from training.fit.recipe import build_spec
from training.two_views.recipe import build_pair

RECIPES = sorted((Path(__file__).parents[3] / "training" / "configs").glob("*.yaml"))
ONE_VIEW = [path for path in RECIPES if not path.stem.startswith("two_views")]
TWO_VIEWS = [path for path in RECIPES if path not in ONE_VIEW]
PAPER = ("jester", "mini_kinetics", "something_v1", "something_v2")


def recipe(name: str) -> Path:
    (found,) = (path for path in RECIPES if path.stem == name)
    return found


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.yaml.decode(path.read_text())
    return content


def described(name: str) -> TwoViewSpec:
    return build_pair(read(recipe(name))["model"]["spec"])[0]


@pytest.mark.parametrize("path", ONE_VIEW, ids=lambda path: path.stem)
def test_a_recipe_describes_a_model(path: Path) -> None:
    fields = read(path)["model"]["spec"]
    if isinstance(fields.get("labels"), str):  # the file is the data set's
        fields["labels"] = ["one", "two"]
    spec, _ = build_spec(fields)
    # What learns from the performer is to run live; the paper's clips may look ahead.
    assert spec.can_stream is (path.stem not in PAPER or spec.method is Method.TSN)


def test_the_recipes_of_two_views_describe_one_network_that_runs_live() -> None:
    square, whole = (described(name) for name in ("two_views_square", "two_views_whole"))
    assert square == whole
    assert square.whole.can_stream
    assert square.crop.can_stream
    # As the commands in the recipe's head add policies.
    fields = read(recipe("two_views_square"))["model"]["spec"] | {"policy": {"hidden": 64}}
    fused, _ = build_pair(fields)
    assert fused.crop.fuses
    assert fused.whole == square.whole


def test_squares_that_say_joints_go_with_the_same_whole_view() -> None:
    dense, fused, usual = (
        described(f"two_views_{name}") for name in ("joints_square", "joints_policies", "whole")
    )
    assert dense.joint_history == fused.joint_history > 0
    assert not dense.crop.fuses
    assert fused.crop.fuses
    assert replace(fused, crop=dense.crop) == dense, "policies alone are new"
    assert replace(dense.whole, name=usual.whole.name) == usual.whole
    assert dense.locator_hidden == usual.locator_hidden


@pytest.mark.parametrize("path", TWO_VIEWS, ids=lambda path: path.stem)
def test_a_recipe_of_two_views_is_taken_as_far_as_its_data(path: Path, tmp_path: Path) -> None:
    errors = tmp_path / "errors.txt"
    root = ("--data.root", str(tmp_path / "nowhere"), "--trainer.default_root_dir", str(tmp_path))
    process = start(["fit-two-views", "--config", str(path), *root], {}, errors)
    process.join(100)
    assert process.exitcode == 1
    assert str(tmp_path / "nowhere") in errors.read_text()


@pytest.mark.parametrize("name", PAPER)
def test_the_papers_recipes_hold_the_papers_numbers(name: str) -> None:
    content = read(recipe(name))
    model, data, trainer = content["model"], content["data"], content["trainer"]
    assert (model["optimizer"], model["learning_rate"], model["cost_weight"]) == ("sgd", 0.002, 0.1)
    assert model["schedule"]["init_args"] == {"epochs": [20, 40], "factor": 0.1}
    assert (trainer["max_epochs"], data["batch_size"], data["layout"]) == (50, 64, name)
    assert {model["spec"][f"input_{side}"] for side in ("height", "width")} == {224}
    assert model["spec"]["shift"] == Shift.TWO_WAY
    assert model["initial_weights"]


@pytest.mark.timeout(300)
def test_a_recipe_of_the_paper_runs_on_small_data_and_keeps_what_it_ran(tmp_path: Path) -> None:
    train, val = (write_jester(tmp_path / part, clips) for part, clips in (("t", 4), ("v", 2)))
    labels = tmp_path / "something-something-v1-labels.csv"
    labels.write_text("".join(f"{label}\n" for label in LABELS))
    changes = {
        "model.spec.width": "0.125",
        "model.spec.input_height": "32",
        "model.spec.input_width": "32",
        "model.spec.labels": str(labels),
        "model.policy_mode": "no_reuse",
        "model.initial_weights": "null",
        "data.root": str(train),
        "data.annotations": str(train / "labels.csv"),
        "data.val_root": str(val),
        "data.val_annotations": str(val / "labels.csv"),
        "data.batch_size": "2",
        "data.workers": "0",
        "trainer.accelerator": "cpu",
        "trainer.max_epochs": "1",
        "trainer.accumulate_grad_batches": "2",
        "trainer.precision": "bf16-mixed",
        "trainer.default_root_dir": str(tmp_path / "runs"),
        "early_stopping": "3",
    }
    arguments = ["fit", "--config", str(recipe("something_v1"))]
    for key, value in changes.items():
        arguments += [f"--{key}", value]
    errors = tmp_path / "errors.txt"
    process = start(arguments, {}, errors)
    process.join(200)
    assert process.exitcode == 0, errors.read_text()
    assert "epoch 1 of 1" in errors.read_text()
    (folder,) = (tmp_path / "runs" / "lightning_logs").iterdir()
    kept = read(folder / "config.yaml")
    assert kept["model"]["learning_rate"] == 0.002
    assert kept["model"]["spec"]["labels"] == list(LABELS)
    assert {path.name for path in (folder / "checkpoints").iterdir()} == {"best.ckpt", "last.ckpt"}
    content = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    assert content["hyper_parameters"]["spec"]["policy"]["mode"] == "no_reuse"
    assert content["global_step"] == 1, "gradients of two batches make one step"
    again = start(["fit", "--config", str(folder / "config.yaml"), "--print_config"], {}, errors)
    again.join(100)
    assert again.exitcode == 0, errors.read_text()


def test_a_command_without_a_recipe_asks_for_one(tmp_path: Path) -> None:
    errors = tmp_path / "errors.txt"
    process = start(["fit"], {}, errors)
    process.join(100)
    assert process.exitcode == 2
    told = errors.read_text()
    assert "model.spec" in told
    assert "compute_fn" not in told
    assert told.count("\n") == 1


def test_unknown_keys_are_told_in_one_sentence(tmp_path: Path) -> None:
    errors = tmp_path / "errors.txt"
    for arguments, complaint in (
        (["--model.learnig_rate", "1"], "learnig_rate"),
        (["--model.optimizer", "adam"], "model.optimizer"),
        (["--model.spec.widht", "1"], "unknown field `widht`"),
        (["--model.schedule", '{"warm_up": 2}'], 'key "warm_up"'),
        (["--data.augmentation.min_scale", "0"], 'key "min_scale"'),
        (["--data.sampling.stride", "-1"], 'key "stride"'),
        (["--trainer.strategy", "nonsense"], "invalid strategy name"),
        (["--model.frozen_stages", "9"], "must be 0 to 4"),
        (["--model.spec.backbone", "vgg"], "known ones are mobilenet_v2, resnet18, resnet50"),
    ):
        path = recipe("performer_dense")
        process = start(["fit", "--config", str(path), *arguments], {}, errors)
        process.join(100)
        assert process.exitcode == 2
        told = errors.read_text()
        assert complaint in told
        assert told.count("\n") == 1
