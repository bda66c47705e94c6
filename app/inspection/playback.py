"""Where a viewer stands in a recorded session, and which steps it shows around that place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

from app.inspection.history import USUAL_CAPACITY, PolicyHistory
from app.inspection.recording import Recording
from app.live.snapshot import Prediction


class Timed(Protocol):
    """Something with a moment."""

    @property
    def time_s(self) -> float:
        """In seconds from the first frame."""
        ...


def last_at(moments: Sequence[Timed], time_s: float) -> int | None:
    """Return the number of the newest of `moments` that is not after a time; None before all."""
    number = bisect_right(moments, time_s, key=lambda moment: moment.time_s) - 1
    return None if number < 0 else number


class Playback:
    """A place in a recording, with the history around it.

    The history holds the steps around the place, as that of the live page holds the newest ones.

    Attributes:
        recording: What is looked at.
        history: The steps on show; changes only when the place leaves them.
        first: Number of the first prediction among them.
    """

    def __init__(self, recording: Recording, capacity: int = USUAL_CAPACITY) -> None:
        """Stand at the beginning.

        Args:
            recording: What to look at; not closed from here.
            capacity: Steps to show at once.
        """
        self.recording = recording
        self.history = PolicyHistory(capacity)
        self.first = 0
        self._time_s = 0.0
        self._show_from(0)

    @property
    def time_s(self) -> float:
        """The place, in seconds from the first frame."""
        return self._time_s

    @property
    def number(self) -> int | None:
        """Number of the prediction that holds here; None before the first one."""
        return last_at(self.recording.predictions, self._time_s)

    @property
    def prediction(self) -> Prediction | None:
        """The prediction that holds here; None before the first one."""
        number = self.number
        return None if number is None else self.recording.predictions[number]

    @property
    def column(self) -> int | None:
        """Where that prediction is among the steps on show; None before the first one."""
        number = self.number
        return None if number is None else number - self.first

    def seek(self, time_s: float) -> bool:
        """Go to a time, within the recording; return whether other steps are on show now."""
        self._time_s = min(max(0.0, time_s), self.recording.duration_s)
        number = self.number
        if number is None:
            number = 0
        if self.first <= number < self.first + max(1, self.history.steps):
            return False
        last = len(self.recording.predictions) - self.history.capacity
        self._show_from(max(0, min(number - self.history.capacity // 2, last)))
        return True

    def seek_number(self, number: int) -> bool:
        """Go to a prediction, at most to the first or the last; return as `seek` does."""
        predictions = self.recording.predictions
        if not predictions:
            return False
        return self.seek(predictions[min(max(0, number), len(predictions) - 1)].time_s)

    def _show_from(self, first: int) -> None:
        self.first = first
        self.history.clear()
        end = first + self.history.capacity
        for prediction in self.recording.predictions[first:end]:
            self.history.add(prediction)
