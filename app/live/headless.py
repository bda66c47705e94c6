"""Recognition without a window: a file frame by frame, or a live camera, for its events alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from threading import Event as Flag
from time import monotonic, sleep

from app.control.arming import Cause
from app.control.controller import Controller
from app.errors import AppError, sentence
from app.live.events import Event
from app.live.feed import Feed
from app.live.pipeline import Pipeline, PipelineState
from app.live.recognizer import Recognizer
from app.live.report import RunReport
from app.live.sampling import Sampler
from app.recording.recorder import Recorder
from app.sources.base import FrameSource
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
        self._report = RunReport(engine.name, engine.spec.name, on_event, control, recorder)

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
                self._report.disarm(Cause.SOURCE_LOST)
                self._report.tell_error(message)
                self._report.finish()
            raise RunFailedError(message) from error
        self._report.disarm(Cause.SOURCE_ENDED)
        self._report.finish()

    def opened(self, source: FrameSource) -> None:
        """Hear from the feed that the file is open."""
        self._report.source_opened(source.name)

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
                self._report.see_frame(frame)
                sample = self._sampler.pick(frame)
                if sample is None:
                    continue
                if self._report.begins_recording():
                    self._recognizer.restart_stream()
                self._report.tell(sample, self._recognizer.process(sample))


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
