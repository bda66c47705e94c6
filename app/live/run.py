"""A run of recognition, from a frame to keys, events and a recording; it has no threads."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app.control.arming import Cause
from app.control.controller import Controller
from app.live.events import Event
from app.live.recognizer import Recognition, Recognizer
from app.live.report import RunReport
from app.live.sampling import ModelInput, Sampler
from app.live.snapshot import RunningModel
from app.live.status import PipelineState, StatusBoard
from app.live.step_memory import StepMemory
from app.recording.header import RecordedModel
from app.recording.recorder import Recorder
from app.sources.base import Frame, FrameSource
from models.cadence import Sample
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine
from models.live import LiveEngine
from models.personal.personal_set import PersonalSet

log = logging.getLogger(__name__)


class Run:
    """Takes frames to gestures and reports them; whoever drives it brings the threads.

    `app.live.pipeline.Pipeline` drives it from two threads, so that a camera is never held up by
    the model; `app.live.headless.run_file` from one. It listens to the feed as its
    `app.live.feed.FeedListener`.

    Called by the thread that reads frames: `opened`, `lost` and `take`. Called by the thread that
    recognizes: `recognize`. These two may be one thread. Any thread may call everything else.

    Attributes:
        status: Where the run is in its life.
        steps: The newest steps, of which takes of a person's gestures are made.
    """

    def __init__(
        self,
        engine: LiveEngine,
        decision: DecisionSettings,
        *,
        on_event: Callable[[Event], None] | None = None,
        control: Controller | None = None,
        engine_reason: str = "",
        recorder: Recorder | None = None,
        personal: PersonalSet | None = None,
    ) -> None:
        """Prepare for the first frame.

        Args:
            engine: Runs the model; from the first sample on the recognizing thread alone uses it.
            decision: When a probability becomes a gesture.
            on_event: Takes the events, one at a time, in the thread where they happen; the summary
                is the last one.
            control: Turns gestures into keys; None only shows them. Not closed from here.
            engine_reason: Why this engine, as the end of a sentence.
            recorder: Records frames and what the model made of them, but not events, which
                `on_event` has to pass on. Not stopped from here.
            personal: A person's gestures, which replace the model's own.
        """
        self.status = StatusBoard()
        self.steps = StepMemory()
        self._sampler = Sampler(ModelInput.of(engine))
        self._recognizer = Recognizer(engine, decision, engine_reason, personal=personal)
        self._report = RunReport(engine.name, engine.spec.name, on_event, control, recorder)
        self._picture_watch: PictureWatch | None = None
        self._engine_lock = Lock()

    @property
    def model(self) -> RunningModel:
        """The model that runs."""
        return self._recognizer.model

    def opened(self, source: FrameSource) -> None:
        """Report that frames come from a source from now on."""
        if self.status.state is PipelineState.RECONNECTING:
            log.info("%s is back.", source.name)
        self._report.source_opened(source.name)
        self._picture_watch = PictureWatch() if source.live else None
        self.status.forget_rate()
        self.status.set(PipelineState.RUNNING, source_name=source.name, live=source.live)

    def lost(self, message: str) -> None:
        """Report that the camera is gone; `message` is one sentence."""
        log.warning("%s", message)
        self.status.forget_rate()
        self.status.set(PipelineState.RECONNECTING, message)
        self._report.disarm(Cause.SOURCE_LOST)
        self._report.error(message)

    def take(self, frame: Frame) -> Sample[Frame] | None:
        """Count a frame and record it; return it as a sample if the model is to see it.

        Args:
            frame: The next frame of the source; every frame must be offered, in order.
        """
        self.status.note_frame(frame.captured_at_s)
        self._report.frame(frame)
        self._watch_pictures(frame)
        return self._sampler.pick(frame)

    def recognize(self, sample: Sample[Frame], dropped: int = 0) -> Recognition:
        """Let the model see a sample, and report what it made of it.

        Args:
            sample: What `take` returned; samples may be dropped, but must be in order.
            dropped: Samples dropped so far because the engine was busy.

        Raises:
            ModelError: The model's scores are not finite.
            AppError: The events cannot be written any more.
        """
        with self._engine_lock:
            if self._report.begins_recording():
                self._recognizer.restart_stream()
            result = self._recognizer.process(sample, dropped)
            self.steps.add(result.step)
        self._report.recognition(sample, result)
        return result

    def use_engine(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        """Go on with another engine or model between two samples.

        Its stream starts afresh, nothing fires until what is going on is over, and the control is
        disarmed: whoever changes models is not on stage. A recording ends, since it belongs to one
        model.

        Args:
            choice: What runs the model from now on.
            decision: When a probability becomes a gesture.
        """
        engine, before = choice.engine, self._recognizer
        self._report.disarm(Cause.MODEL_CHANGED)
        with self._engine_lock:
            self.steps.break_off()
            self._report.change_model(RecordedModel.of(choice))
            self._recognizer = Recognizer(
                engine, decision, choice.reason, before, personal=choice.personal
            )
            self._sampler = Sampler(ModelInput.of(engine), self._sampler.next_run)

    def use_set(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        """Go on with a person's set that was fitted again, between two samples.

        Whoever corrects a gesture is on stage: the stream goes on, and the control stays as it is.
        A recording ends, since no replay would know that the set has changed.

        Args:
            choice: The engine that runs, with the set.
            decision: When its probabilities become gestures.
        """
        assert choice.personal is not None  # the switcher asks only then
        with self._engine_lock:
            self._report.change_model(RecordedModel.of(choice))
            self._recognizer.use_set(choice.personal, decision)

    def change_source(self) -> None:
        """Disarm the control and end a recording: another source follows."""
        self._report.change_source()

    def set_decision(self, decision: DecisionSettings) -> None:
        """Decide by other settings from the next sample on."""
        self._recognizer.set_decision(decision)

    def set_block_timing(self, on: bool) -> None:
        """Measure how long each fused block takes, or not, where the engine can."""
        self._recognizer.times_blocks = on

    def end(self) -> None:
        """Disarm the control: the source has ended."""
        self._report.disarm(Cause.SOURCE_ENDED)
        self.status.set(PipelineState.ENDED)

    def report_failure(self, message: str) -> None:
        """Disarm the control and report what ended the run, as far as that is still possible."""
        try:
            self._report.disarm(Cause.SOURCE_LOST)
            self._report.error(message)
        except Exception:  # what takes the events may be what broke
            log.debug("the error could not be written as an event", exc_info=True)

    def finish(self, dropped: int = 0, *, silently: bool = False) -> None:
        """Disarm the control and emit the summary, the last event; a second call does nothing.

        Args:
            dropped: Samples that were dropped because the engine was busy.
            silently: Leave the summary out: there was no run.

        Raises:
            AppError: The events cannot be written any more.
        """
        self._report.disarm(Cause.SOURCE_ENDED)
        self._report.finish(dropped, silently=silently)

    def _watch_pictures(self, frame: Frame) -> None:
        """Report that a camera's pictures are black or do not change, and that they are back."""
        watch = self._picture_watch
        if watch is None or not watch.see(frame):
            return
        trouble = watch.trouble
        self.status.set(PipelineState.RUNNING, trouble.value)
        if trouble is Trouble.NONE:
            log.info("The camera's picture is back to normal.")
            return
        log.warning("%s", trouble.value)
        if trouble is Trouble.STUCK:  # from black pictures nothing fires
            self._report.disarm(Cause.SOURCE_LOST)
        self._report.error(trouble.value)


