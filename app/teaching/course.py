"""The course of a lesson: which gesture is taken when, and which takes have to be made again.

The clock is that of the steps: while a camera gives no pictures, nothing passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from app.live.step_memory import RememberedStep
from models.personal.fitting import showing_windows
from models.personal.takes import SHORTEST_ORDINARY_S, Lesson, Take
from models.personal.windows import Features

TAKES = 5
"""Takes of each gesture."""

FIRST_COUNTDOWN_S, COUNTDOWN_S = 3.0, 1.4
"""Seconds before the first take of a gesture, and before the others."""

TAKE_S = 2.6
"""Seconds of a take: a gesture, and a moment of rest before and after."""

ORDINARY_S = 60.0
"""Seconds of ordinary behavior."""

LONGEST_GAP_S = 0.8
"""Seconds without a step after which what is being taken is broken off."""

EMPTY = 0.1
"""Share of a take's steps up to which a hand is no more than a mistake."""

LEAST_SEEN = 0.25
"""Share of a take's middle half in which a hand must be seen."""

UNLIKE = 1.8
"""How much farther from its nearest fellow a take must be than takes usually are, to be unlike."""


class Phase(Enum):
    """What is going on in a lesson."""

    COUNTDOWN = "countdown"
    TAKING = "taking"
    READY_FOR_ORDINARY = "ready for ordinary behavior"
    ORDINARY = "ordinary behavior"
    DONE = "done"


class Flaw(Enum):
    """What is wrong with a take, as a sentence for people."""

    EMPTY = "No hand was seen; it is taken again."
    CUT_OFF = "The hand was out of the picture in the middle; it is taken again."
    INTERRUPTED = "The picture was interrupted; it is taken again."
    UNLIKE = "It looks unlike the others; take it again if it was not meant so."


@dataclass(frozen=True)
class ShownTake:
    """One take.

    Attributes:
        label: The gesture.
        features: Of its steps, of shape (N, F).
        picture: BGR, from its middle; None of a take from an earlier sitting.
        flaw: What is wrong with it; None for nothing.
    """

    label: str
    features: Features
    picture: NDArray[np.uint8] | None = None
    flaw: Flaw | None = None

    @property
    def counts(self) -> bool:
        """Whether the lesson is learned from it."""
        return self.flaw is None or self.flaw is Flaw.UNLIKE


