"""What a recipe cannot mean is told before anything is read or written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.training.fit.fit_process import write_recipe
from training.cli import main


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "argv", ["training"])
    return write_recipe(tmp_path / "run", tmp_path / "nowhere")


def refused(recipe: Path, key: str, value: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run with one more key, and return the sentence."""
    with pytest.raises(SystemExit) as caught:
        main(["fit", "--config", str(recipe), f"--{key}", value])
    assert caught.value.code == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert key in told
    assert [path.name for path in recipe.parent.iterdir()] == [recipe.name]
    return told


@pytest.mark.parametrize(
    ("key", "value", "limits"),
    [
        ("data.batch_size", "0", ">0"),
        ("data.batch_size", "-4", ">0"),
        ("data.workers", "-1", ">=0"),
        ("model.learning_rate", "-1", ">=0"),
        ("model.weight_decay", "-1", ">=0"),
        ("model.dropout", "1", "<1"),
        ("model.cost_weight", "-1", ">=0"),
        ("data.evaluation_crop.share", "0", ">0"),
        ("data.evaluation_crop.share", "3", "<=1"),
        ("trainer.max_epochs", "0", "at least 1"),
        ("trainer.accumulate_grad_batches", "0", "above 0"),
        ("trainer.check_val_every_n_epoch", "0", "above 0"),
        ("trainer.limit_train_batches", "0", "above 0"),
        ("trainer.gradient_clip_val", "-3", "0 or more"),
        ("trainer.val_check_interval", "0", "above 0"),
        ("trainer.precision", "bf16-true", "bf16-mixed"),
        ("trainer.max_steps", "0", "at least 1"),
        ("model.label_smoothing", "3", "<=1"),
        ("model.momentum", "5", "<=1"),
        ("model.target_fraction", "5", "<=1"),
        ("seed_everything", "-3", "0 to 4294967295"),
        ("early_stopping", "0", "at least 1"),
        ("early_stopping", "-3", "at least 1"),
        ("save_every_minutes", "-1", ">=0"),
    ],
)
def test_a_number_out_of_range_is_told_with_its_key_and_its_range(
    key: str, value: str, limits: str, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert limits in refused(recipe, key, value, capsys)


def test_a_recipe_that_is_no_text_is_told(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe.write_bytes(recipe.read_text().encode("utf-16"))
    with pytest.raises(SystemExit) as caught:
        main(["fit", "--config", str(recipe)])
    assert caught.value.code == 2
    assert "--config is not a recipe: it is not UTF-8 text" in capsys.readouterr().err


def test_a_run_without_an_end_is_told(recipe: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe.write_text(recipe.read_text().replace("  max_epochs: 2\n", ""))
    with pytest.raises(SystemExit) as caught:
        main(["fit", "--config", str(recipe)])
    assert caught.value.code == 2
    assert "give trainer.max_epochs or trainer.max_steps" in capsys.readouterr().err


def test_more_processes_than_cores_are_refused(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("training.fit.recipe.usable_cores", lambda: 2)
    assert "1 to 2 on the CPU" in refused(recipe, "trainer.devices", "64", capsys)