# Pictures that are black or do not change mean that something is wrong with a camera. The sensor of
# a real camera is noisy: two consecutive pictures with identical values mean that the second was
# never taken.

STRIDE = 8
"""Only every eighth pixel in both directions is examined, which costs almost nothing."""

DARK_BELOW = 12.0
"""Mean gray level, of 255, of a covered lens; a room at night is several times as bright."""

DARK_AFTER_S = 1.5
"""A camera gives dark pictures at first, while it starts."""

STUCK_AFTER_S = 3.0


class Trouble(Enum):
    """What is wrong with the pictures, as a sentence for people; empty for nothing."""

    NONE = ""
    DARK = (
        "The camera's picture is black: it is covered, or the room is too dark; "
        "uncover it, or turn a light on."
    )
    STUCK = (
        "The camera gives the same picture again and again; "
        "if it does not recover by itself, unplug it and plug it in again."
    )


@dataclass
class PictureWatch:
    """Watches one live source; used by one thread.

    Attributes:
        trouble: What is wrong at the moment.
    """

    trouble: Trouble = Trouble.NONE
    _segment: int = -1
    _last: NDArray[np.uint8] | None = None
    _light_s: float = 0.0
    _moved_s: float = 0.0

    def see(self, frame: Frame) -> bool:
        """Take the next frame into account; return whether `trouble` has changed."""
        before = self.trouble
        looked_at = frame.image[::STRIDE, ::STRIDE]
        last = None if frame.segment != self._segment else self._last
        if last is None or looked_at.mean() >= DARK_BELOW:
            self._light_s = frame.time_s
        if last is None or not np.array_equal(looked_at, last):
            self._moved_s = frame.time_s
            self._last = looked_at.copy()  # otherwise the whole picture would be kept
        self._segment = frame.segment
        if frame.time_s - self._light_s > DARK_AFTER_S:
            self.trouble = Trouble.DARK
        elif self._light_s < frame.time_s:
            # Dark for a moment, which may mean nothing; but a new picture ends STUCK.
            if self.trouble is Trouble.STUCK and self._moved_s == frame.time_s:
                self.trouble = Trouble.NONE
        elif frame.time_s - self._moved_s > STUCK_AFTER_S:
            self.trouble = Trouble.STUCK
        else:
            self.trouble = Trouble.NONE
        return self.trouble is not before
