"""Refits a linear classifier without letting it forget what it knew."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from training.refit.features import LabeledFeatures

_ITERATIONS = 200
"""Of L-BFGS, at most."""


@dataclass(frozen=True)
class Head:
    """A linear classifier.

    Attributes:
        weight: Of shape (K, F).
        bias: Of shape (K,).
    """

    weight: Tensor
    bias: Tensor

    def scores(self, features: Tensor) -> Tensor:
        """Return the scores of features of shape (N, F), of shape (N, K)."""
        return features @ self.weight.T + self.bias

    def accuracy(self, data: LabeledFeatures) -> float:
        """Return the share of features whose best label is right."""
        return float((self.scores(data.values).argmax(-1) == data.labels).double().mean())


def refit_head(
    head: Head,
    streams: LabeledFeatures,
    clips: LabeledFeatures,
    *,
    clip_weight: float,
    pull: float,
) -> Head:
    """Return the classifier that is best for streams without moving far from the old one.

    This is last-layer retraining (Kirichenko et al., "Last Layer Re-Training is Sufficient for
    Robustness to Spurious Correlations", 2022): the features hold more than a classifier uses that
    was trained on clips alone. The problem is convex, so that the result depends only on the data.
    It minimizes

        CE(streams) + clip_weight * (CE(clips) + CE(clips, as the old one scores them)) / 2
        + pull * |weight - old weight|^2

    where CE is the mean cross-entropy.

    Args:
        head: The old classifier.
        streams: Steps of streams, with their right labels.
        clips: Clips, which it must still classify.
        clip_weight: Weight of the clips against the streams; 0 or more.
        pull: How strongly the weights are held at their old values; 0 or more.
    """
    old = Head(head.weight.double(), head.bias.double())
    weight = old.weight.clone().requires_grad_()
    bias = old.bias.clone().requires_grad_()
    new = Head(weight, bias)
    steps, whole = streams.values.double(), clips.values.double()
    before = old.scores(whole).softmax(-1)
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=_ITERATIONS, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        scores = new.scores(whole)
        kept = (F.cross_entropy(scores, clips.labels) + F.cross_entropy(scores, before)) / 2
        moved = (weight - old.weight).square().sum()
        entropy = F.cross_entropy(new.scores(steps), streams.labels)
        total = entropy + clip_weight * kept + pull * moved
        total.backward()  # type: ignore[no-untyped-call]
        return total.detach()

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return Head(weight.detach().to(head.weight.dtype), bias.detach().to(head.bias.dtype))
