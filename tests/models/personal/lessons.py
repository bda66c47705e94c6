"""Lessons without pictures: features that say plainly what is done."""

from __future__ import annotations

import numpy as np

from models.linear_head import LinearHead
from models.personal.fitting import GeneralModel
from models.personal.takes import Lesson, Take
from models.personal.windows import Features
from tests.models.networks import tiny_spec

INTERVAL_S = 0.125
SIZE = 12
STEPS = 24


def general() -> GeneralModel:
    """Return a model that reads its four labels from the first four features, weakly."""
    weight = np.zeros((4, SIZE))
    weight[:, :4] = 0.5 * np.eye(4)
    return GeneralModel(tiny_spec(), LinearHead(weight, np.zeros(4)), "digest of the model")


def rest(steps: int, seed: int) -> Features:
    """Return features while nothing is done: the third label's, and noise."""
    noise = np.random.default_rng(seed).normal(0, 0.3, (steps, SIZE))
    noise[:, 2] += 2
    return noise.astype(np.float32)


def take(label: str, feature: int, seed: int, steps: int = STEPS) -> Take:
    """Return a take in whose middle a feature is high."""
    run = rest(steps, seed)
    run[steps // 3 : 2 * steps // 3 + 2, feature] += 3
    return Take(label, (run, run[1:]), f"{label} {seed}")


def lesson(**features: int) -> Lesson:
    """Return five takes of each gesture, named with its feature, and a minute of rest."""
    takes = [
        take(label.replace("_", " "), feature, 10 * feature + seed)
        for label, feature in features.items()
        for seed in range(5)
    ]
    return Lesson(tuple(takes), (rest(480, 99),), INTERVAL_S)
