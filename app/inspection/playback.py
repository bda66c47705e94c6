"""The position of a viewer in a recording, and the steps that it shows around it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

from app.inspection.history import USUAL_CAPACITY, PolicyHistory
from app.inspection.recording import Recording
from app.live.snapshot import Prediction


class Timed(Protocol):
    """Something that has a time."""

    @property
    def time_s(self) -> float:
        """Time in seconds from the first frame."""
        ...


def last_at(moments: Sequence[Timed], time_s: float) -> int | None:
    """Return the index of the newest of `moments` that is not after a time; None before all."""
    index = bisect_right(moments, time_s, key=lambda moment: moment.time_s) - 1
    return None if index < 0 else index


class Playback:
    """A position in a recording, with the history around it.

    The history holds the steps around the position, as that of the live page holds the newest.

    Attributes:
        recording: The recording.
        history: The steps that are shown; changes only when the position leaves them.
        first: Index of the first prediction among them.
    """

    def __init__(self, recording: Recording, capacity: int = USUAL_CAPACITY) -> None:
        """Begin at the start of the recording.

        Args:
            recording: The recording; not closed from here.
            capacity: Steps to show at once.
        """
        self.recording = recording
        self.history = PolicyHistory(capacity)
        self.first = 0
        self._time_s = 0.0
        self._show_from(0)

    @property
    def time_s(self) -> float:
        """The position, in seconds from the first frame."""
        return self._time_s

    @property
    def number(self) -> int | None:
        """Index of the prediction at this position; None before the first one."""
        return last_at(self.recording.predictions, self._time_s)

    @property
    def prediction(self) -> Prediction | None:
        """The prediction at this position; None before the first one."""
        number = self.number
        return None if number is None else self.recording.predictions[number]

    @property
    def column(self) -> int | None:
        """Index of that prediction among the steps that are shown; None before the first one."""
        number = self.number
        return None if number is None else number - self.first

    def seek(self, time_s: float) -> bool:
        """Go to a time within the recording; return whether other steps are shown now."""
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
        """Go to a prediction, clamped to the first and the last; return as `seek` does."""
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
