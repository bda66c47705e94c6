"""What every Lightning module of ours shares: optimizer, schedule, and how figures are logged."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, Literal

from lightning import LightningModule
from torch import Tensor

from models.errors import ModelError
from training.fit.callbacks import check_loss
from training.fit.optimizing import OneCycle, OptimizerKind, Schedule, build_optimizer
from training.number_types import ClosedUnitInterval, NonNegativeFloat


class LearningModule(LightningModule):
    """Learns from batches, tuples whose last entry is the labels, of shape (B,)."""

    def __init__(
        self,
        optimizer: Literal["adamw", "sgd"] = "adamw",
        learning_rate: NonNegativeFloat = 3e-3,
        weight_decay: NonNegativeFloat = 0.05,
        momentum: ClosedUnitInterval = 0.9,
        schedule: Schedule | None = None,
    ) -> None:
        """Take the options.

        Args:
            optimizer: Which optimizer.
            learning_rate: The highest learning rate; the schedule decides when it applies.
            weight_decay: For matrices and convolutions.
            momentum: For SGD.
            schedule: How the learning rate changes over the run; `OneCycle` by default.
        """
        super().__init__()
        self._optimizer = OptimizerKind(optimizer)
        # Plain floats: a checkpoint holds the optimizer's values, and numbers of jsonargparse's
        # classes could not be read back without unpickling.
        self._learning_rate = float(learning_rate)
        self._weight_decay = float(weight_decay)
        self._momentum = float(momentum)
        self._schedule = schedule or OneCycle()
        self._resumed_steps: int | None = None

    @abstractmethod
    def _losses(self, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss of a batch, and all figures to log, by name.

        Raises:
            ModelError: The batch does not fit the network.
        """

    def training_step(self, batch: Any, _: int) -> Tensor:
        """Return the loss of one batch.

        Raises:
            ModelError: It is not finite.
        """
        loss, figures = self._losses(batch)
        check_loss(loss.detach(), self.global_step)
        logged: dict[str, Any] = {f"train/{name}": value for name, value in figures.items()}
        self.log_dict(logged)
        return loss

    def validation_step(self, batch: Any, _: int) -> None:
        """Log the figures of one validation batch, with the policies' argmax."""
        self._log_figures("val", batch)

    def test_step(self, batch: Any, _: int) -> None:  # noqa: PT019 - no test
        """Log the figures of one test batch."""
        self._log_figures("test", batch)

    def _log_figures(self, stage: str, batch: Any) -> None:
        size = len(batch[-1])
        if not size:
            return  # none of its clips could be read; they have been counted
        for name, value in self._losses(batch)[1].items():
            self.log(
                f"{stage}/{name}",
                value,
                prog_bar=name in ("accuracy", "flops_fraction"),
                batch_size=size,
                sync_dist=True,
            )

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store how many steps the run was planned for, if its schedule depends on that."""
        schedules = checkpoint.get("lr_schedulers") or [{}]
        self._resumed_steps = schedules[0].get("total_steps")

    def configure_optimizers(self) -> Any:
        """Return the recipe's optimizer and schedule; the learning rate changes at every step."""
        optimizer = build_optimizer(
            self._optimizer,
            self.parameters(),
            self._learning_rate,
            self._weight_decay,
            self._momentum,
        )
        steps, epoch_steps = self._planned_steps()
        if self._resumed_steps not in (None, steps):
            raise ModelError(
                f"The run was planned for {self._resumed_steps} steps, at which its schedule ends; "
                f"resume it with as many, not {steps}, or start a new run from its checkpoint with "
                "model.initial_checkpoint."
            )
        schedule = self._schedule.build(optimizer, self._learning_rate, steps, epoch_steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _planned_steps(self) -> tuple[int, int]:
        """Return the steps of the optimizer in the run, and in an epoch.

        `Trainer.estimated_stepping_batches` would start the data loader before Lightning restores
        its position in a run that resumes.
        """
        trainer = self.trainer
        loader = trainer.datamodule.train_dataloader()  # type: ignore[attr-defined]
        limit = trainer.limit_train_batches
        batches = int(len(loader) * limit) if isinstance(limit, float) else min(len(loader), limit)
        epoch_steps = max(1, math.ceil(batches / trainer.accumulate_grad_batches))
        limits = [trainer.max_steps] if trainer.max_steps >= 0 else []
        if trainer.max_epochs is not None and trainer.max_epochs >= 0:
            limits.append(trainer.max_epochs * epoch_steps)
        if not limits:
            raise ModelError(
                "A schedule needs an end; set trainer.max_epochs or trainer.max_steps."
            )
        return min(limits), epoch_steps
