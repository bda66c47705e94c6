"""What a person shows: takes of gestures and ordinary behavior, as features step by step.

No picture is needed once these are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import ModelError
from models.live import ImageFrame, LiveModel, Step
from models.personal.personal_set import needed_features
from models.personal.windows import Features

LONGEST_TAKE_S = 15.0
SHORTEST_TAKE_S = 0.6
SHORTEST_ORDINARY_S = 10.0
LONGEST_ORDINARY_S = 3600.0
MOST_TAKES = 50
"""Of one gesture."""

PHASES = 2
"""Times that a take is read, each time beginning a little later: live, too, a gesture may begin
anywhere between two frames that the model sees."""


class LessonError(ModelError):
    """What was taken cannot be learned from; one sentence that says what to do."""


@dataclass(frozen=True)
class Take:
    """One repetition of a gesture.

    Attributes:
        label: The gesture.
        runs: The take as read at different phases of the model's cadence; the first is as a source
            that begins with it would be seen.
        name: Where it is from, for people.
    """

    label: str
    runs: tuple[Features, ...]
    name: str = ""


@dataclass(frozen=True)
class Lesson:
    """Everything that a person has shown.

    Attributes:
        takes: Of all gestures.
        ordinary: Runs of what must stay silent.
        interval_s: Time between two steps, in seconds.
    """

    takes: tuple[Take, ...]
    ordinary: tuple[Features, ...]
    interval_s: float

    @property
    def gestures(self) -> tuple[str, ...]:
        """The gestures, in the order in which they were first taken."""
        return tuple(dict.fromkeys(take.label for take in self.takes))

    @property
    def ordinary_min(self) -> float:
        """Length of the ordinary behavior, in minutes."""
        return sum(map(len, self.ordinary)) * self.interval_s / 60

    def of(self, label: str) -> list[Take]:
        """Return the takes of a gesture."""
        return [take for take in self.takes if take.label == label]

    def check(self) -> None:
        """Reject what cannot be learned from.

        Raises:
            LessonError: Takes or ordinary behavior are missing, too short, too long or too many.
        """
        if not self.takes:
            raise LessonError("There is no take of any gesture; make at least two of each.")
        for label in self.gestures:
            if len(self.of(label)) > MOST_TAKES:
                raise LessonError(f"'{label}' has more than {MOST_TAKES} takes; five are enough.")
        for take in self.takes:
            self._check_take(take)
        seconds = self.ordinary_min * 60
        if seconds < SHORTEST_ORDINARY_S:
            raise LessonError(
                f"There are {seconds:.0f} seconds of ordinary behavior, which show nothing of what "
                "must stay silent; take a minute of talking, drinking and typing."
            )
        if seconds > LONGEST_ORDINARY_S:
            raise LessonError("There is more than an hour of ordinary behavior; a part is enough.")

    def _check_take(self, take: Take) -> None:
        name = take.name or f"a take of '{take.label}'"
        seconds = len(take.runs[0]) * self.interval_s
        if seconds < SHORTEST_TAKE_S:
            raise LessonError(f"{name} is only {seconds:.1f} seconds long; take it again.")
        if seconds > LONGEST_TAKE_S:
            raise LessonError(
                f"{name} lasts {seconds:.0f} seconds, and a take may last {LONGEST_TAKE_S:.0f}; "
                "cut out the one gesture."
            )


def read_take(
    model: LiveModel, label: str, read: Callable[[], Iterable[ImageFrame]], name: str = ""
) -> Take:
    """Run a general model over the pictures of one take, once for each phase.

    Args:
        model: The general model.
        label: The gesture.
        read: Gives the frames of the take, from the first one, each time.
        name: Where it is from.

    Raises:
        LessonError: It is too long or empty, or a model that looks for the hand finds none.
        ModelError: The graph gives no features, or the scores are not finite.
        ValueError: A picture is not an 8-bit gray, BGR or BGRA picture.
    """
    shown = name or f"a take of '{label}'"
    runs = []
    for phase in range(PHASES):
        later_s = model.spec.frame_interval_s * phase / PHASES
        steps = _steps(model, _from(read(), later_s, shown))
        if phase == 0 and not steps:
            raise LessonError(f"{shown} holds no pictures; take it again.")
        if phase == 0 and not any(step.hand is None or step.hand.seen for step in steps):
            raise LessonError(
                f"No hand was found in {shown}; take it again with the whole hand in view."
            )
        runs += _by_run(steps)
    return Take(label, tuple(runs), name)


def _from(frames: Iterable[ImageFrame], later_s: float, shown: str) -> Iterator[ImageFrame]:
    """Yield the frames from some time after the first one.

    Raises:
        LessonError: The take is too long.
    """
    first_s = None
    for frame in frames:
        first_s = frame.time_s if first_s is None else first_s
        if frame.time_s - first_s > LONGEST_TAKE_S:
            raise LessonError(
                f"{shown} lasts more than {LONGEST_TAKE_S:.0f} seconds; cut out the one gesture."
            )
        if frame.time_s - first_s >= later_s - 1e-9:
            yield frame


def read_ordinary(model: LiveModel, frames: Iterable[ImageFrame]) -> tuple[Features, ...]:
    """Run a general model over ordinary behavior; return the features of each unbroken run.

    Raises:
        ModelError: The graph gives no features, or the scores are not finite.
        ValueError: A picture is not an 8-bit gray, BGR or BGRA picture.
    """
    return tuple(_by_run(_steps(model, frames)))


def _steps(model: LiveModel, frames: Iterable[ImageFrame]) -> list[Step]:
    model.restart()
    return list(LiveModel(model.engine).over(frames))


def _by_run(steps: Sequence[Step]) -> list[Features]:
    runs: dict[int, list[Features]] = {}
    for step in steps:
        runs.setdefault(step.run, []).append(needed_features(step.features, step.spec.name))
    return [np.stack(run) for run in runs.values()]
