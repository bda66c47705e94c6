"""Starts a network from the checkpoint of another run."""

from __future__ import annotations

from pathlib import Path

import torch

from models.adafuse import AdaFuse
from models.errors import ModelError

NETWORK = "network."
"""Where the network's weights are in a checkpoint of a fit."""

POLICIES = "policies."


def start_from(network: AdaFuse, checkpoint: Path) -> None:
    """Take over the weights of another run; policies that either side lacks are passed over.

    Args:
        network: Changed in place.
        checkpoint: Written by `fit`.

    Raises:
        ModelError: The file is no checkpoint, or one of another network.
    """
    try:
        content = torch.load(checkpoint, map_location="cpu", weights_only=True)
        weights = content["state_dict"]
    except Exception as error:
        # torch.load raises anything from KeyError to UnpicklingError on a file that is none.
        raise ModelError(f"{checkpoint} is missing or is not a checkpoint of a fit.") from error
    weights = {name.removeprefix(NETWORK): value for name, value in weights.items()}
    try:
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:  # tensors of another shape
        raise ModelError(
            f"The checkpoint {checkpoint} does not fit the recipe's model: other sizes."
        ) from error
    wrong = [name for name in missing + unexpected if not name.startswith(POLICIES)]
    if wrong:
        raise ModelError(
            f"The checkpoint {checkpoint} does not fit the recipe's model: {', '.join(wrong[:3])}."
        )
