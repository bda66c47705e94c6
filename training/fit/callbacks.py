"""The callbacks of a run: its seeds, its progress, its checkpoints, and when it stops."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, Checkpoint, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor
from tqdm import tqdm

from models.errors import ModelError
from models.files import PARTIAL
from training.data.loader import run_seed
from training.fit.checkpoints import BEST, LAST, all_finite

FIGURES = (
    ("accuracy", "{:.1%} accuracy"),
    ("flops_fraction", "{:.1%} of the cost"),
    ("gflops_per_clip", "{:.3f} GFLOPs a clip"),
    ("keep", "{:.1%} kept"),
    ("reuse", "{:.1%} reused"),
    ("skip", "{:.1%} skipped"),
)
"""The figures that are reported: their names in the module, and how they read."""

EPOCH_FIGURES = 2
"""How many of them the line of an epoch shows."""

ADVICE = (
    "what was saved before is as it was; start anew with a lower model.learning_rate or with "
    "trainer.gradient_clip_val."
)


class StepSeeds(Callback):
    """Seeds every batch by its place in the run, so that no generator's state need be kept.

    What is drawn in a step, such as actions and dropout, then follows from the run's seed, the
    epoch, the batch and the process alone, before a kill as after it.
    """

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Seed PyTorch, NumPy and Python."""
        place = (run_seed(), trainer.current_epoch, batch_idx, trainer.global_rank)
        seed = int(np.random.SeedSequence(place).generate_state(1, np.uint32)[0])
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)


def progress_callback() -> Callback:
    """Return what suits the place that messages go to."""
    return RunBar() if sys.stderr.isatty() else EpochLines()


