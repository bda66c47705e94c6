"""What a network of two views is trained on: labels, places of hands, and cost (Eq. 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.flops import NetworkCost, clip_cost
from models.network.cost import measure_cost
from models.two_views.box import SQUARE_VALUES
from models.two_views.cost import two_view_cost, whole_view_cost
from models.two_views.locating import CELL_PIXELS
from models.two_views.network import TwoViews, places_of_clip
from training.number_types import ClosedUnitInterval, NonNegativeFloat
from training.two_views.located_share import located_share
from training.two_views.locator_loss import locator_loss
from training.two_views.scene import UNLABELED
from training.two_views.square_loss import (
    found_joints,
    joint_loss,
    joint_targets,
    presence_loss,
    read_joints,
    square_box_loss,
    square_targets,
)
from training.two_views.views import Views


@dataclass(frozen=True)
class LossWeights:
    """How much each part of the loss counts.

    Attributes:
        labels: Cross-entropy of the scores, with that of each view. With 0 no label is learned:
            the square says where hands and their joints are, and nothing else.
        views: Cross-entropy of each view's own scores, so that neither leans on the other.
        locator: Where the locator says that hands are.
        presence: Whether the square's network says that a hand is there.
        boxes: Where in the square it says that the hand is.
        joints: Where in the square the hand's joints are. A network that does not say so (see
            `TwoViewSpec.joint_history`) is asked for them in training alone: features that tell
            the joints tell the shape of a hand. 0 for not at all.
        cost: Cost above the target, as a fraction of the dense network's (Eq. 6).
        target: Fraction of the dense cost below which nothing more is asked for.
        smoothing: Share of each label's target that is spread over all labels.
    """

    labels: NonNegativeFloat = 1.0
    views: NonNegativeFloat = 0.3
    locator: NonNegativeFloat = 0.5
    presence: NonNegativeFloat = 1.0
    boxes: NonNegativeFloat = 2.0
    joints: NonNegativeFloat = 0.0
    cost: NonNegativeFloat = 2.0
    target: ClosedUnitInterval = 0.45
    smoothing: ClosedUnitInterval = 0.1


class TwoViewBatch(NamedTuple):
    """A batch of samples.

    Attributes:
        whole: Normalized RGB of shape (B, T, 3, H, W); None where only the square is trained.
        squares: Normalized RGB of shape (B, T, 3, S, S); None where only the whole view is.
        places: Place values of shape (B, T, 4).
        boxes: Where hands are, of shape (B, T, 2, 3); NaN where no hand shows.
        joints: Where their joints are, of shape (B, T, 2, 21, 2); NaN where that is not known.
        labels: Of shape (B,); `UNLABELED` for samples that teach boxes and presence alone.
    """

    whole: Tensor | None
    squares: Tensor | None
    places: Tensor
    boxes: Tensor
    joints: Tensor
    labels: Tensor


class _ViewLoss(NamedTuple):
    """What one view adds.

    Attributes:
        loss: Its weighted sum of everything but labels and cost, a scalar.
        scores: Its part of the class scores, of shape (B, K).
        actions: Per fused block one-hot actions of shape (B, T, C, A).
        figures: To be logged, scalars.
        values: The square's further outputs, of shape (B, T, V); None of the whole view.
    """

    loss: Tensor
    scores: Tensor
    actions: tuple[Tensor, ...]
    figures: dict[str, Tensor]
    values: Tensor | None = None


def trained_cost(network: TwoViews, views: Views) -> NetworkCost:
    """Return what one frame of the trained views costs."""
    if views is Views.BOTH:
        return two_view_cost(network)
    return measure_cost(network.crop) if views.square else whole_view_cost(network.whole)


def two_view_loss(
    network: TwoViews,
    batch: TwoViewBatch,
    cost: NetworkCost,
    weights: LossWeights,
    joint_head: nn.Module | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the loss of a batch, of the views that it holds, and figures to log.

    Where no labels are learned, accuracy is something else: of a locator alone the share of
    pictures in which it finds the hand, or that there is none; of a square the share of joints that
    it finds.

    Args:
        network: In training mode, to sample actions.
        batch: Samples.
        cost: From `trained_cost`.
        weights: How much each part counts.
        joint_head: Says where the joints are, from the features of the square, if the network
            itself does not; None to ask for none.
    """
    parts = []
    if batch.whole is not None:
        parts.append(_whole_loss(network, batch.whole, batch.boxes, weights))
    if batch.squares is not None:
        parts.append(_square_loss(network, batch.squares, batch, weights, joint_head))
    figures = {name: value for part in parts for name, value in part.figures.items()}
    loss = torch.stack([part.loss for part in parts]).sum()
    if batch.squares is not None and weights.labels:
        labels, more = _label_loss(network, batch, parts, weights)
        loss, figures = loss + weights.labels * labels, figures | more
    frames = batch.places.shape[1]
    actions = [block.float() for part in parts for block in part.actions]
    fraction = torch.as_tensor(clip_cost(cost, actions, frames) / (frames * cost.dense)).mean()
    loss = loss + weights.cost * (fraction - weights.target).clamp(min=0)
    figures |= {"flops_fraction": fraction, "gflops_per_clip": fraction * frames * cost.dense / 1e9}
    return loss, {"loss": loss, **figures}


