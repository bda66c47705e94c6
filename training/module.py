"""One training step of AdaFuse: the paper's loss (Eq. 6) and the figures that are watched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import torch
from lightning import LightningModule
from torch import Tensor
from torch.nn import functional as F
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from models.adafuse import AdaFuse
from models.errors import ModelError
from models.flops import clip_cost
from models.profile import network_cost
from models.spec import ModelSpec
from models.trace import Action
from training.labels import JESTER_LABELS, SILENT_LABELS


def build_spec(fields: dict[str, Any]) -> ModelSpec:
    """Turn a recipe's description of the model into a `ModelSpec`.

    Labels default to those of Jester.

    Raises:
        ModelError: A field is unknown, missing or out of range.
    """
    defaults = {"labels": list(JESTER_LABELS), "silent_labels": list(SILENT_LABELS)}
    try:
        return msgspec.convert({**defaults, **fields}, ModelSpec)
    except (msgspec.ValidationError, ValueError) as error:
        raise ModelError(f"The recipe's model is not valid: {error}.") from error


class AdaFuseModule(LightningModule):
    """Trains an AdaFuse network.

    Args:
        spec: Fields of a `ModelSpec`.
        learning_rate: Peak learning rate of the one-cycle schedule.
        weight_decay: Weight decay of AdamW.
        cost_weight: Weight λ of the cost in the loss (paper, Eq. 6), where the cost is the clip's
            multiply-adds as a fraction of the dense network's.
        target_fraction: Cost below which nothing more is asked for, as such a fraction; 0 as in the
            paper.
        label_smoothing: Share of each target that is spread over all labels.
        dropout: Probability of dropping a feature before the classifier.
        keep_bias: Where the policies start: added to the logit of keeping a channel.
        initial_checkpoint: Checkpoint of another run to start from; policy networks that it lacks
            start fresh.
    """

    def __init__(
        self,
        spec: dict[str, Any],
        learning_rate: float = 3e-3,
        weight_decay: float = 0.05,
        cost_weight: float = 0.1,
        target_fraction: float = 0.0,
        label_smoothing: float = 0.1,
        dropout: float = 0.2,
        keep_bias: float = 0.0,
        initial_checkpoint: Path | None = None,
    ) -> None:
        super().__init__()
        # A path would be pickled as an object, and the checkpoint could not be read without
        # unpickling.
        self.save_hyperparameters(ignore=["initial_checkpoint"])
        self.spec = build_spec(spec)
        self.network = AdaFuse(self.spec, dropout).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.cost = network_cost(self.network)
        if self.network.policies is not None:
            self.network.policies.set_keep_bias(keep_bias)
        if initial_checkpoint is not None:
            self._start_from(Path(initial_checkpoint))
        self._learning_rate = learning_rate
        self._weight_decay = weight_decay
        self._cost_weight = cost_weight
        self._target_fraction = target_fraction
        self._label_smoothing = label_smoothing

    def _start_from(self, checkpoint: Path) -> None:
        try:
            content = torch.load(checkpoint, map_location="cpu", weights_only=True)
            weights = content["state_dict"]
        except Exception as error:
            # torch.load raises anything from KeyError to UnpicklingError on a file that is none.
            raise ModelError(f"{checkpoint} is missing or is not a checkpoint of a fit.") from error
        try:
            missing, unexpected = self.load_state_dict(weights, strict=False)
        except RuntimeError as error:  # tensors of another shape
            raise ModelError(
                f"The checkpoint {checkpoint} does not fit the recipe's model: other sizes."
            ) from error
        lacking = [name for name in missing if not name.startswith("network.policies.")]
        if lacking or unexpected:
            named = ", ".join((lacking + unexpected)[:3])
            raise ModelError(
                f"The checkpoint {checkpoint} does not fit the recipe's model: {named}."
            )

    def _losses(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        clips, labels = batch
        result = self.network(clips)
        scores = result.logits.float().mean(dim=1)
        smoothing = self._label_smoothing if self.training else 0.0
        entropy = F.cross_entropy(scores, labels, label_smoothing=smoothing)
        frames = clips.shape[1]
        actions = [block.float() for block in result.actions]
        multiply_adds = clip_cost(self.cost, actions, frames)
        fraction = torch.as_tensor(multiply_adds / (frames * self.cost.dense)).mean()
        excess = (fraction - self._target_fraction).clamp(min=0)
        loss = entropy + self._cost_weight * excess
        figures = {
            "loss": loss,
            "accuracy": (scores.argmax(dim=-1) == labels).float().mean(),
            "flops_fraction": fraction,
        }
        if actions:
            channels = torch.cat([block.flatten(0, 2) for block in actions])
            for action in Action:
                figures[action.name.lower()] = channels[:, action].mean()
        return loss, figures

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Return the loss of one batch (paper, Eq. 6)."""
        loss, figures = self._losses(batch)
        logged: dict[str, Any] = {f"train/{name}": value for name, value in figures.items()}
        self.log_dict(logged)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Log the figures of one validation batch, with the policies' argmax."""
        figures = self._losses(batch)[1]
        logged: dict[str, Any] = {f"val/{name}": value for name, value in figures.items()}
        self.log_dict(logged, prog_bar=True, batch_size=len(batch[1]))

    def test_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        """Log the figures of one test batch."""
        self.validation_step(batch, index)

    def configure_optimizers(self) -> Any:
        """Use AdamW and a one-cycle schedule over the whole run."""
        decayed = [p for p in self.parameters() if p.ndim > 1]
        plain = [p for p in self.parameters() if p.ndim <= 1]
        groups = [
            {"params": decayed, "weight_decay": self._weight_decay},
            # Decaying biases and batch norms pulls them to zero without any gain.
            {"params": plain, "weight_decay": 0.0},
        ]
        optimizer = AdamW(groups, lr=self._learning_rate)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = OneCycleLR(optimizer, self._learning_rate, total_steps=steps, pct_start=0.15)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