class RunBar(TQDMProgressBar):
    """Lightning's bar of an epoch, with the time that the whole run still takes."""

    def __init__(self) -> None:
        super().__init__()
        self._clock = _Clock()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin to count the time."""
        super().on_train_start(trainer, pl_module)
        self._clock.start(trainer)

    def get_metrics(
        self, trainer: Trainer, pl_module: LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """Return what stands behind the bar."""
        shown = super().get_metrics(trainer, pl_module)
        left = self._clock.left(trainer) if trainer.training else None
        return shown if left is None else {**shown, "run_left": left}


class EpochLines(Callback):
    """Prints one line for each epoch, where a bar would fill a file with its movements."""

    def __init__(self) -> None:
        self._clock = _Clock()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin to count the time."""
        self._clock.start(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Print the line."""
        figures = [f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}"]
        figures += figures_in_words(trainer.callback_metrics, "val")[:EPOCH_FIGURES]
        left = self._clock.left(trainer)
        if left is not None:
            figures.append(f"{left} left")
        tell(", ".join(figures))


class BestCheckpoint(ModelCheckpoint):
    """Keeps the state with the best accuracy on the validation clips.

    Lightning forgets which one that is when the folder of a run was moved, and would overwrite it
    with a worse one.

    Args:
        resumes: Whether the run goes on in the folder that holds its best checkpoint; another
            begins to compare anew.
    """

    def __init__(self, *, resumes: bool) -> None:
        super().__init__(
            monitor="val/accuracy",
            mode="max",
            filename=Path(BEST).stem,
            enable_version_counter=False,
        )
        self._resumes = resumes

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what a checkpoint knows of the best one, wherever that is now."""
        if not self._resumes:
            return
        here = str(self.dirpath)
        paths = {
            str(Path(here) / Path(path).name): score
            for path, score in state_dict["best_k_models"].items()
        }
        moved = {"dirpath": here, "best_k_models": paths}
        for key in ("best_model_path", "kth_best_model_path", "last_model_path"):
            if state_dict[key]:
                moved[key] = str(Path(here) / Path(state_dict[key]).name)
        super().load_state_dict({**state_dict, **moved})


class LastCheckpoint(Checkpoint):
    """Saves the newest state every few minutes, and at the end of every epoch.

    Args:
        every_minutes: How much work may be lost; 0 saves after every step.
    """

    def __init__(self, every_minutes: float) -> None:
        self._interval_s = 60 * every_minutes
        self._saved_at_s = 0.0
        self._step = 0
        self._path: Path | None = None

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Find the folder, which all processes must ask for together; tidy up after a kill."""
        self._path = Path(trainer.log_dir or trainer.default_root_dir) / "checkpoints" / LAST
        if stage == "fit" and trainer.is_global_zero:
            for half_written in self._path.parent.glob(f"{PARTIAL}*.ckpt"):
                half_written.unlink(missing_ok=True)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin to count the time."""
        self._saved_at_s = time.monotonic()
        self._step = trainer.global_step

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Save if it is time, but never between the gradients of one step, which would be lost."""
        stepped = trainer.global_step != self._step
        self._step = trainer.global_step
        if not stepped or trainer.is_last_batch:
            return
        due = time.monotonic() - self._saved_at_s >= self._interval_s
        # Clocks differ: all processes have to do what the first one says.
        if trainer.strategy.broadcast(due):
            check_weights(pl_module)
            self._save(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save, after validation."""
        self._save(trainer)

    def _save(self, trainer: Trainer) -> None:
        assert self._path is not None, "Lightning calls setup first"
        trainer.save_checkpoint(self._path)
        self._saved_at_s = time.monotonic()


class StopsDiverged(Callback):
    """Ends a run whose weights are spoilt before it is validated, and with that saved."""

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Look before a checkpoint can become the best one."""
        check_weights(pl_module)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Look before a checkpoint is saved, in a run without validation too."""
        check_weights(pl_module)


class ValidatesLastStep(Callback):
    """Asks for a validation after the last of `trainer.max_steps`.

    Lightning validates at the end of an epoch, which such a run may never reach: its last accuracy
    would be that of an earlier epoch, or none, and so would its best checkpoint.
    """

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """End the run in Lightning's own way of stopping, which validates."""
        if 0 < trainer.max_steps <= trainer.global_step:
            trainer.should_stop = True


def check_loss(loss: Tensor, step: int) -> None:
    """Refuse to learn from a loss that is no number.

    Args:
        loss: Of one training batch.
        step: Steps of the optimiser that were made before.

    Raises:
        ModelError: It is infinite, or not a number.
    """
    if not bool(torch.isfinite(loss)):
        raise ModelError(
            f"The run has diverged: the loss of step {step + 1} is {float(loss)}; {ADVICE}"
        )


def check_weights(module: LightningModule) -> None:
    """Refuse to save or validate weights that are no numbers.

    Raises:
        ModelError: One is infinite, or not a number.
    """
    if not all_finite(module.state_dict()):
        raise ModelError(f"The run has diverged: its weights are no longer finite; {ADVICE}")


def figures_in_words(metrics: Mapping[str, Tensor], stage: str) -> list[str]:
    """Return the figures that there are.

    Args:
        metrics: As Lightning collected them.
        stage: "val" or "test".
    """
    found = ((words, metrics.get(f"{stage}/{name}")) for name, words in FIGURES)
    return [words.format(float(value)) for words, value in found if value is not None]


@rank_zero_only
def tell(sentence: str, where: TextIO | None = None) -> None:
    """Print a sentence once, however many processes there are; to standard error by default."""
    print(sentence, file=where or sys.stderr, flush=True)


class _Clock:
    """Estimates how long a run still takes, from the batches that it has done since its start."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()
        self._first = 0

    def start(self, trainer: Trainer) -> None:
        """Begin; a run that resumes has done some batches already."""
        self._started_s = time.monotonic()
        self._first = trainer.fit_loop.total_batch_idx + 1

    def left(self, trainer: Trainer) -> str | None:
        """Return the time left as text, or None if nothing tells."""
        done = trainer.fit_loop.total_batch_idx + 1
        total = (trainer.max_epochs or -1) * float(trainer.num_training_batches)
        if trainer.max_steps > 0:
            total = min(total, trainer.max_steps * trainer.accumulate_grad_batches)
        if done <= self._first or not 0 < total < float("inf"):
            return None
        batch_s = (time.monotonic() - self._started_s) / (done - self._first)
        return tqdm.format_interval(int(batch_s * max(0.0, total - done)))
