"""Reads the checkpoints that `fit` writes: tensors and plain values, nothing is unpickled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import torch
from torch import Tensor

from models.errors import ModelError
from training.fit.divergence import all_finite

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
