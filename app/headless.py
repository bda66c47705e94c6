"""Recognition without a window: a file frame by frame, or a live camera, for its events alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from threading import Event as Flag
from time import monotonic, sleep

from app.control.arming import Cause
from app.control.controller import Controller
from app.errors import AppError, sentence
from app.events import ErrorEvent, Event, GestureEvent, PredictionEvent
from app.feed import Feed
from app.pipeline import Pipeline, PipelineState
from app.recognizer import Recognition, Recognizer
from app.run_record import RunRecord
from app.sampling import Sampler
from app.session.recorder import Recorder
from app.sources.base import Frame, FrameSource
from models.cadence import Sample
from models.decision import DecisionSettings
from models.engines.base import StreamingEngine

POLL_INTERVAL_S = 0.02


class FileRun:
    """Every sampled frame of a file in order, without waiting for the clock, without threads."""

    def __init__(
        self,
        source_factory: Callable[[], FrameSource],
        engine: StreamingEngine,
        decision: DecisionSettings,
        on_event: Callable[[Event], None],
        control: Controller | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            source_factory: Opens the file.
            engine: Runs the model.
            decision: When a probability becomes a gesture.
            on_event: Takes the events.
            control: Turns gestures into keys; None only tells of them. Not closed from here.
            recorder: Hears of frames and what became of them, but not of events. Not stopped from
                here.
        """
        self._feed = Feed(source_factory, Flag(), self, paced=False)
        self._sampler = Sampler(engine.spec)
        self._recognizer = Recognizer(engine, decision)
        self._record = RunRecord(engine.name, engine.spec.name)
        self._on_event = on_event
        self._control = control
        self._recorder = recorder

    def run(self, duration_s: float | None, should_stop: Callable[[], bool]) -> None:
        """Run until the end of the file; the summary is the last event in any case.

        Args:
            duration_s: Stop after this much of the file's own time, in seconds; None plays all of
                it.
            should_stop: Asked before each frame.

        Raises:
            AppError: The file or the model broke; the error event is out by then.
        """
        try:
            self._recognise(duration_s, should_stop)
        except Exception as error:
            message = sentence(error)
            with suppress(AppError):  # the events themselves may be what broke
                self._disarm(Cause.SOURCE_LOST)
                self._on_event(ErrorEvent(t=self._record.last_time_s, message=message))
                self._on_event(self._record.summary())
            raise RunFailedError(message) from error
        self._disarm(Cause.SOURCE_ENDED)
        self._on_event(self._record.summary())

    def opened(self, source: FrameSource) -> None:
        """Hear from the feed that the file is open."""
        if self._recorder is not None:
            self._recorder.opened(source.name)

    def lost(self, message: str) -> None:
        """Hear from the feed that a camera is lost: a file never is."""

    def _recognise(self, duration_s: float | None, should_stop: Callable[[], bool]) -> None:
        """Play the file and emit what the model says."""
        first_s: float | None = None
        with closing(self._feed.frames()) as frames:
            for frame in frames:
                # A recording that was begun in the middle of a run does not begin at 0.
                first_s = frame.time_s if first_s is None else first_s
                played_s = frame.time_s - first_s
                if should_stop() or (duration_s is not None and played_s >= duration_s):
                    return
                self._record.add_frame(frame.time_s)
                if self._recorder is not None:
                    self._recorder.see_frame(frame)
                sample = self._sampler.pick(frame)
                if sample is None:
                    continue
                result = self._recognise_sample(sample)
                if self._control is not None:
                    self._control.observe(result.verdict, frame.captured_at_s)
                self._record.add_prediction(result.snapshot.prediction)
                self._on_event(PredictionEvent.of(result.snapshot.prediction))
                if result.fired is not None:
                    self._on_event(GestureEvent.of(result.fired))
                if self._control is not None:
                    self._emit_control_events(self._control)

    def _recognise_sample(self, sample: Sample[Frame]) -> Recognition:
        """Let the model see one sample, and the recorder what it made of it."""
        if self._recorder is None:
            return self._recognizer.process(sample)
        if self._recorder.takes_start():
            self._recognizer.restart_stream()
        result = self._recognizer.process(sample)
        self._recorder.see_recognition(sample, result)
        return result

    def _disarm(self, cause: Cause) -> None:
        """Let no gesture become a key any more."""
        if self._control is not None:
            self._control.disarm(cause)
            self._emit_control_events(self._control)

    def _emit_control_events(self, control: Controller) -> None:
        for event in control.take_events():
            self._record.add_control_event(event)
            self._on_event(event)


class RunFailedError(AppError):
    """A run broke in the middle."""


def run_live(pipeline: Pipeline, duration_s: float | None, should_stop: Callable[[], bool]) -> None:
    """Run a pipeline on a live source until it is told to stop.

    Args:
        pipeline: Not started yet; closed afterwards.
        duration_s: Stop after this time, in seconds, counted from the first frame; None goes on.
        should_stop: Asked some fifty times a second.

    Raises:
        AppError: The run failed; the error event is out by then.
    """
    first_s: float | None = None
    try:
        pipeline.start()
        while not should_stop():
            if pipeline.status.state in (PipelineState.ENDED, PipelineState.FAILED):
                break
            if first_s is None and (frame := pipeline.frames.peek()) is not None:
                first_s = frame.captured_at_s
            if (
                duration_s is not None
                and first_s is not None
                and monotonic() - first_s >= duration_s
            ):
                break
            sleep(POLL_INTERVAL_S)
    finally:
        pipeline.close()
    if pipeline.status.state is PipelineState.FAILED:
        raise RunFailedError(pipeline.status.message)
