"""Says how far a run is and when it will end: a bar on a terminal, lines in a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TextIO

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, TQDMProgressBar
from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor
from tqdm import tqdm

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
