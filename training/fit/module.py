"""The Lightning module: the paper's loss (Eq. 6), and the figures that are logged."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from models.errors import ModelError
from models.flops import clip_cost
from models.network.adafuse import AdaFuse
from models.network.backbones.weights import load_backbone_weights
from models.network.cost import measure_cost
from models.network.policy import PolicyBank
from models.trace import Action
from training.fit.checkpoints import start_from
from training.fit.learning import LearningModule
from training.fit.optimizing import Freezing
from training.fit.recipe import PolicyChoice, build_spec
from training.number_types import BelowOne, ClosedUnitInterval, NonNegativeFloat


class AdaFuseModule(LearningModule):
    """Trains an AdaFuse network."""

    def __init__(
        self,
        spec: dict[str, Any],
        policy_mode: PolicyChoice | None = None,
        policy_mix: tuple[float, float, float] | None = None,
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
        **learning: Any,
    ) -> None:
        """Build the network, and load weights to start from.

        Args:
            spec: Fields of a `ModelSpec`.
            policy_mode: Who chooses the actions (paper, Table 6); `spec.policy.mode` by default.
            policy_mix: Shares of keep, reuse and skip for random policies.
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
            **learning: Optimizer and schedule, as in `LearningModule`.
        """
        super().__init__(**learning)
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
        self._cost_weight = float(cost_weight)
        self._cost_scale = self.cost.dense / 1e9 if cost_unit == "gflops" else 1.0
        self._target_fraction = float(target_fraction)
        self._label_smoothing = float(label_smoothing)

    def train(self, mode: bool = True) -> AdaFuseModule:
        """Switch to training or evaluation mode; frozen batch norms stay in the latter."""
        super().train(mode)
        self._freezing.hold()
        return self

    def _losses(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss of a batch (paper, Eq. 6), and its figures; see `LearningModule`."""
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
