"""The checkpoints of a run: written atomically, and checked when read.

Lightning would report a damaged file in PyTorch's words. So a checkpoint is read before anything is
built from it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import torch
from lightning.fabric.plugins import TorchCheckpointIO
from torch import Tensor, nn

from models.errors import ModelError
from models.files import write_file
from models.two_views.bundle import load_any_bundle

LOGS = "lightning_logs"
"""Folder of all runs, under the recipe's `trainer.default_root_dir`."""

LAST = "last.ckpt"
"""The newest state of a run, from which it resumes."""

BEST = "best.ckpt"
"""Its state with the best accuracy on the validation clips."""

NETWORK_PREFIX = "network."
"""Before the names of the network's weights in a checkpoint."""

POLICIES = re.compile(r"((whole|crop)\.)?policies\.")
"""How the names of the policies' weights begin in a network, of one view or of two."""

RESUMED = {"optimizer_states", "lr_schedulers", "loops", "pytorch-lightning_version"}
"""Entries of a checkpoint that a run resumes with."""


class AtomicCheckpointIO(TorchCheckpointIO):
    """Puts a checkpoint in place only when all of it is on the disk.

    Lightning writes to the system's temporary folder and moves the file from there, which copies it
    if that is another disk, and so may leave half a file.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Write a checkpoint.

        Raises:
            OSError: The disk is full, or the folder cannot be written; an older checkpoint of the
                same name is still whole.
        """
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(target, buffer.getbuffer(), durable=True)


@dataclass(frozen=True)
class FittedCheckpoint:
    """The network in a checkpoint.

    Attributes:
        spec: Fields of its description.
        weights: Its tensors, under the network's own names.
        training_weights: Tensors that serve training alone, under the module's names.
        trained: Which views were trained, of a network of two; None of a network of one.
        resumable: Whether the checkpoint also holds what a run resumes with, such as the
            optimizer's state.
    """

    spec: dict[str, Any]
    weights: dict[str, Tensor]
    training_weights: dict[str, Tensor]
    trained: str | None
    resumable: bool


def read_checkpoint(path: Path) -> FittedCheckpoint:
    """Read a checkpoint.

    Raises:
        ModelError: The file is missing, damaged or not a checkpoint, or its weights are not finite.
    """
    content = read_content(path)
    try:
        described = content["hyper_parameters"]
        spec, trained = dict(described["spec"]), described.get("trains")
        held = dict(content["state_dict"])
        finite = all_finite(held)
        weights = {
            name.removeprefix(NETWORK_PREFIX): held.pop(name)
            for name in list(held)
            if name.startswith(NETWORK_PREFIX)
        }
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{path} was not written by 'python -m training fit': it does not describe a model."
        ) from error
    if not finite:
        raise ModelError(
            f"The weights in {path} are not finite: its run has diverged; use another checkpoint."
        )
    return FittedCheckpoint(spec, weights, held, trained, resumable=content.keys() >= RESUMED)


def take_weights(network: nn.Module, weights: Mapping[str, Tensor], checkpoint: Path) -> None:
    """Load all weights of a checkpoint into the network that it describes.

    Args:
        network: Changed in place.
        weights: Under the network's own names.
        checkpoint: Where they come from, for messages.

    Raises:
        ModelError: They are those of another network.
    """
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ModelError(
            f"The weights in {checkpoint} are not those of the network that it describes."
        ) from error


def start_from(network: nn.Module, checkpoint: Path) -> dict[str, Tensor]:
    """Load the weights of another run, without policies that either side lacks.

    Args:
        network: Changed in place.
        checkpoint: A checkpoint of `fit`, or the folder of a bundle.

    Returns:
        What else the checkpoint holds for training alone, under the module's names.

    Raises:
        ModelError: It is not a checkpoint, or holds another network.
    """
    more: dict[str, Tensor] = {}
    if checkpoint.is_dir():
        weights = _bundle_weights(checkpoint)
    else:
        held = read_checkpoint(checkpoint)
        weights, more = held.weights, held.training_weights
    try:
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:  # tensors of another shape
        raise ModelError(
            f"The checkpoint {checkpoint} does not fit the recipe's model: its sizes differ."
        ) from error
    # Bundles hold no counters of batches, on which no result depends.
    needed = [name for name in missing if not name.endswith("num_batches_tracked")]
    wrong = [name for name in needed + unexpected if not POLICIES.match(name)]
    if wrong:
        raise ModelError(
            f"The checkpoint {checkpoint} does not fit the recipe's model: {', '.join(wrong[:3])}."
        )
    return more


@dataclass(frozen=True)
class EarlierRun:
    """A run on disk.

    Attributes:
        version: The N of its folder `version_N`.
        folder: Its folder.
    """

    version: int
    folder: Path

    @property
    def checkpoint(self) -> Path:
        """The file of its newest state."""
        return self.folder / "checkpoints" / LAST


def find_earlier_run(root: Path) -> EarlierRun | None:
    """Return the newest run under `root` that has a checkpoint, or None.

    A start that failed, for instance with a mistyped data folder, leaves a newer folder without a
    checkpoint, which must not hide the run to resume.
    """
    runs = (
        EarlierRun(int(match[1]), folder)
        for folder in (root / LOGS).glob("version_*")
        if (match := re.fullmatch(r"version_(\d+)", folder.name))
    )
    saved = (run for run in runs if run.checkpoint.is_file())
    return max(saved, key=lambda run: run.version, default=None)


def all_finite(weights: Mapping[str, Tensor]) -> bool:
    """Return whether no value is infinite or not a number."""
    return all(bool(torch.isfinite(value).all()) for value in weights.values())


def read_content(path: Path) -> Any:
    """Read what a file of `AtomicCheckpointIO` holds.

    Raises:
        ModelError: It is missing or damaged, or holds more than plain values and tensors.
    """
    try:
        if path.is_dir():
            raise ModelError(f"{path} is a folder; give a checkpoint file, such as last.ckpt.")
        with path.open("rb") as file:
            content = torch.load(file, map_location="cpu", weights_only=True)
        # PyTorch does not verify the checksums, and a flipped bit would become a wrong weight.
        with ZipFile(path) as archive:
            damaged = archive.testzip()
    except OSError as error:
        # PyTorch raises one without a file name for a truncated file.
        reason = f"cannot be read ({error.strerror})" if error.filename else "is damaged"
        raise ModelError(f"The checkpoint {path} {reason}.") from error
    except ModelError:
        raise
    except Exception as error:
        # torch.load raises anything from KeyError to UnpicklingError on other files.
        raise ModelError(
            f"{path} is damaged or not a checkpoint of 'python -m training fit'."
        ) from error
    if damaged is not None:
        raise ModelError(f"The checkpoint {path} is damaged.")
    return content


def _bundle_weights(folder: Path) -> dict[str, Tensor]:
    weights = load_any_bundle(folder).weights()
    return {name: torch.from_numpy(value).float() for name, value in weights.items()}
