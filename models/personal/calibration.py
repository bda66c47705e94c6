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
    """Return decision settings with one threshold for all gestures.

    A minute has no false activation to count, so the tail is extrapolated: of the highest logit
    that any gesture holds for long enough to fire in every two seconds, the upper half is taken for
    that of a normal distribution. Thresholds of their own would follow the chance of a few blocks.

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
    held = 1 + math.ceil(base.hold_s / interval_s - 1e-9)
    highest = np.concatenate([_highest(run[:, : len(gestures)], held, steps) for run in ordinary])
    threshold = _threshold(highest, false_per_min / blocks_per_min)
    own = {label: GestureThresholds(fire_above=threshold) for label in gestures}
    return msgspec.structs.replace(base, gestures=own)


def _highest(probability: NDArray[np.float64], held: int, steps: int) -> NDArray[np.float64]:
    """Return the highest logit that a gesture holds in every block of a run.

    Args:
        probability: Of every gesture at each step, of shape (N, G).
        held: Steps for which a gesture must stay up to fire.
        steps: Steps of a block.
    """
    clipped = np.clip(probability, 1e-12, 1 - 1e-12)
    logits = np.log(clipped) - np.log1p(-clipped)
    stays = np.lib.stride_tricks.sliding_window_view(logits, min(held, len(logits)), axis=0)
    likely = stays.min(-1).max(-1)
    return np.array([likely[at : at + steps].max() for at in range(0, len(likely), steps)])


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
