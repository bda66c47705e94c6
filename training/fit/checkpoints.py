"""Checkpoints that a run survives on: whole on disk at any moment, and exact to resume from."""

from __future__ import annotations

import io
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning import LightningModule, Trainer
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.pytorch.callbacks import Callback, Checkpoint, ModelCheckpoint

from training.data.order import run_seed
from training.fit.divergence import check_weights

LAST = "last.ckpt"
"""The newest state of a run, from which it resumes."""

BEST = "best.ckpt"
"""Its state with the best accuracy on the validation clips."""


class AtomicCheckpointIO(TorchCheckpointIO):
    """Puts a checkpoint in place only when all of it is on the disk.

    Lightning writes beside the system's temporary files and moves from there, which copies, and so
    may leave half a file, where that is another disk.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write a checkpoint.

        Raises:
            OSError: There is no room, or the folder cannot be written; an older checkpoint of the
                same name is still whole.
        """
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(buffer.getbuffer())
                file.flush()
                os.fsync(file.fileno())
            # As open to others as any file; a temporary one is private.
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)  # noqa: PTH101
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


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
            for half_written in self._path.parent.glob(".*.ckpt-*"):
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
