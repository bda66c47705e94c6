"""Reads the checkpoints that `fit` writes: tensors and plain values, nothing is unpickled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.errors import ModelError

NETWORK = "network."
"""Where the network's weights are in a checkpoint."""


@dataclass(frozen=True)
class FittedCheckpoint:
    """What a checkpoint holds of the network.

    Attributes:
        spec: Fields of its description.
        weights: Its tensors, under the network's own names.
    """

    spec: dict[str, Any]
    weights: dict[str, Tensor]


def read_checkpoint(path: Path) -> FittedCheckpoint:
    """Read a checkpoint.

    Raises:
        ModelError: The file is missing or is none.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        spec = content.get("hyper_parameters", {}).get("spec", {})
        weights = {
            name.removeprefix(NETWORK): value for name, value in content["state_dict"].items()
        }
    except Exception as error:
        # torch.load raises anything from KeyError to UnpicklingError on a file that is none.
        raise ModelError(
            f"{path} is missing or is not a checkpoint of 'python -m training fit'."
        ) from error
    return FittedCheckpoint(spec, weights)