def _label_loss(
    network: TwoViews, batch: TwoViewBatch, parts: Sequence[_ViewLoss], weights: LossWeights
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the cross-entropy of the sum of all scores and of each view's own, and figures."""
    spec = network.spec
    read = places_of_clip(batch.places, spec.history)
    values = parts[-1].values
    if spec.joint_history and values is not None:
        read = torch.cat((read, read_joints(values, batch.places, spec)), dim=-1)
    places = network.place(read).float()
    scores = torch.stack([part.scores for part in parts]).sum(0) + places.mean(dim=1)
    entropy, *alone = (
        _entropy(one, batch.labels, weights, smooth=network.training)
        for one in (scores, *(part.scores for part in parts))
    )
    figures = {"entropy": entropy, "accuracy": _accuracy(scores, batch.labels)}
    return entropy + weights.views * torch.stack(alone).sum(), figures


def _whole_loss(network: TwoViews, clips: Tensor, boxes: Tensor, weights: LossWeights) -> _ViewLoss:
    seen = network.whole.see_clip(clips)
    height = clips.shape[-2]
    where = locator_loss(seen.hands, boxes.flatten(0, 1), height / CELL_PIXELS)
    found = located_share(seen.hands, boxes.flatten(0, 1), height)
    figures = {"locator": where, "located": found, "accuracy": found}
    return _ViewLoss(
        weights.locator * where, seen.logits.float().mean(dim=1), seen.actions, figures
    )


def _square_loss(
    network: TwoViews,
    squares: Tensor,
    batch: TwoViewBatch,
    weights: LossWeights,
    joint_head: nn.Module | None,
) -> _ViewLoss:
    seen = network.crop(squares)
    labels = len(network.spec.crop.labels)
    scores, values = seen.logits[..., :labels], seen.logits[..., labels:].float()
    loss, figures = values.sum() * 0.0, {}
    targets = square_targets(batch.boxes, batch.places, network.spec)
    if network.spec.crop.further_outputs:
        presence, boxes = presence_loss(values, targets), square_box_loss(values, targets)
        loss = weights.presence * presence + weights.boxes * boxes
        figures = {"presence": presence, "boxes": boxes}
    said = values[..., SQUARE_VALUES:] if network.spec.joint_history else None
    if joint_head is not None:
        said = joint_head(seen.features).float()
    if said is not None:
        wanted = joint_targets(batch.joints, batch.places, targets, network.spec)
        joints, found = joint_loss(said, wanted), found_joints(said, wanted, targets)
        loss = loss + weights.joints * joints
        figures |= {"joints": joints, "joints_found": found, "accuracy": found}
    return _ViewLoss(loss, scores.float().mean(dim=1), seen.actions, figures, values)


def _entropy(scores: Tensor, labels: Tensor, weights: LossWeights, *, smooth: bool) -> Tensor:
    """Return the cross-entropy of the samples that have a label; zero if none has."""
    named = labels != UNLABELED
    if not bool(named.any()):
        return scores.sum() * 0.0
    smoothing = weights.smoothing if smooth else 0.0
    return F.cross_entropy(scores[named], labels[named], label_smoothing=float(smoothing))


def _accuracy(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the share of the samples with a label whose label has the highest score."""
    named = labels != UNLABELED
    hits = (scores.argmax(dim=-1) == labels) & named
    return hits.sum() / named.sum().clamp(min=1)