@dataclass
class Course:
    """A lesson that goes on with every step; used by one thread.

    Attributes:
        gestures: What is taught, in order.
        interval_s: Time between two steps of the model, in seconds.
        frames: Frames of the model's clip.
        takes: Everything taken so far, also what does not count.
        ordinary: Uninterrupted runs of ordinary behavior.
        paused: Whether steps are ignored.
        phase: What is going on.
    """

    gestures: tuple[str, ...]
    interval_s: float
    frames: int
    takes: list[ShownTake] = field(default_factory=list)
    ordinary: list[list[NDArray[np.float32]]] = field(default_factory=list)
    paused: bool = False
    phase: Phase = Phase.COUNTDOWN
    _since_s: float | None = None
    _before: RememberedStep | None = None
    _steps: list[RememberedStep] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begin()

    @property
    def gesture(self) -> str | None:
        """The gesture whose turn it is; None once all are taken."""
        return next((label for label in self.gestures if self.missing(label)), None)

    @property
    def left_s(self) -> float:
        """Time until the current phase is over, in seconds."""
        passed = 0.0
        if self.phase is Phase.ORDINARY:
            passed = self.ordinary_s
        elif self._since_s is not None and self._before is not None:
            passed = self._before.time_s - self._since_s
        return max(0.0, self.length_s - passed)

    @property
    def ordinary_s(self) -> float:
        """Ordinary behavior so far, in seconds."""
        return sum(map(len, self.ordinary)) * self.interval_s

    @property
    def enough_ordinary(self) -> bool:
        """Whether there is as much ordinary behavior as a lesson needs at least."""
        return self.ordinary_s >= SHORTEST_ORDINARY_S

    @property
    def lesson(self) -> Lesson:
        """What can be learned from, in the order of `gestures`."""
        takes = (
            Take(take.label, (take.features,), f"take {number} of '{take.label}'")
            for label in self.gestures
            for number, take in enumerate(self.of(label), start=1)
            if take.counts
        )
        runs = tuple(np.stack(run) for run in self.ordinary if run)
        return Lesson(tuple(takes), runs, self.interval_s)

    def of(self, label: str) -> list[ShownTake]:
        """Return the takes of a gesture, also those that do not count."""
        return [take for take in self.takes if take.label == label]

    def missing(self, label: str) -> int:
        """Return how many takes of a gesture are still to be made."""
        return max(0, TAKES - sum(take.counts for take in self.of(label)))

    def see(self, step: RememberedStep) -> None:
        """Go on by one step, in order."""
        before, self._before = self._before, step
        if self.paused or self.phase in (Phase.READY_FOR_ORDINARY, Phase.DONE):
            return
        follows = before is not None and _follows(before, step)
        if self.phase is Phase.ORDINARY:
            self._see_ordinary(step, follows=follows)
        elif self.phase is Phase.TAKING:
            self._see_take(step, follows=follows)
        elif self._since_s is None or not follows:
            self._since_s = step.time_s
        elif step.time_s - self._since_s >= self.length_s - 1e-9:
            self.phase, self._since_s, self._steps = Phase.TAKING, step.time_s, [step]

    def pause(self) -> None:
        """Ignore steps; a take that has begun is not made."""
        self.paused = True

    def resume(self) -> None:
        """Go on, with a new countdown where takes are made."""
        self.paused = False
        if self.phase in (Phase.COUNTDOWN, Phase.TAKING):
            self._begin()
        elif self.phase is Phase.ORDINARY:
            self.ordinary.append([])

    def take_again(self, take: ShownTake) -> None:
        """Discard a take, so that it is made again at once."""
        self.takes = [one for one in self.takes if one is not take]
        self._mark_unlike(take.label)
        if self.missing(take.label):
            self._begin()

    def begin_ordinary(self) -> None:
        """Begin with the ordinary behavior, or go on with it."""
        self.phase, self.paused = Phase.ORDINARY, False
        self.ordinary.append([])

    def reopen(self) -> None:
        """Go back to the takes: each can be made again, and there can be more ordinary behavior."""
        if self.phase is Phase.DONE:
            self.phase, self.paused = Phase.READY_FOR_ORDINARY, False
        else:
            self.pause()

    def end_ordinary(self) -> None:
        """Let the ordinary behavior so far be enough."""
        self.phase = Phase.DONE

    def _see_ordinary(self, step: RememberedStep, *, follows: bool) -> None:
        if not follows:
            self.ordinary.append([])
        if step.features is not None:
            self.ordinary[-1].append(step.features)
        if self.ordinary_s >= ORDINARY_S:
            self.end_ordinary()

    def _see_take(self, step: RememberedStep, *, follows: bool) -> None:
        assert self._since_s is not None  # of the take's first step
        if not follows:
            self._end_take(Flaw.INTERRUPTED)
            return
        self._steps.append(step)
        if step.time_s - self._since_s >= TAKE_S - 1e-9:
            self._end_take(_flaw(self._steps))

    def _end_take(self, flaw: Flaw | None) -> None:
        label = self.gesture
        assert label is not None  # otherwise nothing would be taken
        features = [step.features for step in self._steps if step.features is not None]
        if features:
            picture = self._steps[len(self._steps) // 2].picture
            self.takes.append(ShownTake(label, np.stack(features), picture, flaw))
            self._mark_unlike(label)
        self._begin()

    def _begin(self) -> None:
        """Begin with what is to be done next."""
        self._steps, self._since_s = [], None
        if self.gesture is not None:
            self.phase = Phase.COUNTDOWN
        elif self.enough_ordinary:
            self.phase = Phase.DONE
        else:
            self.phase = Phase.READY_FOR_ORDINARY

    @property
    def length_s(self) -> float:
        """Length of the current phase, in seconds; 0 of one that waits."""
        if self.phase in (Phase.READY_FOR_ORDINARY, Phase.DONE):
            return 0.0
        if self.phase is Phase.ORDINARY:
            return ORDINARY_S
        if self.phase is Phase.TAKING:
            return TAKE_S
        first = self.gesture is not None and not self.of(self.gesture)
        return FIRST_COUNTDOWN_S if first or self._resumed else COUNTDOWN_S

    @property
    def _resumed(self) -> bool:
        """Whether nothing has been taken in this sitting."""
        return all(take.picture is None for take in self.takes)

    def _mark_unlike(self, label: str) -> None:
        """Mark the takes of a gesture that look unlike the others, and no others."""
        fellows = [take for take in self.of(label) if take.counts]
        marks = unlike([take.features for take in fellows], self.frames)
        flaws = {id(take): Flaw.UNLIKE if mark else None for take, mark in zip(fellows, marks)}  # noqa: B905 - of equal length
        self.takes = [
            ShownTake(one.label, one.features, one.picture, flaws[id(one)])
            if id(one) in flaws
            else one
            for one in self.takes
        ]


def _follows(before: RememberedStep, step: RememberedStep) -> bool:
    """Return whether a step follows another without a break."""
    return before.run == step.run and 0 < step.time_s - before.time_s <= LONGEST_GAP_S


def _flaw(steps: Sequence[RememberedStep]) -> Flaw | None:
    """Return what is wrong with a take; a model of one view cannot say whether it saw a hand."""
    seen = [bool(step.hand_seen) for step in steps]
    if any(step.hand_seen is None for step in steps):
        return None
    quarter = len(seen) // 4
    middle = seen[quarter : len(seen) - quarter]
    if sum(seen) <= EMPTY * len(seen):
        return Flaw.EMPTY
    return Flaw.CUT_OFF if sum(middle) < LEAST_SEEN * len(middle) else None


def unlike(takes: Sequence[Features], frames: int) -> list[bool]:
    """Return which takes of one gesture look unlike the others.

    Of every take the mean of the windows that show the gesture is compared; one is unlike the
    others if the nearest of them is much farther away than is usual.

    Args:
        takes: Of one gesture, each of shape (N, F).
        frames: Frames of the model's clip.
    """
    if len(takes) < 4:
        return [False] * len(takes)
    means = np.stack([showing_windows(take, frames).mean(0) for take in takes])
    distances = np.linalg.norm(means[:, None] - means[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min(1)
    usual = np.array([np.median(np.delete(nearest, index)) for index in range(len(takes))])
    return [bool(mark) for mark in nearest > UNLIKE * usual]
