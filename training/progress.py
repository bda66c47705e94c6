"""Says how far a run is and when it will end: a bar on a terminal, lines in a file."""

from __future__ import annotations

import sys
import time

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback, TQDMProgressBar
from lightning.pytorch.utilities import rank_zero_only
from tqdm import tqdm


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

    @rank_zero_only
    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Print the line."""
        metrics = trainer.callback_metrics
        figures = [f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}"]
        for name, key in (("accuracy", "val/accuracy"), ("of the cost", "val/flops_fraction")):
            if key in metrics:
                figures.append(f"{float(metrics[key]):.1%} {name}")
        left = self._clock.left(trainer)
        if left is not None:
            figures.append(f"{left} left")
        print(", ".join(figures), file=sys.stderr, flush=True)


def progress_callback() -> Callback:
    """Return what suits the place that messages go to."""
    return RunBar() if sys.stderr.isatty() else EpochLines()
