"""The Lightning module of a network of two views, all of which or one of whose views learns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.errors import ModelError
from models.network.adafuse import AdaFuse
from models.network.backbones.weights import load_backbone_weights
from models.network.policy import PolicyBank
from models.two_views.joints import JOINT_OUTPUTS
from models.two_views.network import TwoViews
from training.fit.checkpoints import start_from
from training.fit.learning import LearningModule
from training.number_types import BelowOne
from training.two_views.losses import LossWeights, TwoViewBatch, trained_cost, two_view_loss
from training.two_views.recipe import build_pair
from training.two_views.views import Views, ViewsName


@dataclass(frozen=True)
class InitialWeights:
    """ImageNet weights of the backbones, as in the recipes of one view.

    Attributes:
        whole: File for the whole view.
        crop: File for the square.
    """

    whole: Path | None = None
    crop: Path | None = None


class TwoViewModule(LearningModule):
    """Trains a network of two views, or the part of it that belongs to one view."""

    def __init__(
        self,
        spec: dict[str, Any],
        trains: ViewsName = "square",
        loss: LossWeights = LossWeights(),  # noqa: B008 - frozen, and shown by --help
        dropout: BelowOne = 0.2,
        keep_bias: float = 2.0,
        initial_weights: InitialWeights | None = None,
        initial_checkpoint: Path | None = None,
        **learning: Any,
    ) -> None:
        """Build the network, and load weights to start from.

        Args:
            spec: Fields of both views' `ModelSpec`; under `whole` and `crop` those of one of them.
            trains: The square with the places, the whole view with its locator, or both. A whole
                view that is not trained together with the square takes no part in the class scores.
            loss: How much each part of the loss counts.
            dropout: Probability of dropping a feature before the classifiers.
            keep_bias: Initial bias of the policies: added to the logit of keeping a channel.
            initial_weights: ImageNet weights of the backbones.
            initial_checkpoint: Checkpoint of another such run, or folder of a bundle of two views,
                to start from; policy networks, and what finds joints in training alone, start
                untrained where it lacks them.
            **learning: Optimizer and schedule, as in `LearningModule`.
        """
        super().__init__(**learning)
        self.pair, fields = build_pair(spec)
        self._views = Views(trains)
        if self._views.square and not loss.labels and not self.pair.joint_history:
            raise ModelError(
                "With model.loss.labels 0 the square must say where joints are; set "
                "model.spec.joint_history, or let it learn labels."
            )
        # What export needs; only values that can be read back without unpickling.
        self.save_hyperparameters({"spec": fields, "trains": str(self._views)})
        self.network = TwoViews(self.pair, float(dropout)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        # Beside a network that does not say joints itself, so that no bundle holds it.
        features = self.network.crop.backbone.feature_count
        asked = self._views.square and loss.joints > 0 and not self.pair.joint_history
        self.joint_head = nn.Linear(features, JOINT_OUTPUTS) if asked else None
        self.cost = trained_cost(self.network, self._views)
        self._loss_weights = loss
        self._start(float(keep_bias), initial_weights or InitialWeights(), initial_checkpoint)
        self._silence(new_reader=initial_checkpoint is None)
        self._freeze()

    def _start(self, keep_bias: float, weights: InitialWeights, checkpoint: Path | None) -> None:
        """Give the network the weights that it starts from."""
        views: tuple[AdaFuse, ...] = (self.network.whole, self.network.crop)
        for view, file in zip(views, (weights.whole, weights.crop), strict=True):
            if isinstance(view.policies, PolicyBank):
                view.policies.set_keep_bias(keep_bias)
            if file is not None:
                load_backbone_weights(view.backbone, Path(file))
        if checkpoint is not None:
            more = start_from(self.network, Path(checkpoint))
            own = self.state_dict().keys()
            self.load_state_dict({k: v for k, v in more.items() if k in own}, strict=False)

    @property
    def _labels(self) -> bool:
        """Whether labels are learned, if the square is."""
        return self._loss_weights.labels > 0

    def _silence(self, *, new_reader: bool) -> None:
        """Take what learns no labels out of the class scores.

        Args:
            new_reader: Whether what reads places and joints is untrained too; a trained one stays.
        """
        network, labels = self.network, len(self.pair.whole.labels)
        if self._views is not Views.BOTH or not self._labels:
            nn.init.zeros_(network.whole.head.weight)
            nn.init.zeros_(network.whole.head.bias)
        if self._views.square and not self._labels:
            network.crop.head.weight.data[:labels] = 0.0
            network.crop.head.bias.data[:labels] = 0.0
            last = network.place[-1]
            if new_reader and isinstance(last, nn.Linear):
                nn.init.zeros_(last.weight)

    def _freeze(self) -> None:
        """Let only the trained views learn, and labels only what is asked for them."""
        network, views = self.network, self._views
        network.whole.requires_grad_(views.whole)
        network.whole.head.requires_grad_(views is Views.BOTH and self._labels)
        network.crop.requires_grad_(views.square)
        network.place.requires_grad_(views.square and self._labels)

    def _losses(self, batch: TwoViewBatch) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss of a batch, and its figures; see `LearningModule`."""
        frames, wanted = batch.places.shape[1], self.pair.crop.frames
        if self._views.square and self._labels and frames != wanted:
            raise ModelError(
                f"The data has clips of {frames} frames, and the model takes {wanted}; set "
                "data.sampling's frames to model.spec.frames."
            )
        return two_view_loss(self.network, batch, self.cost, self._loss_weights, self.joint_head)
