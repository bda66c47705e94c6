"""Starts a network from the checkpoint of another run, or from a bundle."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from models.bundle import load_bundle
from models.errors import ModelError
from models.network.adafuse import AdaFuse
from training.fit.fitted_checkpoint import read_checkpoint

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
