"""Counts what a run did, for the summary at its end."""

from __future__ import annotations

from collections import deque

import numpy as np

from app.events import SummaryEvent
from app.snapshot import Prediction

STEPS_REMEMBERED = 20_000
"""Step times kept for the percentiles: a run of days needs no more memory than one of an hour."""


class RunRecord:
    """Frames, predictions and step times of one run."""

    def __init__(self, engine_name: str, model_name: str) -> None:
        """Start with nothing done.

        Args:
            engine_name: Name of the engine.
            model_name: Name of the model.
        """
        self._engine_name = engine_name
        self._model_name = model_name
        self._frames = 0
        self._predictions = 0
        self._last_time_s = 0.0
        self._steps_ms: deque[float] = deque(maxlen=STEPS_REMEMBERED)

    @property
    def last_time_s(self) -> float:
        """Time of the newest frame on the source's clock, in seconds."""
        return self._last_time_s

    def change_engine(self, engine_name: str, model_name: str) -> None:
        """Name another engine and model from now on: the summary tells of the newest."""
        self._engine_name = engine_name
        self._model_name = model_name

    def add_frame(self, time_s: float) -> None:
        """Count a frame of the source."""
        self._frames += 1
        self._last_time_s = time_s

    def add_prediction(self, prediction: Prediction) -> None:
        """Count a step of the model."""
        self._predictions += 1
        self._steps_ms.append(prediction.step_ms)

    def summary(self, dropped: int = 0) -> SummaryEvent:
        """Return the last event of the run.

        Args:
            dropped: Samples that were left out because the engine was busy.
        """
        steps_ms = list(self._steps_ms)
        p50, p95 = np.percentile(steps_ms, (50, 95)).tolist() if steps_ms else (None, None)
        return SummaryEvent(
            t=self._last_time_s,
            frames=self._frames,
            predictions=self._predictions,
            dropped=dropped,
            step_ms_p50=p50,
            step_ms_p95=p95,
            engine=self._engine_name,
            model=self._model_name,
        )
