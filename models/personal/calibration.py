"""Thresholds for a false rate that a person chooses, and what a short recording cannot show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.decision import DecisionSettings, GestureThresholds

FALSE_PER_MIN = 0.1
"""False activations a minute that a person accepts unless another rate is chosen."""

BLOCK_S = 2.0
"""Seconds of ordinary behavior that count as one chance of a false activation."""

LOWEST, HIGHEST = 0.5, 1 - 1e-9
"""Range of thresholds; a gesture that fires is more probable than all else together."""

LEAST_SPREAD = 0.5
"""Smallest standard deviation, in logits, that a recording is believed to have."""

CERTAINTY = 0.95


def calibrated(
    base: DecisionSettings,
    gestures: Sequence[str],
    ordinary: Sequence[NDArray[np.float64]],
    interval_s: float,
    false_per_min: float,
) -> DecisionSettings:
    """Return decision settings with a threshold of its own for every gesture.

    A minute has no false activation to count, so the tail is extrapolated: of the highest logit of
    a gesture in every two seconds, the upper half is taken for that of a normal distribution.

    Args:
        base: What stays as it is.
        gestures: Labels, the first ones of the probabilities.
        ordinary: Probabilities in runs of ordinary behavior that the classifier was not fitted
            to, each of shape (N, K).
        interval_s: Time between two steps, in seconds.
        false_per_min: False activations a minute of all gestures together.
    """
    steps = max(1, round(BLOCK_S / interval_s))
    blocks_per_min = 60 / (steps * interval_s)
    chance = false_per_min / len(gestures) / blocks_per_min
    thresholds = {}
    for index, label in enumerate(gestures):
        highest = np.concatenate([_highest(run[:, index], steps) for run in ordinary])
        thresholds[label] = GestureThresholds(fire_above=_threshold(highest, chance))
    return msgspec.structs.replace(base, gestures=thresholds)


def _highest(probability: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Return the highest logit in every block of a run."""
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    logits = np.log(clipped) - np.log1p(-clipped)
    return np.array([logits[at : at + steps].max() for at in range(0, len(logits), steps)])


def _threshold(highest: NDArray[np.float64], chance: float) -> float:
    """Return the probability that a block exceeds with a chance, as far as its tail shows it."""
    middle = float(np.median(highest))
    above = highest[highest >= middle] - middle
    spread = max(float(np.sqrt(np.mean(above**2))), LEAST_SPREAD)
    deviations = NormalDist().inv_cdf(1 - min(chance, 0.5))
    logit = min(middle + deviations * spread, 30.0)
    return float(np.clip(1 / (1 + math.exp(-logit)), LOWEST, HIGHEST))


def highest_rate(events: int, minutes: float) -> float:
    """Return the rate a minute that so few events in so many minutes do not exclude.

    The exact bound of a Poisson rate at 95 %; three events a recording if there was none, the rule
    of three.
    """
    from scipy.special import gammaincinv  # half a second that only a fit needs

    return float(gammaincinv(events + 1, CERTAINTY)) / minutes


def uncertainty(events: int, minutes: float, false_per_min: float) -> str:
    """Say what a recording of ordinary behavior shows and what it cannot, in one sentence."""
    bound = highest_rate(events, minutes)
    said = (
        f"{minutes:.1f} minutes with {events} false activations do not exclude {bound:.1f} a minute"
    )
    if bound <= false_per_min:
        return f"{said}, at 95 % certainty."
    needed = highest_rate(0, 1.0) / false_per_min
    return (
        f"{said} (95 % certainty); that there are at most {_as_rate(false_per_min)}, only "
        f"{needed:.0f} minutes without one would show."
    )


def _as_rate(per_min: float) -> str:
    return f"1 in {1 / per_min:.0f} minutes" if per_min < 1 else f"{per_min:g} a minute"
