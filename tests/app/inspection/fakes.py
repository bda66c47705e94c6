"""A recording in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.inspection.playback import last_at
from app.live.snapshot import Prediction
from app.sources.base import Frame
from models.decision import Gesture


class FakeRecording:
    """Holds predictions, gestures and frames of a run."""

    def __init__(
        self,
        predictions: Sequence[Prediction],
        gestures: Sequence[Gesture] = (),
        frames: Sequence[Frame] = (),
        duration_s: float | None = None,
    ) -> None:
        self.predictions = predictions
        self.gestures = gestures
        self.closed = 0
        self._frames = frames
        last_s = predictions[-1].time_s if predictions else 0.0
        self.duration_s = last_s if duration_s is None else duration_s

    def frame_at(self, time_s: float) -> NDArray[np.uint8] | None:
        """Return the newest frame that is not after a time."""
        number = last_at(self._frames, time_s)
        return None if number is None else self._frames[number].image

    def close(self) -> None:
        """Count it."""
        self.closed += 1
