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
    "its last checkpoint is unchanged; start a new run with a lower model.learning_rate or with "
    "trainer.gradient_clip_val."
)
"""What to do about a run that has diverged."""


class StepSeeds(Callback):
    """Seeds every batch by its position in the run, so that no generator's state must be saved.

    What is drawn in a step, such as actions and dropout, then depends only on the run's seed, the
    epoch, the batch and the process: a resumed run draws the same.
    """

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Seed PyTorch, NumPy and Python."""
        position = (run_seed(), trainer.current_epoch, batch_idx, trainer.global_rank)
        seed = int(np.random.SeedSequence(position).generate_state(1, np.uint32)[0])
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)


def progress_callback() -> Callback:
    """Return a bar for a terminal, or lines for a file."""
    return RunBar() if sys.stderr.isatty() else EpochLines()


class RunBar(TQDMProgressBar):
    """Lightning's bar of an epoch, with the remaining time of the whole run."""

    def __init__(self) -> None:
        super().__init__()
        self._clock = _Clock()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        super().on_train_start(trainer, pl_module)
        self._clock.start(trainer)

    def get_metrics(
        self, trainer: Trainer, pl_module: LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """Return the values that are shown behind the bar."""
        shown = super().get_metrics(trainer, pl_module)
        left = self._clock.left(trainer) if trainer.training else None
        return shown if left is None else {**shown, "run_left": left}


class EpochLines(Callback):
    """Prints one line per epoch: a bar would fill a file with its updates."""

    def __init__(self) -> None:
        self._clock = _Clock()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._clock.start(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Print the line."""
        figures = [f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}"]
        figures += figures_in_words(trainer.callback_metrics, "val")[:EPOCH_FIGURES]
        left = self._clock.left(trainer)
        if left is not None:
            figures.append(f"{left} left")
        report(", ".join(figures))


class BestCheckpoint(ModelCheckpoint):
    """Keeps the state with the best accuracy on the validation clips.

    If the folder of a run has moved, Lightning forgets its best checkpoint and would overwrite it
    with a worse one.
    """

    def __init__(self, *, resumes: bool) -> None:
        """Configure Lightning's callback.

        Args:
            resumes: Whether the run resumes in the folder of its best checkpoint; otherwise the
                comparison starts afresh.
        """
        super().__init__(
            monitor="val/accuracy",
            mode="max",
            filename=Path(BEST).stem,
            enable_version_counter=False,
        )
        self._resumes = resumes

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the best score and its checkpoint, wherever that is now."""
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
    """Saves the newest state every few minutes, and at the end of every epoch."""

    def __init__(self, every_minutes: float) -> None:
        """Start before the first step.

        Args:
            every_minutes: How much work may be lost, in minutes; 0 saves after every step.
        """
        self._interval_s = 60 * every_minutes
        self._saved_at_s = 0.0
        self._step = 0
        self._path: Path | None = None

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Find the folder, which all processes must do together, and clean up after a kill."""
        self._path = Path(trainer.log_dir or trainer.default_root_dir) / "checkpoints" / LAST
        if stage == "fit" and trainer.is_global_zero:
            for half_written in self._path.parent.glob(f"{PARTIAL}*.ckpt"):
                half_written.unlink(missing_ok=True)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
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
        """Save if it is due, but never while gradients accumulate, which would be lost."""
        stepped = trainer.global_step != self._step
        self._step = trainer.global_step
        if not stepped or trainer.is_last_batch:
            return
        due = time.monotonic() - self._saved_at_s >= self._interval_s
        # Clocks differ: all processes must do what the first one decides.
        if trainer.strategy.broadcast(due):
            check_weights(pl_module)
            self._save(trainer)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save, after the validation of the epoch."""
        self._save(trainer)

    def _save(self, trainer: Trainer) -> None:
        assert self._path is not None, "Lightning calls setup first"
        trainer.save_checkpoint(self._path)
        self._saved_at_s = time.monotonic()


class StopsDiverged(Callback):
    """Ends a run whose weights are no longer finite, before it is validated or saved."""

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Check the weights before a checkpoint can become the best one."""
        check_weights(pl_module)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Check the weights before a checkpoint is saved, in a run without validation too."""
        check_weights(pl_module)


class ValidatesLastStep(Callback):
    """Requests a validation after the last of `trainer.max_steps`.

    Lightning validates at the end of an epoch, which such a run may never reach: its last accuracy
    and its best checkpoint would be those of an earlier epoch, or missing.
    """

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Stop the run through Lightning's own flag, which validates first."""
        if 0 < trainer.max_steps <= trainer.global_step:
            trainer.should_stop = True


def check_loss(loss: Tensor, step: int) -> None:
    """Stop a run whose loss is not finite.

    Args:
        loss: Of one training batch.
        step: Steps of the optimizer so far.

    Raises:
        ModelError: It is infinite or not a number.
    """
    if not bool(torch.isfinite(loss)):
        raise ModelError(
            f"The run has diverged: the loss of step {step + 1} is {float(loss)}; {ADVICE}"
        )


def check_weights(module: LightningModule) -> None:
    """Stop a run whose weights are not finite.

    Raises:
        ModelError: A weight is infinite or not a number.
    """
    if not all_finite(module.state_dict()):
        raise ModelError(f"The run has diverged: its weights are no longer finite; {ADVICE}")


def figures_in_words(metrics: Mapping[str, Tensor], stage: str) -> list[str]:
    """Return the figures that were logged, in words.

    Args:
        metrics: As Lightning collects them.
        stage: "val" or "test".
    """
    found = ((words, metrics.get(f"{stage}/{name}")) for name, words in FIGURES)
    return [words.format(float(value)) for words, value in found if value is not None]


@rank_zero_only
def report(sentence: str, stream: TextIO | None = None) -> None:
    """Print a sentence from the first process alone, by default to standard error."""
    print(sentence, file=stream or sys.stderr, flush=True)


class _Clock:
    """Estimates the remaining time of a run from its batches since the start."""

    def __init__(self) -> None:
        self._started_s = time.monotonic()
        self._first = 0

    def start(self, trainer: Trainer) -> None:
        """Start; a run that resumes has done some batches already."""
        self._started_s = time.monotonic()
        self._first = trainer.fit_loop.total_batch_idx + 1

    def left(self, trainer: Trainer) -> str | None:
        """Return the remaining time as text, or None where it cannot be estimated."""
        done = trainer.fit_loop.total_batch_idx + 1
        total = (trainer.max_epochs or -1) * float(trainer.num_training_batches)
        if trainer.max_steps > 0:
            total = min(total, trainer.max_steps * trainer.accumulate_grad_batches)
        if done <= self._first or not 0 < total < float("inf"):
            return None
        batch_s = (time.monotonic() - self._started_s) / (done - self._first)
        return tqdm.format_interval(int(batch_s * max(0.0, total - done)))
