"""A run goes on only by the recipe that it began with."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import msgspec.yaml
import pytest

from models.errors import ModelError
from training.fit.given import network_change
from training.fit.recipe import CONFIG_FILE, check_same_recipe

RECIPE: dict[str, Any] = {
    "seed_everything": 3,
    "trainer": {"max_epochs": 2, "devices": 1, "log_every_n_steps": None},
    "model": {
        "spec": {"name": "tiny", "labels": [f"label {number}" for number in range(27)]},
        "optimizer": "adamw",
        "schedule": {"class_path": "training.fit.optimizing.Cosine", "init_args": {"warm_up": 1}},
    },
    "data": {"root": "/here", "batch_size": 4, "workers": 0},
    "save_every_minutes": 10.0,
    "early_stopping": None,
}


def changed(key: str, value: Any) -> str:
    recipe = copy.deepcopy(RECIPE)
    *parents, name = key.split(".")
    place = recipe
    for parent in parents:
        place = place[parent]
    place[name] = value
    return msgspec.yaml.encode(recipe).decode()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / CONFIG_FILE).write_bytes(msgspec.yaml.encode(RECIPE))
    return tmp_path


def test_a_pair_from_before_joints_were_read_is_the_same_network() -> None:
    before: dict[str, Any] = {"history": 4}
    assert network_change(before, before | {"joint_history": 0}) is None
    assert network_change(before, before | {"joint_history": 8}) is not None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed_everything", 4),
        ("trainer.devices", 2),
        ("model.optimizer", "sgd"),
        ("model.spec.width", 0.5),
        ("model.schedule.init_args.warm_up", 2),
        ("data.batch_size", 8),
    ],
)
def test_another_recipe_is_refused_in_one_sentence(run: Path, key: str, value: Any) -> None:
    with pytest.raises(ModelError) as caught:
        check_same_recipe(run, changed(key, value))
    assert f"{key} (" in str(caught.value)
    assert f"{value} now" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_first_of_two_changes_is_named_and_long_values_are_not_told(run: Path) -> None:
    with pytest.raises(ModelError, match=r"another model\.spec\.labels; give"):
        check_same_recipe(run, changed("model.spec.labels", ["one"]))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("trainer.max_epochs", 5),
        ("trainer.log_every_n_steps", 1),
        ("data.root", "/there"),
        ("data.workers", 3),
        ("save_every_minutes", 0.5),
        ("early_stopping", 3),
        ("resume", True),
    ],
)
def test_what_does_not_change_the_learning_may_differ(run: Path, key: str, value: Any) -> None:
    check_same_recipe(run, changed(key, value))


def test_a_run_without_a_recipe_resumes_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    check_same_recipe(tmp_path, msgspec.yaml.encode(RECIPE).decode())
    (tmp_path / CONFIG_FILE).write_text("half a line")
    with pytest.raises(ModelError, match="damaged"):
        check_same_recipe(tmp_path, msgspec.yaml.encode(RECIPE).decode())


def test_a_run_of_an_earlier_version_goes_on_if_the_new_keys_change_nothing(run: Path) -> None:
    recipe = copy.deepcopy(RECIPE)
    window: dict[str, Any] = {"frames": 8, "stride": 1.0, "jitter": 2.0}
    dense = {"class_path": "training.data.sampling.DenseWindow", "init_args": window}
    recipe["data"]["sampling"] = dense
    (run / CONFIG_FILE).write_bytes(msgspec.yaml.encode(recipe))
    window["pace"] = [1.0, 1.0]
    check_same_recipe(run, msgspec.yaml.encode(recipe).decode())
    window["pace"] = [0.8, 1.2]
    with pytest.raises(ModelError, match=r"data\.sampling\.init_args\.pace"):
        check_same_recipe(run, msgspec.yaml.encode(recipe).decode())
