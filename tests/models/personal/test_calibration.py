"""One threshold for all gestures, from what ordinary behavior holds for long enough to fire."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.decision import DecisionSettings
from models.personal.calibration import LOWEST, calibrated

INTERVAL_S = 0.125
GESTURES = ("Wave", "Heart")
BASE = DecisionSettings(hold_s=0.25)
HELD_STEPS = 3
"""Two intervals lie between them."""


def ordinary(*peaks: tuple[int, int, float], seed: int = 1) -> NDArray[np.float64]:
    """Return a minute that is nearly silent, with peaks: a gesture, its steps, its probability."""
    random = np.random.default_rng(seed)
    run = np.empty((480, 3))
    run[:, :2] = random.uniform(0.01, 0.05, (480, 2))
    for number, (gesture, steps, probability) in enumerate(peaks):
        begin = 40 + 60 * number
        run[begin : begin + steps, gesture] = probability
    run[:, 2] = 1 - run[:, :2].sum(1)
    return run


def threshold(*peaks: tuple[int, int, float], rate: float = 1.0) -> float:
    decision = calibrated(BASE, GESTURES, [ordinary(*peaks)], INTERVAL_S, rate)
    (shared,) = {decision.fire_above_for(label) for label in GESTURES}
    return shared


def test_what_never_lasts_as_long_as_a_gesture_needs_changes_nothing() -> None:
    quiet = threshold()
    assert threshold((0, HELD_STEPS - 1, 0.9), (1, HELD_STEPS - 1, 0.9)) == pytest.approx(quiet)
    assert threshold((0, HELD_STEPS, 0.9), (1, HELD_STEPS, 0.9)) > quiet


def test_all_gestures_share_what_the_likeliest_needs() -> None:
    alone = threshold((0, 6, 0.8), (0, 6, 0.8), (0, 6, 0.7))
    assert alone > LOWEST
    assert threshold((0, 6, 0.8), (1, 6, 0.8), (0, 6, 0.7)) == pytest.approx(alone, abs=0.01)


def test_fewer_false_activations_need_a_higher_threshold() -> None:
    peaks = tuple((number % 2, 6, 0.9) for number in range(6))
    found = [threshold(*peaks, rate=rate) for rate in (3.0, 1.0, 0.1)]
    assert found == sorted(found)
    assert len(set(found)) == 3


def test_a_run_shorter_than_a_gesture_counts_as_it_is() -> None:
    short = ordinary((0, 6, 0.9))[40:42]
    decision = calibrated(BASE, GESTURES, [short, ordinary()], INTERVAL_S, 1.0)
    assert decision.fire_above_for("Wave") >= threshold()
