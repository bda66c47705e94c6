"""The two threads of the app: one reads frames, one recognizes the newest of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic

from app.errors import AppError, sentence
from app.live.feed import Feed
from app.live.mailbox import LatestSlot
from app.live.run import Run
from app.live.snapshot import RunningModel, Snapshot
from app.live.status import PipelineState, PipelineStatus
from app.live.step_memory import StepMemory
from app.sources.base import Frame, FrameSource
from models.cadence import Sample
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine

__all__ = ["Pipeline", "PipelineState", "PipelineStatus"]

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 0.7
"""Longest time that `close` waits: a camera that hangs in its driver must not delay the end."""


class Pipeline:
    """Drives a run from two threads, newest frame first.

    `frames` and `snapshots` are for looking (`peek`), from any thread. The last event of the run,
    its summary, comes from `close`.

    Attributes:
        frames: The newest frame of the source.
        snapshots: The newest result.
        stop_requested: Whether somebody asked for the end; the owner of the pipeline checks it and
            closes the pipeline.
    """

    def __init__(
        self,
        source_factory: Callable[[], FrameSource],
        run: Run,
        *,
        paced: bool = True,
        loop: bool = False,
    ) -> None:
        """Start no thread yet.

        Args:
            source_factory: Opens the source; called in the capture thread, again after an
                interruption.
            run: What becomes of the frames; from `start` on nobody else drives it.
            paced: Play a file at its own speed. A live source has its own pace.
            loop: Start a file over at its end.
        """
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.snapshots: LatestSlot[Snapshot] = LatestSlot()
        self.stop_requested = False
        self._samples: LatestSlot[Sample[Frame]] = LatestSlot()
        self._run = run
        self._stop = Flag()
        self._feed = Feed(source_factory, self._stop, run, paced=paced, loop=loop)
        self._switch_lock = Lock()
        self._dropped_before = 0
        self._threads: tuple[Thread, ...] = ()
        self._started = False
        self._closed = False

    @property
    def status(self) -> PipelineStatus:
        """Where the run is in its life; may be read from any thread."""
        return self._run.status.now

    @property
    def model(self) -> RunningModel:
        """The model that runs; may be read from any thread."""
        return self._run.model

    @property
    def steps(self) -> StepMemory:
        """The newest steps of the model; may be read from any thread."""
        return self._run.steps

    def start(self) -> None:
        """Start both threads; a second call does nothing."""
        if self._started:
            return
        self._started = True
        self._start_threads()

    def use_engine(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        """Go on with another engine or model, as `Run.use_engine` does.

        A run that had failed starts again.

        Args:
            choice: What runs the model from now on.
            decision: When a probability becomes a gesture.

        Raises:
            AppError: The run had failed and cannot start again.
        """
        with self._switch_lock:
            if self._closed:
                return
            self._run.use_engine(choice, decision)
            if self.status.state is PipelineState.FAILED:
                self._start_again()

    def use_set(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        """Go on with a person's set that was fitted again, as `Run.use_set` does.

        Args:
            choice: The engine that runs, with the set.
            decision: When its probabilities become gestures.
        """
        with self._switch_lock:
            if not self._closed:
                self._run.use_set(choice, decision)

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
            self._run.change_source()
            if not self._feed.change(source_factory, loop=loop) or self._stop.is_set():
                self._start_again()

    def set_decision(self, decision: DecisionSettings) -> None:
        """Decide by other settings from the next sample on."""
        self._run.set_decision(decision)

    def set_block_timing(self, on: bool) -> None:
        """Measure how long each fused block takes, or not, where the engine can."""
        self._run.set_block_timing(on)

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
            self._run.finish(self._dropped, silently=not self._started)
        except AppError as error:  # such as a full disk; reported once, by the status
            self._run.status.set(PipelineState.FAILED, str(error))

    def _capture(self) -> None:
        """Hand every frame to the screen and the model's share of them to the recognizer."""
        with closing(self._feed.frames()) as frames:
            for frame in frames:
                self.frames.put(frame)
                sample = self._run.take(frame)
                if sample is not None:
                    self._samples.put(sample)
        self._samples.close()

    def _recognize(self) -> None:
        """Recognize the newest sample until the source ends."""
        while (sample := self._samples.take()) is not None and not self._stop.is_set():
            self.snapshots.put(self._run.recognize(sample, self._dropped).snapshot)
        if not self._stop.is_set():
            self._run.end()

    def _guard(self, body: Callable[[], None]) -> None:
        """Run a thread's body; whatever breaks it is reported and ends the other thread as well."""
        try:
            body()
        except Exception as error:
            # Whatever it is, a thread that ends without a word would look like a frozen picture.
            self._fail(sentence(error))

    def _fail(self, message: str) -> None:
        """Report what broke, as status and as an event, and end both threads."""
        if self._stop.is_set():
            log.debug("after the end: %s", message)
            return
        self._run.status.set(PipelineState.FAILED, message)
        self._end_threads()
        self._run.report_failure(message)

    def _start_threads(self) -> None:
        self._threads = tuple(
            Thread(target=self._guard, args=(body,), name=name, daemon=True)
            for name, body in (("capture", self._capture), ("recognizer", self._recognize))
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
            raise AppError("The camera no longer responds; start AdaFuse Live again.")
        self._dropped_before = self._dropped
        self._samples = LatestSlot()
        self._stop.clear()
        self._run.status.begin_again()
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
