"""Corrections while a person's set is used: what fired for nothing, and what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.live.step_memory import RememberedStep
from app.process.background_work import BackgroundWork, Progress
from models.personal.calibration import FALSE_PER_MIN
from models.personal.figure import HonestFigure, fired_in
from models.personal.fitting import GeneralModel
from models.personal.personal_set import PersonalSet
from models.personal.takes import Lesson, Take
from models.personal.teaching import Taught, teach
from models.personal.windows import Features, windows

BEFORE_S, AFTER_S = 1.8, 0.9
"""Seconds before and after a gesture fires that are remembered of it."""

MISSED_WITHIN_S = 6.0
"""Seconds in which a gesture that was missed must have been made."""

MOST_COPIES = 16
"""Most copies of a moment that stand against a whole minute of ordinary behavior."""


@dataclass(frozen=True)
class Correction:
    """What a moment really was.

    Attributes:
        moment: Its features, of shape (N, F).
        label: The gesture that was made; None for nothing.
    """

    moment: Features
    label: str | None


@dataclass(frozen=True)
class Corrected:
    """A set that was fitted again.

    Attributes:
        taught: The set, with its figure.
        lesson: What it was fitted to: the corrections are part of it.
        before: The figure of the lesson without the correction.
        helps: Whether the moment is recognized now as what it was.
    """

    taught: Taught
    lesson: Lesson
    before: HonestFigure
    helps: bool

    @property
    def worse(self) -> bool:
        """Whether fewer of the takes are right than before, or more fires in the rest."""
        after, before = self.taught.figure, self.before
        more_wrong = after.judged - after.right > before.judged - before.right
        return more_wrong or after.fired.total() > before.fired.total()


def features_between(
    steps: Sequence[RememberedStep], begin_s: float, end_s: float, run: int
) -> Features | None:
    """Return the features of a run's steps in a span of time; None if there are none."""
    found = [
        step.features
        for step in steps
        if step.run == run and begin_s <= step.time_s <= end_s and step.features is not None
    ]
    return np.stack(found) if found else None


def missed_moment(
    steps: Sequence[RememberedStep], label: str, personal: PersonalSet, frames: int
) -> Features | None:
    """Return the moment in which a missed gesture was most likely made; None if there is none.

    Args:
        steps: The newest ones, oldest first.
        label: The gesture.
        personal: The set that missed it.
        frames: Frames of the model's clip.
    """
    if not steps or label not in personal.about.labels:
        return None
    newest = steps[-1]
    since_s = newest.time_s - MISSED_WITHIN_S
    recent = [
        step
        for step in steps
        if step.run == newest.run and step.time_s >= since_s and step.features is not None
    ]
    if not recent:
        return None
    features = np.stack([step.features for step in recent if step.features is not None])
    column = personal.about.labels.index(label)
    likely = personal.head.probabilities(windows(features, frames))[:, column]
    at_s = recent[int(likely.argmax())].time_s
    length_s = BEFORE_S + AFTER_S
    end_s = min(at_s + AFTER_S, newest.time_s)
    return features_between(recent, end_s - length_s, end_s, newest.run)


def begin_correction(
    model: GeneralModel, lesson: Lesson, personal: PersonalSet, correction: Correction
) -> BackgroundWork[Corrected]:
    """Begin to fit a set again in a thread of its own.

    Args:
        model: The general model.
        lesson: What the set was fitted to.
        personal: The set.
        correction: What a moment really was.
    """
    rate = personal.about.false_per_min or FALSE_PER_MIN
    name = personal.about.name

    def fit(lesson: Lesson) -> Taught:
        return teach(model, lesson, name, false_per_min=rate, camera=personal.about.camera)

    def work(progress: Progress) -> Corrected:
        before = fit(lesson).figure
        copies = 1
        while True:
            progress(copies / (2 * MOST_COPIES))
            longer = with_correction(lesson, correction, copies)
            taught = fit(longer)
            helps = _helps(taught, correction, model, lesson.interval_s)
            if helps or correction.label is not None or copies >= MOST_COPIES:
                return Corrected(taught, longer, before, helps)
            copies *= 2

    return BackgroundWork(work, "correction")


def with_correction(lesson: Lesson, correction: Correction, copies: int = 1) -> Lesson:
    """Return a lesson with a moment as a further take, or as ordinary behavior.

    Args:
        lesson: The lesson.
        correction: What the moment really was.
        copies: How often ordinary behavior is repeated, so that it counts for more.
    """
    if correction.label is None:
        return replace(lesson, ordinary=lesson.ordinary + (correction.moment,) * copies)
    take = Take(correction.label, (correction.moment,), "a correction")
    return replace(lesson, takes=(*lesson.takes, take))


def _helps(taught: Taught, correction: Correction, model: GeneralModel, interval_s: float) -> bool:
    """Return whether a moment is recognized as what it was."""
    personal = taught.set
    about = personal.about
    probabilities = personal.head.probabilities(windows(correction.moment, model.spec.frames))
    fired = fired_in(
        probabilities, about.labels, frozenset(about.silent_labels), about.decision, interval_s
    )
    labels = {gesture.label for gesture in fired}
    return labels == ({correction.label} if correction.label else set())
