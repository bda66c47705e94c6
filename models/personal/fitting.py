"""Fits a person's own classifier: convex, started from and held to the model's general one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.linear_head import LinearHead, WeightedExamples, fit_head, one_hot
from models.personal.takes import Lesson, Take
from models.personal.windows import Features, windows
from models.spec import ModelSpec

PULL = 0.1
"""Weight of the squared distance from the general classifier, against a loss in which all gestures
together and all ordinary behavior have a weight of 1 each."""

FROM_MIDDLE, UNTIL_AFTER_MIDDLE = 1, 7
"""Steps after the middle of a take between which a window of 8 frames shows the gesture, which
begins before the middle and is over after it."""


@dataclass(frozen=True)
class GeneralModel:
    """The model that is taught.

    Attributes:
        spec: What it is.
        head: Its classifier.
        weights_digest: SHA-256 of its weights.
    """

    spec: ModelSpec
    head: LinearHead
    weights_digest: str = ""


@dataclass(frozen=True)
class PersonalHead:
    """A classifier of a person's gestures.

    Attributes:
        labels: Its labels: the gestures, then the model's silent labels.
        gestures: How many of them are gestures.
        head: Their scores of a window (`models.personal.windows`).
        frames: Frames of a window.
    """

    labels: tuple[str, ...]
    gestures: int
    head: LinearHead
    frames: int

    def probabilities(self, features: Features) -> NDArray[np.float64]:
        """Return the probability of every label at each step of a run, of shape (N, K)."""
        return self.head.probabilities(windows(features, self.frames))


def start_head(model: GeneralModel, gestures: Sequence[str]) -> PersonalHead:
    """Return the classifier before it has seen a take.

    What the model knows begins as the model knows it; a gesture that it does not know begins as
    what the model makes of such a thing, its last silent label ("Doing other things").

    Raises:
        ModelError: The model has no silent labels, or a gesture is one of them.
    """
    spec, silent = model.spec, model.spec.silent_labels
    if not silent:
        raise ModelError(f"The model {spec.name} has no label for 'no gesture' to teach against.")
    for label in gestures:
        if label in silent:
            raise ModelError(
                f"'{label}' means that there is no gesture; put such takes with the ordinary "
                "behavior."
            )
    labels = (*gestures, *silent)
    rows = [spec.labels.index(label if label in spec.labels else silent[-1]) for label in labels]
    weight = model.head.weight[rows]
    # The general classifier does not see how features change.
    head = LinearHead(np.concatenate([weight, np.zeros_like(weight)], 1), model.head.bias[rows])
    return PersonalHead(labels, len(gestures), head, spec.frames)


def fit_personal(
    model: GeneralModel, lesson: Lesson, gestures: Sequence[str], *, pull: float = PULL
) -> PersonalHead:
    """Fit the classifier to takes and ordinary behavior.

    Every gesture counts the same, and so does every take of a gesture, however long it is; all
    ordinary behavior counts as much as all gestures together. What is silent is split between the
    silent labels as the general classifier splits it.

    Args:
        model: The model that is taught.
        lesson: What was shown.
        gestures: Labels to tell apart, in order.
        pull: How strongly the classifier is held; it never moves where that is without end.

    Raises:
        ModelError: The model cannot be taught these gestures.
    """
    start = start_head(model, gestures)
    counts = {label: len(lesson.of(label)) for label in gestures}
    examples = [
        _of_take(take, start, 1 / (counts[take.label] * len(gestures)))
        for take in lesson.takes
        if take.label in counts
    ]
    steps = sum(map(len, lesson.ordinary))
    examples += [_of_ordinary(run, start, len(run) / steps) for run in lesson.ordinary]
    fitted = fit_head(start.head, examples, pull=pull, bias_pull=pull)
    return PersonalHead(start.labels, start.gestures, fitted, start.frames)


def _of_take(take: Take, start: PersonalHead, weight: float) -> WeightedExamples:
    """Return the windows in which a take shows its gesture, at every phase."""
    shown = np.concatenate([showing_windows(run, start.frames) for run in take.runs])
    labels = np.full(len(shown), start.labels.index(take.label))
    weights = np.full(len(shown), weight / len(shown))
    return WeightedExamples(shown, one_hot(labels, len(start.labels)), weights)


def showing_windows(run: Features, frames: int) -> NDArray[np.float64]:
    """Return the windows that show the gesture in the middle of a take, of shape (N, 2 F).

    Args:
        run: The take.
        frames: T, the frames of a whole window.
    """
    scale, middle, last = frames / 8, len(run) / 2, len(run) - 1
    begin = min(round(middle + FROM_MIDDLE * scale), last)
    end = min(round(middle + UNTIL_AFTER_MIDDLE * scale), last)
    return windows(run, frames)[begin : end + 1]


def _of_ordinary(run: Features, start: PersonalHead, weight: float) -> WeightedExamples:
    shown = windows(run, start.frames)
    targets = start.head.probabilities(shown)
    targets[:, : start.gestures] = 0
    # A model that is sure of a gesture may leave nothing to split.
    targets[:, start.gestures :] += np.finfo(np.float64).tiny
    targets /= targets.sum(1, keepdims=True)
    return WeightedExamples(shown, targets, np.full(len(run), weight / len(run)))
