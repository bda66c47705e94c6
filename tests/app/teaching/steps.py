"""Steps of a run as a lesson sees them: features that say plainly what is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from app.live.step_memory import RememberedStep
from tests.models.personal.lessons import INTERVAL_S, SIZE

PICTURE = np.zeros((6, 8, 3), np.uint8)


class Person:
    """Stands before the camera; with every step of the model time goes on."""

    def __init__(self) -> None:
        self.index = 0
        self.time_s = 0.0
        self.run = 1
        self._random = np.random.default_rng(1)

    def step(self, feature: int | None = None, hand: bool | None = True) -> RememberedStep:
        """Return the next step; `feature` is high while a gesture is made."""
        features = self._random.normal(0, 0.3, SIZE)
        features[2] += 2
        if feature is not None:
            features[feature] += 3
        step = RememberedStep(
            self.index, self.time_s, self.run, features.astype(np.float32), PICTURE, hand
        )
        self.index += 1
        self.time_s += INTERVAL_S
        return step

    def interrupt(self) -> None:
        """Let the camera be lost and found again."""
        self.run += 1
        self.time_s += 5


Features = NDArray[np.float32]
Doing = Callable[[float], int | None]


def steps_of(person: Person, seconds: float) -> Iterator[RememberedStep]:
    """Yield steps of rest."""
    for _ in range(round(seconds / INTERVAL_S)):
        yield person.step()
