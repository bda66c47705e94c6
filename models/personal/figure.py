"""The honest figure: what a set would have done with takes that it was not fitted to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.decision import DecisionSettings, DecisionState, Gesture, Observation, decide
from models.personal.calibration import uncertainty

USEFUL = 0.6
"""Share of right takes below which a gesture is not of use."""


@dataclass(frozen=True)
class GestureFigure:
    """How the takes of one gesture were recognized, each left out once.

    Attributes:
        label: The gesture.
        right: Takes in which it fired, and nothing else did.
        judged: Takes that could be left out.
        taken_for: How often another gesture fired in them.
    """

    label: str
    right: int
    judged: int
    taken_for: Counter[str]


@dataclass(frozen=True)
class HonestFigure:
    """What is known of a set before it is used.

    Attributes:
        gestures: Of every gesture.
        fired: Gestures that fired in ordinary behavior, of which a part was left out at a time.
        ordinary_min: Its length, in minutes.
        false_per_min: False activations a minute that the thresholds aim at.
    """

    gestures: tuple[GestureFigure, ...]
    fired: Counter[str]
    ordinary_min: float
    false_per_min: float

    @property
    def right(self) -> int:
        """Takes that were right."""
        return sum(gesture.right for gesture in self.gestures)

    @property
    def judged(self) -> int:
        """Takes that were judged."""
        return sum(gesture.judged for gesture in self.gestures)

    def sentences(self) -> list[str]:
        """Say it to people."""
        return [
            *(_result(gesture) for gesture in self.gestures),
            self._silence(),
            *(hint for gesture in self.gestures for hint in _hints(gesture)),
        ]

    def _silence(self) -> str:
        named = ", ".join(f"{label} ({count})" for label, count in self.fired.most_common())
        what = (
            f"Fired in the ordinary behavior: {named}."
            if named
            else ("Nothing fired in the ordinary behavior.")
        )
        events = self.fired.total()
        return f"{what} {uncertainty(events, self.ordinary_min, self.false_per_min)}"


def _result(gesture: GestureFigure) -> str:
    if not gesture.judged:
        return f"{gesture.label}: one take, so that nothing can be said; make more."
    return f"{gesture.label}: {gesture.right} of {gesture.judged}."


def _hints(gesture: GestureFigure) -> list[str]:
    """Say what to do about a gesture that is not of use."""
    if not gesture.judged or gesture.right >= USEFUL * gesture.judged:
        return []
    if gesture.taken_for:
        other, count = gesture.taken_for.most_common(1)[0]
        return [
            f"{gesture.label} looks like {other} ({count} of {gesture.judged}): choose a gesture "
            "that is less alike."
        ]
    return [
        f"{gesture.label} is missed too often: make it larger or slower, take more of it, or "
        "choose another gesture."
    ]


def fired_in(
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
    silent: frozenset[str],
    decision: DecisionSettings,
    interval_s: float,
) -> list[Gesture]:
    """Return what fires in an unbroken run.

    Args:
        probabilities: At each step, of shape (N, K).
        labels: All K.
        silent: Those that never fire.
        decision: When a probability becomes a gesture.
        interval_s: Time between two steps, in seconds.
    """
    state, fired = DecisionState(), []
    for index, row in enumerate(probabilities.tolist()):
        believed = Observation(index * interval_s, dict(zip(labels, row, strict=True)))
        state, gesture = decide(state, believed, decision, silent)
        if gesture is not None:
            fired.append(gesture)
    return fired


def judge_takes(label: str, runs: Sequence[Sequence[str]]) -> GestureFigure:
    """Return the figure of one gesture.

    Args:
        label: The gesture.
        runs: Labels that fired in each of its takes.
    """
    others: Counter[str] = Counter()
    right = 0
    for fired in runs:
        wrong = set(fired) - {label}
        others.update(wrong)
        right += bool(fired) and not wrong
    return GestureFigure(label, right, len(runs), others)
