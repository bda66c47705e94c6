"""Says how far a run is and when it will end: a bar on a terminal, lines in a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, TQDMProgressBar
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor
from tqdm import tqdm

from models.errors import ModelError

FIGURES = (
    ("accuracy", "{:.1%} accuracy"),
    ("flops_fraction", "{:.1%} of the cost"),
    ("gflops_per_clip", "{:.3f} GFLOPs a clip"),
    ("keep", "{:.1%} kept"),
    ("reuse", "{:.1%} reused"),
    ("skip", "{:.1%} skipped"),
)
"""What a validation is told by: names of the module's figures, and their words."""

IN_AN_EPOCH = 2
"""How many of these stand in the line of an epoch."""


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
        figures += figures_in_words(trainer.callback_metrics, "val")[:IN_AN_EPOCH]
        left = self._clock.left(trainer)
        if left is not None:
            figures.append(f"{left} left")
        tell(", ".join(figures))


def progress_callback() -> Callback:
    """Return what suits the place that messages go to."""
    return RunBar() if sys.stderr.isatty() else EpochLines()


ADVICE = (
    "what was saved before is as it was; start anew with a lower model.learning_rate or with "
    "trainer.gradient_clip_val."
)


def all_finite(weights: Mapping[str, Tensor]) -> bool:
    """Return whether every number is one."""
    return all(bool(torch.isfinite(value).all()) for value in weights.values())


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
