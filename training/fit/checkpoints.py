"""Checkpoints that a run survives on: whole on disk at any moment, and exact to resume from."""

from __future__ import annotations

import io
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch
from lightning import LightningModule, Trainer
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.pytorch.callbacks import Callback, Checkpoint, ModelCheckpoint
from torch import Tensor

from models.bundle import load_bundle
from models.errors import ModelError
from models.files import PARTIAL, write_file
from models.network.adafuse import AdaFuse
from training.data.order import run_seed
from training.fit.callbacks import all_finite, check_weights

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
        write_file(target, buffer.getbuffer(), durable=True)


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


NETWORK = "network."
"""Where the network's weights are in a checkpoint."""

RESUMED = {"optimizer_states", "lr_schedulers", "loops", "pytorch-lightning_version"}
"""What a run goes on with."""


@dataclass(frozen=True)
class FittedCheckpoint:
    """What a checkpoint holds of the network.

    Attributes:
        spec: Fields of its description.
        weights: Its tensors, under the network's own names.
        resumable: Whether it holds what a run goes on with, such as the optimiser's state.
    """

    spec: dict[str, Any]
    weights: dict[str, Tensor]
    resumable: bool


def read_checkpoint(path: Path) -> FittedCheckpoint:
    """Read a checkpoint.

    Raises:
        ModelError: The file is missing, damaged or something else, or its weights are no numbers.
    """
    content = _content(path)
    try:
        spec = dict(content["hyper_parameters"]["spec"])
        weights = {
            name.removeprefix(NETWORK): value for name, value in content["state_dict"].items()
        }
        finite = all_finite(weights)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{path} was not written by 'python -m training fit': it does not describe a model."
        ) from error
    if not finite:
        raise ModelError(
            f"The weights in {path} are not finite: its run has diverged; take another one."
        )
    return FittedCheckpoint(spec, weights, resumable=content.keys() >= RESUMED)


def _content(path: Path) -> Any:
    try:
        if path.is_dir():
            raise ModelError(f"{path} is a folder; give a checkpoint, a file such as last.ckpt.")
        with path.open("rb") as file:
            content = torch.load(file, map_location="cpu", weights_only=True)
        # PyTorch does not look at the checksums, and a wrong bit would become a wrong weight.
        with ZipFile(path) as archive:
            damaged = archive.testzip()
    except OSError as error:
        # PyTorch's own has no name of a file, and comes of one that is cut off.
        reason = f"cannot be read ({error.strerror})" if error.filename else "is damaged"
        raise ModelError(f"The checkpoint {path} {reason}.") from error
    except ModelError:
        raise
    except Exception as error:
        # torch.load raises anything from KeyError to UnpicklingError on a file that is none.
        raise ModelError(
            f"{path} is damaged, or is not a checkpoint of 'python -m training fit'."
        ) from error
    if damaged is not None:
        raise ModelError(f"The checkpoint {path} is damaged.")
    return content


POLICIES = "policies."


def _bundle_weights(folder: Path) -> dict[str, Tensor]:
    weights = load_bundle(folder).weights()
    return {name: torch.from_numpy(value).float() for name, value in weights.items()}


def start_from(network: AdaFuse, checkpoint: Path) -> None:
    """Take over the weights of another run; policies that either side lacks are passed over.

    Args:
        network: Changed in place.
        checkpoint: Written by `fit`, or the folder of a bundle.

    Raises:
        ModelError: The file is no checkpoint, or one of another network.
    """
    weights = (
        _bundle_weights(checkpoint) if checkpoint.is_dir() else read_checkpoint(checkpoint).weights
    )
    try:
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:  # tensors of another shape
        raise ModelError(
            f"The checkpoint {checkpoint} does not fit the recipe's model: other sizes."
        ) from error
    # Counters of batches, which bundles do not hold, change nothing but how often they were asked.
    needed = [name for name in missing if not name.endswith("num_batches_tracked")]
    wrong = [name for name in needed + unexpected if not name.startswith(POLICIES)]
    if wrong:
        raise ModelError(
            f"The checkpoint {checkpoint} does not fit the recipe's model: {', '.join(wrong[:3])}."
        )
