"""The two threads of the app: one reads frames, one recognises the newest of them."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic

from app.control.arming import Cause
from app.control.controller import Controller
from app.errors import AppError, sentence
from app.events import ErrorEvent, Event, GestureEvent, PredictionEvent
from app.feed import Feed
from app.mailbox import LatestSlot
from app.picture_watch import PictureWatch, Trouble
from app.recognizer import Recognizer
from app.run_record import RunRecord
from app.sampling import Sampler
from app.session.recorder import Recorder
from app.snapshot import Snapshot
from app.sources.base import Frame, FrameSource
from models.cadence import Sample
from models.decision import DecisionSettings
from models.engines.base import StreamingEngine

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 0.7
"""Longest time that `close` waits: a camera that hangs in its driver must not hold up the end."""

FPS_WINDOW = 240
FPS_WINDOW_S = 1.5
"""Frames and seconds over which the measured rate is taken: one that changes shows soon."""


class PipelineState(StrEnum):
    """Where a pipeline is in its life."""

    STARTING = "starting"
    RUNNING = "running"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True)
class PipelineStatus:
    """What there is to say about a pipeline.

    Attributes:
        state: Where it is in its life.
        message: One sentence for people; empty if there is nothing to say.
        source_name: Name of the source; empty until it is open.
        fps: Frames a second that the source gives, measured; None before there are two.
    """

    state: PipelineState
    message: str = ""
    source_name: str = ""
    fps: float | None = None


class Pipeline:
    """Frames to gestures in two threads, newest first.

    `frames` and `snapshots` are for looking (`peek`), from any thread. Events are handed to
    `on_event`, one at a time, in the thread where they happen; the last one is the summary, from
    `close`.

    Attributes:
        frames: The newest frame of the source.
        snapshots: The newest result.
        stop_requested: Whether somebody asked for the end; who owns the pipeline looks, and closes
            it.
    """

    def __init__(
        self,
        source_factory: Callable[[], FrameSource],
        engine: StreamingEngine,
        decision: DecisionSettings,
        *,
        paced: bool = True,
        loop: bool = False,
        on_event: Callable[[Event], None] | None = None,
        control: Controller | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """Start no thread yet.

        Args:
            source_factory: Opens the source; called in the capture thread, again after an
                interruption.
            engine: Runs the model; from `start` on the recogniser's thread alone uses it.
            decision: When a probability becomes a gesture.
            paced: Play a file at its own speed. A live source has its own pace.
            loop: Start a file over at its end.
            on_event: Takes the events.
            control: Turns gestures into keys; None only shows them. Not closed from here.
            recorder: Hears of frames and what became of them, but not of events. Not stopped from
                here.
        """
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.snapshots: LatestSlot[Snapshot] = LatestSlot()
        self.stop_requested = False
        self._samples: LatestSlot[Sample[Frame]] = LatestSlot()
        self._stop = Flag()
        self._feed = Feed(source_factory, self._stop, self, paced=paced, loop=loop)
        self._sampler = Sampler(engine.spec)
        self._recognizer = Recognizer(engine, decision)
        self._record = RunRecord(engine.name, engine.spec.name)
        self._on_event = on_event
        self._control = control
        self._recorder = recorder
        self._event_lock = Lock()
        self._summarised = False
        self._status_lock = Lock()
        self._status = PipelineStatus(PipelineState.STARTING)
        self._captured_s: deque[float] = deque(maxlen=FPS_WINDOW)
        self._picture_watch = PictureWatch()
        self._threads = (
            Thread(target=self._guard, args=(self._capture,), name="capture", daemon=True),
            Thread(target=self._guard, args=(self._recognise,), name="recogniser", daemon=True),
        )
        self._started = False

    @property
    def status(self) -> PipelineStatus:
        """What there is to say now; may be read from any thread."""
        with self._status_lock:
            return replace(self._status, fps=self._measured_fps())

    def start(self) -> None:
        """Start both threads; a second call does nothing."""
        if self._started:
            return
        self._started = True
        for thread in self._threads:
            thread.start()

    def set_decision(self, decision: DecisionSettings) -> None:
        """Decide by other settings from the next sample on."""
        self._recognizer.set_decision(decision)

    def set_block_timing(self, on: bool) -> None:
        """Let traces tell how long each fused block takes, or not, where the engine can tell."""
        self._recognizer.times_blocks = on

    def request_stop(self) -> None:
        """Ask the owner to close the pipeline; does so little that a signal handler may call it."""
        self.stop_requested = True

    def close(self) -> None:
        """Stop both threads, release the source and emit the summary; a second call does nothing.

        Returns within a second even if the camera's driver hangs; its thread then ends on its own.
        """
        self._end_threads()
        deadline_s = monotonic() + CLOSE_TIMEOUT_S
        for thread in self._threads if self._started else ():
            thread.join(max(0.0, deadline_s - monotonic()))
            if thread.is_alive():
                log.debug("the %s thread is still busy and is left behind", thread.name)
        self.frames.close()
        self.snapshots.close()
        try:
            self._disarm(Cause.SOURCE_ENDED)
            with self._event_lock:
                summarise = self._started and not self._summarised
                self._summarised = True
            if summarise and self._on_event is not None:
                self._on_event(self._record.summary(self._samples.dropped))
        except AppError as error:  # such as a full disk; told once, by the status
            self._set_status(PipelineState.FAILED, str(error))

    def opened(self, source: FrameSource) -> None:
        """Say that frames come (called by the feed)."""
        if self.status.state is PipelineState.RECONNECTING:
            log.info("%s is back.", source.name)
        with self._status_lock:
            self._captured_s.clear()
        if self._recorder is not None:
            self._recorder.opened(source.name)
        self._set_status(PipelineState.RUNNING, source_name=source.name)

    def lost(self, message: str) -> None:
        """Say that the camera is gone (called by the feed)."""
        log.warning("%s", message)
        with self._status_lock:
            self._captured_s.clear()
        self._set_status(PipelineState.RECONNECTING, message)
        self._disarm(Cause.SOURCE_LOST)
        self._emit(ErrorEvent(t=self._record.last_time_s, message=message))

    def _capture(self) -> None:
        """Hand every frame to the screen and the model's share of them to the recogniser."""
        with closing(self._feed.frames()) as frames:
            for frame in frames:
                self._record.add_frame(frame.time_s)
                self._measure_rate(frame.captured_at_s)
                self.frames.put(frame)
                if self._recorder is not None:
                    self._recorder.see_frame(frame)
                self._watch_pictures(frame)
                sample = self._sampler.pick(frame)
                if sample is not None:
                    self._samples.put(sample)
        self._samples.close()

    def _watch_pictures(self, frame: Frame) -> None:
        """Say that a camera's pictures are black or stand still, and that they are well again."""
        if not self._feed.live or not self._picture_watch.see(frame):
            return
        trouble = self._picture_watch.trouble
        self._set_status(PipelineState.RUNNING, trouble.value)
        if trouble is Trouble.NONE:
            log.info("The camera's picture is well again.")
            return
        log.warning("%s", trouble.value)
        if trouble is Trouble.STUCK:  # from black pictures nothing fires
            self._disarm(Cause.SOURCE_LOST)
        self._emit(ErrorEvent(t=frame.time_s, message=trouble.value))

    def _recognise(self) -> None:
        """Recognise the newest sample until the source ends."""
        while (sample := self._samples.take()) is not None and not self._stop.is_set():
            if self._recorder is not None and self._recorder.takes_start():
                self._recognizer.restart_stream()
            result = self._recognizer.process(sample, self._samples.dropped)
            if self._control is not None:  # first of all: a key must not wait for a file
                self._control.observe(result.verdict, sample.frame.captured_at_s)
            if self._recorder is not None:
                self._recorder.see_recognition(sample, result)
            self._record.add_prediction(result.snapshot.prediction)
            self._emit(PredictionEvent.of(result.snapshot.prediction))
            if result.fired is not None:
                self._emit(GestureEvent.of(result.fired))
            if self._control is not None:
                self._emit_control_events(self._control)
            self.snapshots.put(result.snapshot)
        if not self._stop.is_set():
            self._disarm(Cause.SOURCE_ENDED)
            self._set_status(PipelineState.ENDED)

    def _guard(self, body: Callable[[], None]) -> None:
        """Run a thread's body; whatever breaks it is told and ends the other thread as well."""
        try:
            body()
        except Exception as error:
            # Whatever it is, a thread that ends without a word would look like a frozen picture.
            self._fail(sentence(error))

    def _fail(self, message: str) -> None:
        """Say what broke, as status and as an event, and end both threads."""
        if self._stop.is_set():
            log.debug("after the end: %s", message)
            return
        self._set_status(PipelineState.FAILED, message)
        self._end_threads()
        try:
            self._disarm(Cause.SOURCE_LOST)
            self._emit(ErrorEvent(t=self._record.last_time_s, message=message))
        except Exception:  # what takes the events may be what broke
            log.debug("the error could not be written as an event", exc_info=True)

    def _end_threads(self) -> None:
        """Make both threads leave their loops."""
        self._stop.set()
        self._samples.close()

    def _emit(self, event: Event) -> None:
        """Hand an event on, unless the summary, the last of all, is already out."""
        with self._event_lock:
            if self._on_event is not None and not self._summarised:
                self._on_event(event)

    def _disarm(self, cause: Cause) -> None:
        """Let no gesture become a key: there are no pictures to go by any more."""
        if self._control is not None:
            self._control.disarm(cause)
            self._emit_control_events(self._control)

    def _emit_control_events(self, control: Controller) -> None:
        """Hand on what the control has done, or had done to it, since the last time."""
        for event in control.take_events():
            self._record.add_control_event(event)
            self._emit(event)

    def _set_status(
        self, state: PipelineState, message: str = "", source_name: str | None = None
    ) -> None:
        """Change the status; a failure stays."""
        with self._status_lock:
            if self._status.state is PipelineState.FAILED:
                return
            name = self._status.source_name if source_name is None else source_name
            self._status = PipelineStatus(state, message, name)

    def _measure_rate(self, captured_at_s: float) -> None:
        with self._status_lock:
            times_s = self._captured_s
            times_s.append(captured_at_s)
            while len(times_s) > 2 and captured_at_s - times_s[0] > FPS_WINDOW_S:
                times_s.popleft()

    def _measured_fps(self) -> float | None:
        """Return the rate of the newest frames; the lock is held."""
        if len(self._captured_s) < 2:
            return None
        span_s = self._captured_s[-1] - self._captured_s[0]
        return (len(self._captured_s) - 1) / span_s if span_s > 0 else None
