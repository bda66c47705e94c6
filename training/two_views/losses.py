"""What a network of two views is trained on: labels, places of hands, and cost (Eq. 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from models.flops import NetworkCost, clip_cost
from models.two_views.locating import CELL_PIXELS
from models.two_views.network import TwoViews, places_of_clip
from training.two_views.locator_loss import locator_loss

UNLABELED = -1
"""Label of a sample that teaches the locator alone."""


@dataclass(frozen=True)
class LossWeights:
    """How much each part counts beside the cross-entropy of the joint scores.

    Attributes:
        views: Cross-entropy of each view's own scores, so that neither leans on the other.
        locator: Where the hands are.
        cost: Cost above the target, as a fraction of the dense network's (Eq. 6).
        target: Fraction of the dense cost below which nothing more is asked for.
        smoothing: Share of each label's target that is spread over all labels.
    """

    views: float = 0.3
    locator: float = 0.5
    cost: float = 2.0
    target: float = 0.45
    smoothing: float = 0.1


class TwoViewBatch(NamedTuple):
    """A batch of samples.

    Attributes:
        whole: Normalized RGB of shape (B, T, 3, H, W).
        squares: Normalized RGB of shape (B, T, 3, S, S).
        places: Place values of shape (B, T, 4).
        boxes: Targets of the locator, of shape (B, T, 2, 3); NaN where no hand shows.
        labels: Of shape (B,); `UNLABELED` for samples that teach the locator alone.
    """

    whole: Tensor
    squares: Tensor
    places: Tensor
    boxes: Tensor
    labels: Tensor


class TwoViewLoss(NamedTuple):
    """The loss and its parts, scalars; `scores` are the clips', of shape (B, K)."""

    loss: Tensor
    entropy: Tensor
    locator: Tensor
    flops_fraction: Tensor
    scores: Tensor


def two_view_loss(
    network: TwoViews, batch: TwoViewBatch, cost: NetworkCost, weights: LossWeights
) -> TwoViewLoss:
    """Return the loss of a batch.

    Args:
        network: In training mode, to sample actions.
        batch: Samples.
        cost: From `models.two_views.cost.two_view_cost`.
        weights: How much each part counts.
    """
    frames = batch.whole.shape[1]
    whole = network.whole.see_clip(batch.whole)
    crop = network.crop(batch.squares)
    places = network.place(places_of_clip(batch.places, network.spec.history))
    scores = (whole.logits + crop.logits + places).float().mean(dim=1)
    views = [part.float().mean(dim=1) for part in (whole.logits, crop.logits)]
    entropy, *alone = (_entropy(part, batch.labels, weights) for part in (scores, *views))
    cells = batch.whole.shape[-2] / CELL_PIXELS
    where = locator_loss(whole.hands, batch.boxes.flatten(0, 1), cells)
    actions = [block.float() for block in (*whole.actions, *crop.actions)]
    spent = torch.as_tensor(clip_cost(cost, actions, frames) / (frames * cost.dense)).mean()
    excess = (spent - weights.target).clamp(min=0)
    loss = entropy + weights.views * sum(alone) + weights.locator * where + weights.cost * excess
    return TwoViewLoss(loss, entropy, where, spent, scores)


def _entropy(scores: Tensor, labels: Tensor, weights: LossWeights) -> Tensor:
    """Return the cross-entropy of the samples that have a label; zero if none has."""
    named = labels != UNLABELED
    if not bool(named.any()):
        return scores.sum() * 0.0
    return F.cross_entropy(scores[named], labels[named], label_smoothing=weights.smoothing)
