"""A linear classifier, and how one is fitted anew without letting it forget what it knew.

Streams (`training.refit`) and a person's own gestures (`models.personal`) are fitted by this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_ITERATIONS = 500
"""Of L-BFGS."""


@dataclass(frozen=True)
class LinearHead:
    """A linear classifier.

    Attributes:
        weight: float64 of shape (K, F).
        bias: float64 of shape (K,).
    """

    weight: NDArray[np.float64]
    bias: NDArray[np.float64]

    def scores(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the scores of features of shape (..., F), of shape (..., K)."""
        return np.asarray(features @ self.weight.T + self.bias, np.float64)

    def probabilities(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the softmax of the scores, of shape (..., K)."""
        return np.exp(log_softmax(self.scores(features)))


@dataclass(frozen=True)
class WeightedExamples:
    """What a classifier is fitted to.

    Attributes:
        features: float64 of shape (N, F).
        targets: Probability of each label, of shape (N, K); rows sum to 1.
        weights: How much each example counts, of shape (N,).
    """

    features: NDArray[np.float64]
    targets: NDArray[np.float64]
    weights: NDArray[np.float64]


def one_hot(labels: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return targets of shape (N, count) that are sure of their labels."""
    return np.eye(count)[labels]


def log_softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return logarithms of probabilities along the last axis."""
    shifted = scores - scores.max(-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)), np.float64)


def fit_head(
    start: LinearHead,
    examples: Sequence[WeightedExamples],
    *,
    pull: float,
    bias_pull: float = 0.0,
) -> LinearHead:
    """Return the classifier that fits the examples best without moving far from where it starts.

    This is last-layer retraining (Kirichenko et al., "Last Layer Re-Training is Sufficient for
    Robustness to Spurious Correlations", 2022): features hold more than a classifier uses. It
    minimizes

        sum of weight * CE(example) + pull * |W - W start|^2 + bias_pull * |b - b start|^2

    where CE is the cross-entropy. The problem is convex: the result depends on nothing but the
    data.

    Args:
        start: Where the classifier starts, and what holds it.
        examples: At least one set.
        pull: How strongly the matrix is held; 0 or more.
        bias_pull: How strongly the biases are held; 0 or more.
    """
    from scipy.optimize import minimize  # half a second that only a fit needs

    count, size = start.weight.shape
    held = np.concatenate([start.weight, start.bias[:, None]], 1)
    pulls = np.full(size + 1, pull)
    pulls[-1] = bias_pull
    rows = np.concatenate([_with_ones(part.features) for part in examples])
    targets = np.concatenate([part.targets for part in examples])
    weights = np.concatenate([part.weights for part in examples])[:, None]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = flat.reshape(count, size + 1)
        logs = log_softmax(rows @ (held + moved).T)
        entropy = -float((weights * targets * logs).sum())
        # Rows of targets sum to 1.
        gradient = (weights * (np.exp(logs) - targets)).T @ rows + 2 * pulls * moved
        return entropy + float((pulls * moved**2).sum()), gradient.ravel()

    # In steps from the start, so that an endless pull leaves it exactly where it is.
    found = minimize(
        loss, np.zeros(held.size), jac=True, method="L-BFGS-B", options={"maxiter": MOST_ITERATIONS}
    )
    fitted = held + found.x.reshape(held.shape)
    return LinearHead(fitted[:, :-1], fitted[:, -1])


def _with_ones(features: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([features, np.ones((len(features), 1))], 1)
