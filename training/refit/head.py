"""Refits a linear classifier without letting it forget what it knew."""

from __future__ import annotations

import numpy as np

from models.linear_head import LinearHead, WeightedExamples, fit_head, one_hot
from training.refit.features import LabeledFeatures


def accuracy(head: LinearHead, data: LabeledFeatures) -> float:
    """Return the share of features whose best label is right."""
    return float((head.scores(data.values.numpy()).argmax(-1) == data.labels.numpy()).mean())


def refit_head(
    head: LinearHead,
    streams: LabeledFeatures,
    clips: LabeledFeatures,
    *,
    clip_weight: float,
    pull: float,
) -> LinearHead:
    """Return the classifier that is best for streams without moving far from the old one.

    It minimizes, as `models.linear_head.fit_head` does,

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
    steps, whole = streams.values.double().numpy(), clips.values.double().numpy()
    labels = len(head.bias)
    wanted = one_hot(streams.labels.numpy(), labels)
    kept = (one_hot(clips.labels.numpy(), labels) + head.probabilities(whole)) / 2
    examples = (
        WeightedExamples(steps, wanted, np.full(len(steps), 1 / len(steps))),
        WeightedExamples(whole, kept, np.full(len(whole), clip_weight / len(whole))),
    )
    return fit_head(head, examples, pull=pull)
