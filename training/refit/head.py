"""Fits a linear classifier anew without letting it forget what it knew."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from training.refit.features import LabeledFeatures

_ITERATIONS = 200


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
        """Return the share of features whose highest score is right."""
        return float((self.scores(data.values).argmax(-1) == data.labels).double().mean())


def refit_head(
    head: Head,
    streams: LabeledFeatures,
    clips: LabeledFeatures,
    *,
    clip_weight: float,
    pull: float,
) -> Head:
    """Return the classifier that is best for streams, and not far from the old one.

    The idea is that of last-layer retraining (Kirichenko et al., "Last Layer Re-Training is
    Sufficient for Robustness to Spurious Correlations", 2022): the features know more than a
    classifier says that has only seen clips. The problem is convex, so that the answer depends on
    nothing but the data. Minimised is

        CE(streams) + clip_weight * (CE(clips) + CE(clips, as the old one scores them)) / 2
        + pull * |weight - old weight|^2

    where CE is the mean cross-entropy.

    Args:
        head: The old one.
        streams: Steps of streams, with what to say there.
        clips: Clips, of which nothing is to be forgotten.
        clip_weight: What clips count against streams; 0 or more.
        pull: How strongly the weights are held where they were; 0 or more.
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
