"""Reports what a run does: to the control, to a recording, as events and in the summary."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from threading import Lock

import numpy as np

from app.control.arming import Cause
from app.control.controller import Controller
from app.live.events import (
    ActionEvent,
    ErrorEvent,
    Event,
    GestureEvent,
    PredictionEvent,
    SummaryEvent,
)
from app.live.recognizer import Recognition
from app.live.snapshot import Prediction
from app.recording.header import RecordedModel
from app.recording.recorder import Recorder
from app.sources.base import Frame
from models.cadence import Sample


class RunReport:
    """Passes on what a run reports, from any thread; events are emitted one at a time.

    What takes the events may fail, for example on a full disk: the error is raised to the caller.
    """

    def __init__(
        self,
        engine_name: str,
        model_name: str,
        on_event: Callable[[Event], None] | None,
        control: Controller | None,
        recorder: Recorder | None,
    ) -> None:
        """Report nothing yet.

        Args:
            engine_name: Name of the engine.
            model_name: Name of the model.
            on_event: Takes the events.
            control: Turns gestures into keys; None only shows them. Not closed from here.
            recorder: Records frames and what the model made of them, but not events. Not stopped
                at the end.
        """
        self._record = RunRecord(engine_name, model_name)
        self._on_event = on_event
        self._control = control
        self._recorder = recorder
        self._lock = Lock()
        self._finished = False
        self._recording_failure = ""

    def source_opened(self, name: str) -> None:
        """Note which camera or file the frames come from."""
        if self._recorder is not None:
            self._recorder.opened(name)

    def change_source(self) -> None:
        """Disarm the control and end a recording: another source follows."""
        self.disarm(Cause.SOURCE_CHANGED)
        if self._recorder is not None:
            self._recorder.stop()

    def change_model(self, model: RecordedModel) -> None:
        """End a recording, which belongs to one model; the summary names the newest."""
        if self._recorder is not None:
            self._recorder.use_model(model)
        self._record.change_engine(model.engine, model.spec.name)

    def frame(self, frame: Frame) -> None:
        """Count a frame of the source and record it."""
        self._record.add_frame(frame.time_s)
        if self._recorder is not None:
            self._recorder.see_frame(frame)

    def begins_recording(self) -> bool:
        """Return whether the next sample is the first of a recording: the stream must restart."""
        return self._recorder is not None and self._recorder.takes_start()

    def recognition(self, sample: Sample[Frame], result: Recognition) -> None:
        """Report what the model made of a sample."""
        if self._control is not None:  # first of all: a key must not wait for a file
            self._control.observe(result.verdict, sample.frame.captured_at_s)
        if self._recorder is not None:
            self._recorder.see_recognition(sample, result)
            self._report_recording_failure(self._recorder.status.failure)
        self._record.add_prediction(result.snapshot.prediction)
        self._emit(PredictionEvent.of(result.snapshot.prediction))
        if result.fired is not None:
            self._emit(GestureEvent.of(result.fired))
        self._emit_control_events()

    def error(self, message: str) -> None:
        """Emit an error event, at the time of the newest frame."""
        self._emit(ErrorEvent(t=self._record.last_time_s, message=message))

    def disarm(self, cause: Cause) -> None:
        """Disarm the control, if there is one."""
        if self._control is not None:
            self._control.disarm(cause)
            self._emit_control_events()

    def finish(self, dropped: int = 0, *, silently: bool = False) -> None:
        """Emit the summary, the last event of all; a second call does nothing.

        Args:
            dropped: Samples that were dropped because the engine was busy.
            silently: Leave the summary out: there was no run.
        """
        if self._recorder is not None:
            self._report_recording_failure(self._recorder.status.failure)
        with self._lock:
            if self._finished:
                return
            self._finished = True
            if self._on_event is not None and not silently:
                self._on_event(self._record.summary(dropped))

    def _report_recording_failure(self, failure: str) -> None:
        """Report once that a recording broke off; the run continues."""
        if failure and failure != self._recording_failure:
            self.error(failure)
        self._recording_failure = failure

    def _emit(self, event: Event) -> None:
        """Pass an event on, unless the summary has been emitted."""
        with self._lock:
            if self._on_event is not None and not self._finished:
                self._on_event(event)

    def _emit_control_events(self) -> None:
        """Pass on what happened in the control since the last call."""
        if self._control is None:
            return
        for event in self._control.take_events():
            self._record.add_control_event(event)
            self._emit(event)


STEPS_REMEMBERED = 20_000
"""Times kept for the percentiles, so that a run of days needs no more memory than an hour."""


class RunRecord:
    """Frames, predictions and step times of one run."""

    def __init__(self, engine_name: str, model_name: str) -> None:
        """Count nothing yet.

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
        """Use other names from now on: the summary names the newest engine and model."""
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
        """Note the latency of a key that the control sent."""
        if isinstance(event, ActionEvent) and event.latency_ms is not None:
            self._latencies_ms.append(event.latency_ms)

    def summary(self, dropped: int = 0) -> SummaryEvent:
        """Return the last event of the run.

        Args:
            dropped: Samples that were dropped because the engine was busy.
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
