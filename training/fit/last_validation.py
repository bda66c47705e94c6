"""A run that ends within an epoch is validated there, too."""

from __future__ import annotations

from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback


class ValidatesLastStep(Callback):
    """Asks for a validation after the last of `trainer.max_steps`.

    Lightning validates at the end of an epoch, which such a run may never reach: its last accuracy
    would be that of an earlier epoch, or none, and so would its best checkpoint.
    """

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """End the run in Lightning's own way of stopping, which validates."""
        if 0 < trainer.max_steps <= trainer.global_step:
            trainer.should_stop = True
