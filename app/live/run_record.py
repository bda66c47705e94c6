"""Counts what a run did, for the summary at its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

import numpy as np

from app.live.events import ActionEvent, Event, SummaryEvent
from app.live.snapshot import Prediction

STEPS_REMEMBERED = 20_000
"""Times kept for the percentiles: a run of days needs no more memory than one of an hour."""


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
        self._latencies_ms: deque[float] = deque(maxlen=STEPS_REMEMBERED)

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

    def add_control_event(self, event: Event) -> None:
        """Count what the control did, if it brought out a key."""
        if isinstance(event, ActionEvent) and event.latency_ms is not None:
            self._latencies_ms.append(event.latency_ms)

    def summary(self, dropped: int = 0) -> SummaryEvent:
        """Return the last event of the run.

        Args:
            dropped: Samples that were left out because the engine was busy.
        """
        step_p50, step_p95 = _percentiles(self._steps_ms)
        latency_p50, latency_p95 = _percentiles(self._latencies_ms)
        return SummaryEvent(
            t=self._last_time_s,
            frames=self._frames,
            predictions=self._predictions,
            dropped=dropped,
            step_ms_p50=step_p50,
            step_ms_p95=step_p95,
            engine=self._engine_name,
            model=self._model_name,
            latency_ms_p50=latency_p50,
            latency_ms_p95=latency_p95,
        )


def _percentiles(values: Collection[float]) -> tuple[float | None, float | None]:
    """Return median and 95th percentile; None where there are no values."""
    if not values:
        return None, None
    p50, p95 = np.percentile(list(values), (50, 95)).tolist()
    return p50, p95
