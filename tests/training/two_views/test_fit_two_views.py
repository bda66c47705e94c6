"""From clips with hands to a bundle that the app opens, through the real command line."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import msgspec.yaml
import pytest
import torch

from models.errors import ModelError
from tests.app.clips import write_clip
from tests.app.command import events_in, run_demo
from tests.training.fit.fit_process import KILL, start
from tests.training.two_views.hand_folder import LABELS, write_hands
from training.cli import main
from training.fit.checkpoints import find_earlier_run
from training.two_views.losses import LossWeights
from training.two_views.module import TwoViewModule

pytestmark = pytest.mark.timeout(300)

CHECKPOINT = Path("lightning_logs") / "version_0" / "checkpoints" / "last.ckpt"
RECIPE: dict[str, Any] = {
    "seed_everything": 3,
    "weight_average": 0.9,
    "model": {
        "spec": {
            "name": "tiny pair",
            "labels": list(LABELS),
            "backbone": "resnet18",
            "width": 0.125,
            "shift": "one_way",
            "frame_interval_s": 0.125,
            "whole": {"method": "tsn", "input_height": 48, "input_width": 64},
            "crop": {
                "method": "tsm",
                "policy": {"hidden": 8},
                "input_height": 32,
                "input_width": 32,
            },
            "place_hidden": 8,
            "locator_hidden": 8,
        },
        "loss": {"joints": 4.0},
        "schedule": {"class_path": "training.fit.optimizing.Cosine"},
    },
    "data": {"batch_size": 4, "workers": 0},
    "trainer": {
        "accelerator": "cpu",
        "max_epochs": 2,
        "callbacks": [{"class_path": "tests.training.fit.fit_process.KillsItself"}],
    },
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_hands(folder / "train", 8)
    write_hands(folder / "val", 5)
    return folder


def write_recipe(folder: Path, data: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    recipe = RECIPE | {
        "data": RECIPE["data"] | {"root": str(data / "train"), "val_root": str(data / "val")},
        "trainer": RECIPE["trainer"] | {"default_root_dir": str(folder)},
    }
    (folder / "recipe.yaml").write_bytes(msgspec.yaml.encode(recipe))
    return folder / "recipe.yaml"


def fit(recipe: Path, *options: str, kill: str = "") -> tuple[int | None, str]:
    errors = recipe.parent / "errors.txt"
    arguments = ["fit-two-views", "--config", str(recipe), *options]
    process = start(arguments, {KILL: kill}, errors)
    process.join(100)
    return process.exitcode, errors.read_text()


@pytest.fixture(scope="module")
def runs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished runs: of the square, which is on the way killed, and of the whole view."""
    folder = tmp_path_factory.mktemp("runs")
    square, whole = (write_recipe(folder / name, data) for name in ("square", "whole"))
    resumed = ("--resume", "true", "--save_every_minutes", "0")
    code, told = fit(square, *resumed, kill="train 3")
    assert code == -signal.SIGKILL, told
    code, told = fit(square, *resumed)
    assert code == 0, told
    assert "accuracy" in told
    code, told = fit(whole, "--model.trains", "whole", "--trainer.max_epochs", "1")
    assert code == 0, told
    return folder


def test_a_killed_run_ends_bit_for_bit_where_an_undisturbed_one_ends(
    data: Path, runs: Path, tmp_path: Path
) -> None:
    code, told = fit(write_recipe(tmp_path / "undisturbed", data))
    assert code == 0, told
    undisturbed, resumed = (
        torch.load(folder / CHECKPOINT, weights_only=True)
        for folder in (tmp_path / "undisturbed", runs / "square")
    )
    earlier = find_earlier_run(runs / "square")
    assert earlier is not None
    assert earlier.version == 0
    assert resumed["global_step"] == undisturbed["global_step"] == 4
    for part in ("state_dict", "current_model_state"):
        assert resumed[part].keys() == undisturbed[part].keys()
        for name, value in resumed[part].items():
            assert torch.equal(value, undisturbed[part][name]), name
    averaged, current = (undisturbed[part] for part in ("state_dict", "current_model_state"))
    assert not torch.equal(
        averaged["network.crop.head.weight"], current["network.crop.head.weight"]
    )


