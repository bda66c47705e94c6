"""Compares the performer's movements with measured ones, label by label and measure by measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.performer.kinematics.measured import read_arms, read_hands
from training.performer.kinematics.measures import ARM_MEASURES, HAND_MEASURES
from training.performer.kinematics.performed import perform_arms, perform_hands

COVERED_AT_LEAST = 0.6
"""Share of people that must lie within the performer's range, its 5th to 95th percentile."""

_RANGE = (5.0, 50.0, 95.0)
_FEWEST = 8

Performer = Callable[[str, int, int], dict[str, list[float]]]


@dataclass(frozen=True)
class Comparison:
    """One measure of one label.

    Attributes:
        label: What is done.
        part: "hand" or "arm".
        measure: What is measured; `meaning` says what that is.
        meaning: In words, with its unit.
        people: 5th, 50th and 95th percentile of people's movements.
        performer: The same of the performer's.
        covered: Share of people's movements within the performer's range, 0 to 1.
    """

    label: str
    part: str
    measure: str
    meaning: str
    people: tuple[float, float, float]
    performer: tuple[float, float, float]
    covered: float

    @property
    def outside(self) -> bool:
        """True if people do what the performer does not."""
        return self.covered < COVERED_AT_LEAST


def compare(
    folder: Path, clips: int, seed: int, progress: Callable[[float], None] = lambda share: None
) -> list[Comparison]:
    """Compare all that was measured with the performer.

    Args:
        folder: Holds `hands.npz`, `arms_a.npz` and `arms_b.npz`.
        clips: Performances of each label.
        seed: Chooses them.
        progress: Told what share is done.

    Raises:
        DataError: A file is missing or damaged, or holds no movement that a label stands for.
    """
    hands, arms = read_hands(folder), read_arms(folder)
    done, total = 0, len(hands) + len(arms)
    rows: list[Comparison] = []
    for part, people, perform, meanings in (
        ("hand", hands, perform_hands, HAND_MEASURES),
        ("arm", arms, perform_arms, ARM_MEASURES),
    ):
        for label in sorted(people):
            rows += _compared(label, part, people[label], perform(label, clips, seed), meanings)
            done += 1
            progress(done / total)
    return rows


def _compared(
    label: str,
    part: str,
    people: dict[str, list[float]],
    performer: dict[str, list[float]],
    meanings: dict[str, str],
) -> list[Comparison]:
    rows = []
    for measure, meaning in meanings.items():
        measured, performed = np.array(people[measure]), np.array(performer[measure])
        if len(measured) < _FEWEST:
            continue
        ours = _percentiles(performed)
        covered = float(((measured >= ours[0]) & (measured <= ours[2])).mean())
        theirs = _percentiles(measured)
        rows.append(Comparison(label, part, measure, meaning, theirs, ours, covered))
    return rows


def _percentiles(
    values: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> tuple[float, float, float]:
    low, middle, high = np.percentile(values, _RANGE).tolist()
    return low, middle, high
