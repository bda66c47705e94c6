"""The newest steps of a run, with what the classifier read: takes are made of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from models.live import Step

CAPACITY = 240
"""Steps that are remembered: 40 seconds of a model that runs six times a second."""


@dataclass(frozen=True)
class RememberedStep:
    """One step of a run.

    Attributes:
        index: Counts the steps, from 0, over all runs and models.
        time_s: Time of its frame on the source's clock, in seconds.
        run: Uninterrupted run that it belongs to; steps of different runs do not follow each other.
        features: What the classifier read, of shape (F,); None where the engine does not give it.
        picture: BGR, cropped to the model's input.
        hand_seen: Whether a model of two views found the hand; None of a model of one view.
    """

    index: int
    time_s: float
    run: int
    features: NDArray[np.float32] | None
    picture: NDArray[np.uint8]
    hand_seen: bool | None


class StepMemory:
    """Remembers the newest steps; any thread may use it."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Remember nothing yet.

        Args:
            capacity: Steps that are remembered.
        """
        self._steps: deque[RememberedStep] = deque(maxlen=capacity)
        self._count = 0
        self._run = 0
        self._source_run: int | None = None
        self._lock = Lock()

    def add(self, step: Step) -> None:
        """Remember a step."""
        with self._lock:
            if step.run != self._source_run:
                self._source_run = step.run
                self._run += 1
            hand = step.hand
            self._steps.append(
                RememberedStep(
                    index=self._count,
                    time_s=step.time_s,
                    run=self._run,
                    features=step.features,
                    picture=step.picture,
                    hand_seen=None if hand is None else hand.seen,
                )
            )
            self._count += 1

    def break_off(self) -> None:
        """Let the next step begin a run of its own: another model or source follows."""
        with self._lock:
            self._source_run = None

    def after(self, index: int) -> list[RememberedStep]:
        """Return the steps with a higher index that are still remembered, oldest first."""
        with self._lock:
            return [step for step in self._steps if step.index > index]

    @property
    def newest(self) -> RememberedStep | None:
        """The newest step; None before the first."""
        with self._lock:
            return self._steps[-1] if self._steps else None
