"""A run that diverged ends, and what it saved before stays; nothing is made of its weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import torch
from lightning import Trainer

from models.errors import ModelError
from tests.training.fit.test_module import FIELDS, batch
from training.cli import main
from training.fit.callbacks import LastCheckpoint, StopsDiverged
from training.fit.module import AdaFuseModule


class Saves:
    """Stands for a trainer that has just made a step, and counts what is saved."""

    global_step = 1
    is_last_batch = False
    is_global_zero = True
    strategy = SimpleNamespace(broadcast=lambda value: value)

    def __init__(self, log_dir: Path) -> None:
        self.log_dir = log_dir
        self.saved = 0

    def save_checkpoint(self, path: Path) -> None:
        self.saved += 1


def spoilt() -> AdaFuseModule:
    module = AdaFuseModule(FIELDS)
    with torch.no_grad():
        next(module.parameters())[0].fill_(float("nan"))
    return module


def test_a_loss_that_is_no_number_ends_the_run() -> None:
    clips, labels = batch()
    clips[0, 0, 0, 0, 0] = float("inf")
    with pytest.raises(ModelError, match="diverged: the loss of step 1 is nan") as caught:
        AdaFuseModule(FIELDS).training_step((clips, labels), 0)
    assert "\n" not in str(caught.value)


def hooks(module: AdaFuseModule, trainer: Trainer) -> list[Callable[[], None]]:
    """Return what comes before every way in which a checkpoint is written."""
    last, guard = LastCheckpoint(every_minutes=0), StopsDiverged()
    last.setup(trainer, module, "fit")
    return [
        lambda: last.on_train_batch_end(trainer, module, None, None, 0),
        lambda: guard.on_validation_start(trainer, module),
        lambda: guard.on_train_epoch_end(trainer, module),
    ]


def test_spoilt_weights_are_neither_validated_nor_saved(tmp_path: Path) -> None:
    trainer = Saves(tmp_path)
    for hook in hooks(spoilt(), cast("Trainer", trainer)):
        with pytest.raises(ModelError, match="diverged"):
            hook()
    assert trainer.saved == 0
    for hook in hooks(AdaFuseModule(FIELDS), cast("Trainer", trainer)):
        hook()
    assert trainer.saved == 1


def test_spoilt_weights_do_not_become_a_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = spoilt()
    content = {"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}
    torch.save(content, tmp_path / "last.ckpt")
    out = tmp_path / "bundle"
    assert main(["export", "--checkpoint", str(tmp_path / "last.ckpt"), "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "not finite" in told
    assert not out.exists()