def test_policies_start_from_a_square_without_them(tmp_path: Path) -> None:
    spec = RECIPE["model"]["spec"]
    dense = spec | {"crop": {key: spec["crop"][key] for key in spec["crop"] if key != "policy"}}
    module = TwoViewModule(dense)
    content = {"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}
    torch.save(content, tmp_path / "square.ckpt")
    started = TwoViewModule(spec, initial_checkpoint=tmp_path / "square.ckpt").state_dict()
    assert all(torch.equal(started[name], value) for name, value in module.state_dict().items())
    assert any(name.startswith("network.crop.policies") for name in started)


def test_what_finds_joints_goes_on_where_the_checkpoint_holds_it(tmp_path: Path) -> None:
    spec, loss = RECIPE["model"]["spec"], LossWeights(joints=4.0)
    for name, weights in (("without", LossWeights()), ("with", loss)):
        module = TwoViewModule(spec, loss=weights)
        content = {"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}
        torch.save(content, tmp_path / name)
    anew, again = (
        TwoViewModule(spec, loss=loss, initial_checkpoint=tmp_path / name).state_dict()
        for name in ("without", "with")
    )
    held = torch.load(tmp_path / "with", weights_only=True)["state_dict"]
    assert torch.equal(again["joint_head.weight"], held["joint_head.weight"])
    assert not torch.equal(anew["joint_head.weight"], held["joint_head.weight"])
    plain = TwoViewModule(spec, initial_checkpoint=tmp_path / "with").state_dict()
    assert not any(name.startswith("joint_head") for name in plain)


JOINTS_ALONE = RECIPE["model"]["spec"] | {"joint_history": 3}


def test_a_square_that_says_joints_alone_learns_from_clips_of_a_frame(
    data: Path, tmp_path: Path
) -> None:
    joints = ("--model.spec.joint_history", "3", "--model.loss.labels", "0")
    frames = ("--data.sampling.frames", "1", "--data.sampling.jitter", "5")
    crop = "{method: tsn, input_height: 32, input_width: 32}"
    dense = ("--model.spec.crop", crop, "--trainer.max_epochs", "1")
    code, told = fit(write_recipe(tmp_path, data), *joints, *frames, *dense)
    assert code == 0, told
    weights = torch.load(tmp_path / CHECKPOINT, weights_only=True)["current_model_state"]
    head, labels = weights["network.crop.head.weight"], len(LABELS)
    assert head.shape[0] == labels + 4 + 42
    assert not head[:labels].any()
    assert not weights["network.place.5.weight"].any()
    assert "joint_head.weight" not in weights


def test_a_trained_reader_of_joints_stays_while_the_square_learns(tmp_path: Path) -> None:
    module = TwoViewModule(JOINTS_ALONE)
    content = {"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}
    torch.save(content, tmp_path / "pair.ckpt")
    alone = LossWeights(labels=0.0)
    again = TwoViewModule(JOINTS_ALONE, loss=alone, initial_checkpoint=tmp_path / "pair.ckpt")
    assert torch.equal(again.network.place[0].weight, module.network.place[0].weight)
    assert torch.equal(again.network.place[-1].weight, module.network.place[-1].weight)
    assert not again.network.crop.head.weight[: len(LABELS)].any()
    assert not any(parameter.requires_grad for parameter in again.network.place.parameters())


def test_a_square_must_say_something() -> None:
    with pytest.raises(ModelError, match=r"set model\.spec\.joint_history"):
        TwoViewModule(RECIPE["model"]["spec"], loss=LossWeights(labels=0.0))


def test_only_the_trained_view_changes(runs: Path) -> None:
    square, whole = (
        torch.load(runs / name / CHECKPOINT, weights_only=True)["current_model_state"]
        for name in ("square", "whole")
    )
    # Both began from the same seed.
    shared = square.keys() & whole.keys()
    changed = {name for name in shared if not torch.equal(square[name], whole[name])}
    learned = torch.load(runs / "whole" / CHECKPOINT, weights_only=True)["optimizer_states"]
    assert any(name.startswith("network.whole.locator") for name in changed)
    assert any(name.startswith("network.crop") for name in changed)
    assert not any(name.startswith("network.whole.head") for name in changed)
    assert square.keys() - whole.keys() == {"joint_head.weight", "joint_head.bias"}
    assert learned[0]["state"]


def export(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    code = main(["export", *map(str, arguments)])
    return code, capsys.readouterr().err


def test_a_square_and_a_whole_view_become_a_bundle_that_the_app_runs(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    square, whole = (runs / name / CHECKPOINT for name in ("square", "whole"))
    out = tmp_path / "bundle"
    assert export(capsys, "--checkpoint", square, "--whole", whole, "--out", out) == (0, "")
    assert (out / "README.md").read_text() == "# tiny pair\n"
    again = TwoViewModule(RECIPE["model"]["spec"], "both", initial_checkpoint=out).state_dict()
    for path, part in ((square, "network.crop.backbone"), (whole, "network.whole.locator")):
        trained = torch.load(path, weights_only=True)["state_dict"]
        for name in (name for name in trained if name.startswith(part)):
            if not name.endswith("num_batches_tracked"):
                torch.testing.assert_close(again[name], trained[name], atol=1e-3, rtol=1e-2)
    clip = write_clip(tmp_path / "clip.mp4", "mp4v", frames=16, fps=8.0)
    done = run_demo(
        *("--source", clip, "--model", out, "--headless", "--events", "-", "--engine", "onnx"),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    predictions = [event for event in events_in(done.stdout) if event["type"] == "prediction"]
    assert len(predictions) == 16


@pytest.mark.parametrize(
    ("first", "second", "complaint"),
    [
        ("square", None, "holds the square alone; give that of the whole view with --whole."),
        ("whole", None, "holds the whole view alone"),
        ("square", "square", "holds no trained whole view"),
    ],
)
def test_a_missing_view_is_told(
    first: str,
    second: str | None,
    complaint: str,
    runs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = () if second is None else ("--whole", runs / second / CHECKPOINT)
    code, told = export(
        capsys, "--checkpoint", runs / first / CHECKPOINT, "--out", tmp_path / "bundle", *more
    )
    assert code == 1
    assert complaint in told
    assert told.count("\n") == 1
    assert not (tmp_path / "bundle").exists()


def test_the_whole_view_of_another_network_is_told(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = torch.load(runs / "whole" / CHECKPOINT, weights_only=True)
    content["hyper_parameters"]["spec"]["whole"]["input_width"] = 96
    torch.save(content, tmp_path / "other.ckpt")
    square = runs / "square" / CHECKPOINT
    code, told = export(
        capsys,
        *("--checkpoint", square, "--whole", tmp_path / "other.ckpt", "--out", tmp_path / "b"),
    )
    assert code == 1
    assert "model.spec.whole.input_width (96 there, 64 here)" in told


def test_bad_input_is_told_in_one_sentence(data: Path, runs: Path, tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, data)
    handless = write_hands(tmp_path / "handless", 8)
    (handless / "hands.npz").unlink()
    square = runs / "square" / CHECKPOINT
    for options, code, complaint in (
        (("--data.root", str(handless)), 1, "has no hands.npz"),
        (("--model.trains", "neither"), 2, "model.trains"),
        (("--model.spec.crop", "{input_height: 32, input_width: 48}"), 2, "must be a square"),
        (("--model.spec.widht", "1"), 2, "unknown field `widht`"),
        (
            ("--model.initial_checkpoint", str(square), "--model.spec.width", "0.25"),
            1,
            "does not fit the recipe's model",
        ),
        (
            ("--ckpt_path", str(square), "--model.spec.place_hidden", "16"),
            1,
            "model.spec.place_hidden (8 there, 16 in the recipe)",
        ),
    ):
        found, told = fit(recipe, *options)
        assert complaint in told
        assert told.count("\n") == 1
        assert found == code
