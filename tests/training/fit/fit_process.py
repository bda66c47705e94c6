"""Runs the training command in processes that start quickly, and may be killed or work together."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback

KILL = "TEST_KILL"
WEIGHTS = "TEST_WEIGHTS"

RECIPE = """
seed_everything: 3
model:
  spec:
    name: tiny
    backbone: resnet18
    width: 0.125
    method: tsm
    policy: {{hidden: 8}}
    frame_interval_s: 0.08333333333333333
    input_height: 32
    input_width: 32
data:
  root: {data}/train
  val_root: {data}/val
  batch_size: 4
  workers: 0
trainer:
  default_root_dir: {runs}
  accelerator: cpu
  max_epochs: 2
  callbacks:
    - class_path: tests.training.fit.fit_process.KillsItself
    - class_path: tests.training.fit.fit_process.KeepsWeights
"""


class KillsItself(Callback):
    """Ends the process by SIGKILL at the moment that the environment names, such as `train 3`."""

    def _at(self, moment: str) -> None:
        if os.environ.get(KILL) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        self._at(f"train {trainer.fit_loop.total_batch_idx}")

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._at(f"validation {trainer.current_epoch}")

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._at(f"epoch {trainer.current_epoch}")


class KeepsWeights(Callback):
    """Writes what each process saw and learnt, at the end, where the environment says."""

    def __init__(self) -> None:
        self._seen: list[float] = []

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        self._seen.extend(float(clip.double().mean()) for clip in batch[0])

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if folder := os.environ.get(WEIGHTS):
            content = {"weights": pl_module.state_dict(), "seen": self._seen}
            torch.save(content, Path(folder) / f"{trainer.global_rank}.pt")


def write_recipe(folder: Path, data: Path) -> Path:
    """Write the recipe of a run that goes to `folder`."""
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text(RECIPE.format(data=data, runs=folder))
    return folder / "recipe.yaml"


def start(arguments: list[str], environment: Mapping[str, str], errors: Path) -> BaseProcess:
    """Start `python -m training`; what it prints and what it complains of go to one file."""
    context: ForkServerContext | SpawnContext
    if sys.platform == "win32":
        context = multiprocessing.get_context("spawn")
    else:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["training.fit.command"])
    process = context.Process(target=_main, args=(arguments, dict(environment), str(errors)))
    process.start()
    return process


def fit_to_the_end(data: Path, *changes: str) -> list[str]:
    """Run a whole fit over `data`, which writes to its folder `runs`; return what it prints."""
    recipe, errors = write_recipe(data / "runs", data), data / "errors.txt"
    process = start(["fit", "--config", str(recipe), *changes], {}, errors)
    process.join(100)
    assert process.exitcode == 0, errors.read_text()
    return errors.read_text().splitlines()


def _main(arguments: list[str], environment: dict[str, str], errors: str) -> None:
    os.environ.update(environment)
    with Path(errors).open("w") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    sys.argv = ["training"]
    torch.set_num_threads(1)
    from training.cli import main

    sys.exit(main(arguments))
