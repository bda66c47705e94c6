"""From what a person has shown to a set and its honest figure, in a few seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.personal.calibration import FALSE_PER_MIN, calibrated
from models.personal.figure import HonestFigure, fired_in, judge_takes
from models.personal.fitting import PULL, GeneralModel, fit_personal
from models.personal.personal_set import PersonalSet, SetDescription
from models.personal.takes import Lesson, Take
from models.personal.windows import Features

MOST_FOLDS = 10
"""Parts of a lesson of which one at a time is left out."""

Progress = Callable[[float], None]
"""Called with the fraction that is done, 0 to 1."""


@dataclass(frozen=True)
class Taught:
    """A set, and what is known of it before it is used.

    Attributes:
        set: What a model runs with.
        figure: How it did on takes that it was not fitted to.
    """

    set: PersonalSet
    figure: HonestFigure

    def keeping(self, lesson: Lesson) -> PersonalSet:
        """Return the set with the features of its lesson, from which it can be fitted again."""
        labels = tuple(take.label for take in lesson.takes)
        about = msgspec.structs.replace(self.set.about, kept=labels)
        return replace(self.set, about=about, kept=_kept_features(lesson))


@dataclass(frozen=True)
class _LeftOut:
    """What classifiers say of what they were not fitted to, each of shape (N, K).

    Attributes:
        takes: Of every gesture, its takes.
        ordinary: Parts of the ordinary behavior.
    """

    takes: dict[str, list[NDArray[np.float64]]]
    ordinary: list[NDArray[np.float64]]


def teach(
    model: GeneralModel,
    lesson: Lesson,
    name: str,
    *,
    false_per_min: float = FALSE_PER_MIN,
    pull: float = PULL,
    camera: str = "",
    progress: Progress = lambda done: None,
) -> Taught:
    """Fit a set, calibrate its thresholds and judge it.

    Thresholds and figure come from classifiers that were fitted without what they judge: of every
    gesture one take at a time is left out, and with it a part of the ordinary behavior.

    Args:
        model: The model that is taught.
        lesson: What was shown.
        name: Whose set it is.
        false_per_min: False activations a minute that the person accepts, above 0.
        pull: How strongly the classifier is held at the general one.
        camera: Name of the camera before which it was shown; empty if that is unknown.
        progress: Told how far it is.

    Raises:
        LessonError: The lesson cannot be learned from.
        ModelError: The model cannot be taught these gestures.
    """
    lesson.check()
    gestures = lesson.gestures
    left_out = _left_out(model, lesson, pull, progress)
    decision = calibrated(
        model.spec.decision, gestures, left_out.ordinary, lesson.interval_s, false_per_min
    )
    fitted = fit_personal(model, lesson, gestures, pull=pull)
    progress(1.0)
    silent = frozenset(model.spec.silent_labels)

    def fired(run: NDArray[np.float64]) -> list[str]:
        found = fired_in(run, fitted.labels, silent, decision, lesson.interval_s)
        return [gesture.label for gesture in found]

    figure = HonestFigure(
        tuple(
            judge_takes(label, [fired(run) for run in left_out.takes[label]]) for label in gestures
        ),
        Counter(label for run in left_out.ordinary for label in fired(run)),
        lesson.ordinary_min,
        false_per_min,
    )
    about = SetDescription(
        name=name,
        labels=fitted.labels,
        silent_labels=model.spec.silent_labels,
        decision=decision,
        model=model.spec.name,
        model_digest=model.weights_digest,
        figure=tuple(figure.sentences()),
        false_per_min=false_per_min,
        camera=camera,
    )
    return Taught(PersonalSet(about, fitted.head, {}), figure)


def _left_out(model: GeneralModel, lesson: Lesson, pull: float, progress: Progress) -> _LeftOut:
    gestures = lesson.gestures
    folds = min(max(2, *(len(lesson.of(label)) for label in gestures)), MOST_FOLDS)
    parts = [_parts(run, folds) for run in lesson.ordinary]
    takes: dict[str, list[NDArray[np.float64]]] = {label: [] for label in gestures}
    ordinary = []
    for fold in range(folds):
        judged = [take for label in gestures for take in _fold(lesson.of(label), fold, folds)]
        rest = replace(
            lesson,
            takes=tuple(take for take in lesson.takes if not any(take is one for one in judged)),
            ordinary=tuple(
                part for run in parts for at, part in enumerate(run) if at != fold and len(part)
            ),
        )
        fitted = fit_personal(model, rest, gestures, pull=pull)
        for take in judged:
            takes[take.label].append(fitted.probabilities(take.runs[0]))
        ordinary += [fitted.probabilities(run[fold]) for run in parts if len(run[fold])]
        progress((fold + 1) / (folds + 1))
    return _LeftOut(takes, ordinary)


def _fold(takes: list[Take], fold: int, folds: int) -> list[Take]:
    """Return the takes of a gesture that are left out; a single one never is."""
    return takes[fold::folds] if len(takes) > 1 else []


def _parts(run: Features, folds: int) -> list[Features]:
    """Cut a run of ordinary behavior into parts that share no window."""
    return np.array_split(run, folds)


def _kept_features(lesson: Lesson) -> dict[str, NDArray[np.generic]]:
    """Return what a set stores of a lesson, in half precision."""
    kept: dict[str, NDArray[np.generic]] = {}
    for index, take in enumerate(lesson.takes):
        for phase, run in enumerate(take.runs):
            kept[f"take/{index}/{phase}"] = run.astype(np.float16)
    for index, run in enumerate(lesson.ordinary):
        kept[f"ordinary/{index}"] = run.astype(np.float16)
    return kept


def lesson_of(personal: PersonalSet, interval_s: float) -> Lesson | None:
    """Return the lesson whose features a set keeps; None if it keeps none.

    Args:
        personal: The set.
        interval_s: Time between two steps of its model, in seconds.
    """
    about, kept = personal.about, personal.kept
    if not about.kept:
        return None

    def runs(prefix: str) -> tuple[Features, ...]:
        found = [(int(key.rsplit("/", 1)[1]), key) for key in kept if key.startswith(prefix)]
        return tuple(np.asarray(kept[key], np.float32) for _, key in sorted(found))

    takes = (Take(label, runs(f"take/{index}/")) for index, label in enumerate(about.kept))
    return Lesson(tuple(takes), runs("ordinary/"), interval_s)
