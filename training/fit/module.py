"""The Lightning module: the paper's loss (Eq. 6), and the figures that are logged."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import torch
from lightning import LightningModule
from torch import Tensor
from torch.nn import functional as F

from models.errors import ModelError
from models.flops import clip_cost
from models.network.adafuse import AdaFuse
from models.network.backbones.weights import load_backbone_weights
from models.network.cost import measure_cost
from models.network.policy import PolicyBank
from models.trace import Action
from training.fit.callbacks import check_loss
from training.fit.checkpoints import start_from
from training.fit.optimizing import Freezing, OneCycle, OptimizerKind, Schedule, build_optimizer
from training.fit.recipe import PolicyChoice, build_spec
from training.number_types import BelowOne, ClosedUnitInterval, NonNegativeFloat


class AdaFuseModule(LightningModule):
    """Trains an AdaFuse network."""

    def __init__(
        self,
        spec: dict[str, Any],
        policy_mode: PolicyChoice | None = None,
        policy_mix: tuple[float, float, float] | None = None,
        optimizer: Literal["adamw", "sgd"] = "adamw",
        learning_rate: NonNegativeFloat = 3e-3,
        weight_decay: NonNegativeFloat = 0.05,
        momentum: ClosedUnitInterval = 0.9,
        schedule: Schedule | None = None,
        cost_weight: NonNegativeFloat = 0.1,
        cost_unit: Literal["fraction", "gflops"] = "fraction",
        target_fraction: ClosedUnitInterval = 0.0,
        label_smoothing: ClosedUnitInterval = 0.1,
        dropout: BelowOne = 0.2,
        keep_bias: float = 0.0,
        initial_weights: Path | None = None,
        initial_checkpoint: Path | None = None,
        frozen_stages: int = 0,
        freeze_statistics: bool = False,
    ) -> None:
        """Build the network, and load weights to start from.

        Args:
            spec: Fields of a `ModelSpec`.
            policy_mode: Who chooses the actions (paper, Table 6); `spec.policy.mode` by default.
            policy_mix: Shares of keep, reuse and skip for random policies.
            optimizer: Which optimizer.
            learning_rate: The highest learning rate; the schedule decides when it applies.
            weight_decay: For matrices and convolutions.
            momentum: For SGD.
            schedule: How the learning rate changes over the run; `OneCycle` by default.
            cost_weight: Weight λ of the cost in the loss (paper, Eq. 6).
            cost_unit: What λ multiplies: the clip's multiply-adds (Eq. 5) as a fraction of the
                dense network's, or in GFLOPs a frame, as in the published code.
            target_fraction: Cost below which it adds nothing to the loss, as a fraction of the
                dense network's; 0 as in the paper.
            label_smoothing: Share of each target that is spread over all labels.
            dropout: Probability of dropping a feature before the classifier.
            keep_bias: Initial bias of the policies: added to the logit of keeping a channel.
            initial_weights: ImageNet weights of the backbone, under torchvision's names, in a
                `.safetensors` or `.pth` file.
            initial_checkpoint: Checkpoint of another run, or folder of a bundle, to start from;
                policy networks that it lacks start untrained.
            frozen_stages: How many stages of the backbone do not change; the stem is in the first.
            freeze_statistics: Keep the mean and variance of all the backbone's batch norms.
        """
        super().__init__()
        self.spec, fields = build_spec(spec, policy_mode, policy_mix)
        # What export needs; only values that can be read back without unpickling.
        self.save_hyperparameters({"spec": fields})
        self.network = AdaFuse(self.spec, float(dropout)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.cost = measure_cost(self.network)
        if isinstance(self.network.policies, PolicyBank):
            self.network.policies.set_keep_bias(keep_bias)
        if initial_weights is not None:
            load_backbone_weights(self.network.backbone, Path(initial_weights))
        if initial_checkpoint is not None:
            start_from(self.network, Path(initial_checkpoint))
        self._freezing = Freezing(
            self.network.backbone, frozen_stages, statistics=freeze_statistics
        )
        self._optimizer = OptimizerKind(optimizer)
        # Plain floats: a checkpoint holds the optimizer's values, and numbers of jsonargparse's
        # classes could not be read back without unpickling.
        self._learning_rate = float(learning_rate)
        self._weight_decay = float(weight_decay)
        self._momentum = float(momentum)
        self._schedule = schedule or OneCycle()
        self._cost_weight = float(cost_weight)
        self._cost_scale = self.cost.dense / 1e9 if cost_unit == "gflops" else 1.0
        self._target_fraction = float(target_fraction)
        self._label_smoothing = float(label_smoothing)
        self._resumed_steps: int | None = None

    def train(self, mode: bool = True) -> AdaFuseModule:
        """Switch to training or evaluation mode; frozen batch norms stay in the latter."""
        super().train(mode)
        self._freezing.hold()
        return self

    def _losses(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        clips, labels = batch
        if clips.shape[1] != self.spec.frames:
            raise ModelError(
                f"The data has clips of {clips.shape[1]} frames, and the model takes "
                f"{self.spec.frames}; set data.sampling's frames to model.spec.frames."
            )
        result = self.network(clips)
        scores = result.logits.float().mean(dim=1)
        smoothing = self._label_smoothing if self.training else 0.0
        entropy = F.cross_entropy(scores, labels, label_smoothing=smoothing)
        frames = clips.shape[1]
        actions = [block.float() for block in result.actions]
        multiply_adds = clip_cost(self.cost, actions, frames)
        fraction = torch.as_tensor(multiply_adds / (frames * self.cost.dense)).mean()
        excess = (fraction - self._target_fraction).clamp(min=0) * self._cost_scale
        loss = entropy + self._cost_weight * excess
        figures = {
            "loss": loss,
            "accuracy": (scores.argmax(dim=-1) == labels).float().mean(),
            "flops_fraction": fraction,
            "gflops_per_clip": fraction * frames * self.cost.dense / 1e9,
        }
        if actions:
            channels = torch.cat([block.flatten(0, 2) for block in actions]).mean(0)
            figures |= {action.name.lower(): channels[action] for action in Action}
        for site, block in zip(self.cost.sites, actions, strict=True):
            shares = block.mean((0, 1, 2))
            figures |= {f"{action.name.lower()}/{site.name}": shares[action] for action in Action}
        return loss, figures

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Return the loss of one batch (paper, Eq. 6).

        Raises:
            ModelError: It is not finite.
        """
        loss, figures = self._losses(batch)
        check_loss(loss.detach(), self.global_step)
        logged: dict[str, Any] = {f"train/{name}": value for name, value in figures.items()}
        self.log_dict(logged)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Log the figures of one validation batch, with the policies' argmax."""
        self._log_figures("val", batch)

    def test_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:  # noqa: PT019 - no test
        """Log the figures of one test batch."""
        self._log_figures("test", batch)

    def _log_figures(self, stage: str, batch: tuple[Tensor, Tensor]) -> None:
        if not len(batch[1]):
            return  # none of its clips could be read; they have been counted
        for name, value in self._losses(batch)[1].items():
            self.log(
                f"{stage}/{name}",
                value,
                prog_bar=name in ("accuracy", "flops_fraction"),
                batch_size=len(batch[1]),
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
