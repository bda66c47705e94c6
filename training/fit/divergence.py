"""Stops a run that has diverged, before it is saved over what it was before."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from models.errors import ModelError

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
