"""The two threads of the app: one reads frames, one recognises the newest of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic

from app.control.arming import Cause
from app.control.controller import Controller
from app.errors import AppError, sentence
from app.live.events import Event
from app.live.feed import Feed
from app.live.mailbox import LatestSlot
from app.live.picture_watch import PictureWatch, Trouble
from app.live.recognizer import Recognizer
from app.live.report import RunReport
from app.live.sampling import Sampler
from app.live.snapshot import RunningModel, Snapshot
from app.live.status import PipelineState, PipelineStatus, StatusBoard
from app.recording.header import RecordedModel
from app.recording.recorder import Recorder
from app.sources.base import Frame, FrameSource
from models.cadence import Sample
from models.decision import DecisionSettings
from models.engines.base import StreamingEngine
from models.engines.factory import OpenedEngine

__all__ = ["Pipeline", "PipelineState", "PipelineStatus"]

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 0.7
"""Longest time that `close` waits: a camera that hangs in its driver must not hold up the end."""


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
        engine_reason: str = "",
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
            engine_reason: Why this engine, as the end of a sentence.
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
        self._recognizer = Recognizer(engine, decision, engine_reason)
        self._report = RunReport(engine.name, engine.spec.name, on_event, control, recorder)
        self._board = StatusBoard()
        self._engine_lock = Lock()
        self._switch_lock = Lock()
        self._dropped_before = 0
        self._threads: tuple[Thread, ...] = ()
        self._picture_watch = PictureWatch()
        self._started = False
        self._closed = False

    @property
    def status(self) -> PipelineStatus:
        """What there is to say now; may be read from any thread."""
        return self._board.status

    def start(self) -> None:
        """Start both threads; a second call does nothing."""
        if self._started:
            return
        self._started = True
        self._start_threads()

    def use_engine(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        """Go on with another engine or model between two samples.

        Its stream starts afresh, nothing fires until what is going on is over, and the control is
        disarmed: whoever changes models is not on stage. A recording ends, since it belongs to one
        model. A run that had failed starts again.

        Args:
            choice: What runs the model from now on.
            decision: When a probability becomes a gesture.

        Raises:
            AppError: The run had failed and cannot start again.
        """
        engine, reason, digest = choice
        with self._switch_lock:
            if self._closed:
                return
            self._report.disarm(Cause.MODEL_CHANGED)
            with self._engine_lock:
                self._report.change_model(RecordedModel(engine.spec, digest, engine.name))
                self._recognizer = Recognizer(engine, decision, reason, before=self._recognizer)
                self._sampler = Sampler(engine.spec, self._sampler.next_run)
            if self.status.state is PipelineState.FAILED:
                self._start_again()

    def use_source(self, source_factory: Callable[[], FrameSource], *, loop: bool = False) -> None:
        """Go on with another source; the control is disarmed, and a recording ends.

        A run that was over starts again.

        Args:
            source_factory: Opens it, in the capture thread, once the one before is closed.
            loop: Start a file over at its end.

        Raises:
            AppError: The run was over and cannot start again.
        """
        with self._switch_lock:
            if self._closed:
                return
            self._report.change_source()
            if not self._feed.change(source_factory, loop=loop) or self._stop.is_set():
                self._start_again()

    @property
    def model(self) -> RunningModel:
        """What runs; may be read from any thread."""
        return self._recognizer.model

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
        with self._switch_lock:
            self._closed = True
            self._join_threads()
        self.frames.close()
        self.snapshots.close()
        try:
            self._report.disarm(Cause.SOURCE_ENDED)
            self._report.finish(self._dropped, silently=not self._started)
        except AppError as error:  # such as a full disk; told once, by the status
            self._board.set(PipelineState.FAILED, str(error))

    def opened(self, source: FrameSource) -> None:
        """Say that frames come (called by the feed)."""
        if self.status.state is PipelineState.RECONNECTING:
            log.info("%s is back.", source.name)
        self._report.source_opened(source.name)
        self._picture_watch = PictureWatch()
        self._board.forget_rate()
        self._board.set(PipelineState.RUNNING, source_name=source.name, live=source.live)

    def lost(self, message: str) -> None:
        """Say that the camera is gone (called by the feed)."""
        log.warning("%s", message)
        self._board.forget_rate()
        self._board.set(PipelineState.RECONNECTING, message)
        self._report.disarm(Cause.SOURCE_LOST)
        self._report.tell_error(message)

    def _capture(self) -> None:
        """Hand every frame to the screen and the model's share of them to the recogniser."""
        with closing(self._feed.frames()) as frames:
            for frame in frames:
                self._board.note_frame(frame.captured_at_s)
                self.frames.put(frame)
                self._report.see_frame(frame)
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
        self._board.set(PipelineState.RUNNING, trouble.value)
        if trouble is Trouble.NONE:
            log.info("The camera's picture is well again.")
            return
        log.warning("%s", trouble.value)
        if trouble is Trouble.STUCK:  # from black pictures nothing fires
            self._report.disarm(Cause.SOURCE_LOST)
        self._report.tell_error(trouble.value)

    def _recognise(self) -> None:
        """Recognise the newest sample until the source ends."""
        while (sample := self._samples.take()) is not None and not self._stop.is_set():
            with self._engine_lock:
                if self._report.begins_recording():
                    self._recognizer.restart_stream()
                result = self._recognizer.process(sample, self._dropped)
            self._report.tell(sample, result)
            self.snapshots.put(result.snapshot)
        if not self._stop.is_set():
            self._report.disarm(Cause.SOURCE_ENDED)
            self._board.set(PipelineState.ENDED)

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
        self._board.set(PipelineState.FAILED, message)
        self._end_threads()
        try:
            self._report.disarm(Cause.SOURCE_LOST)
            self._report.tell_error(message)
        except Exception:  # what takes the events may be what broke
            log.debug("the error could not be written as an event", exc_info=True)

    def _start_threads(self) -> None:
        self._threads = tuple(
            Thread(target=self._guard, args=(body,), name=name, daemon=True)
            for name, body in (("capture", self._capture), ("recogniser", self._recognise))
        )
        for thread in self._threads:
            thread.start()

    def _start_again(self) -> None:
        """Start both threads anew after the run was over; `_switch_lock` is held.

        Raises:
            AppError: A thread hangs in its camera's driver.
        """
        self._end_threads()
        if not self._join_threads():
            raise AppError("The camera does not answer any more; start AdaFuse Live again.")
        self._dropped_before = self._dropped
        self._samples = LatestSlot()
        self._stop.clear()
        self._board.begin_again()
        if self._started:
            self._start_threads()

    def _end_threads(self) -> None:
        """Make both threads leave their loops."""
        self._stop.set()
        self._samples.close()

    def _join_threads(self) -> bool:
        """Wait for both threads; return whether they have ended."""
        deadline_s = monotonic() + CLOSE_TIMEOUT_S
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - monotonic()))
            if thread.is_alive():
                log.debug("the %s thread is still busy and is left behind", thread.name)
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def _dropped(self) -> int:
        return self._dropped_before + self._samples.dropped
