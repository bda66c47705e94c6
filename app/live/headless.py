"""Recognition without a window, for its events alone: a file frame by frame, or a camera."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from threading import Event as Flag
from time import monotonic, sleep

from app.errors import AppError, sentence
from app.live.feed import Feed
from app.live.pipeline import Pipeline, PipelineState
from app.live.run import Run
from app.sources.base import FrameSource

POLL_INTERVAL_S = 0.02


class RunFailedError(AppError):
    """A run failed."""


def run_file(
    source_factory: Callable[[], FrameSource],
    run: Run,
    duration_s: float | None,
    should_stop: Callable[[], bool],
) -> None:
    """Recognize every sampled frame of a file, in order, without waiting for the clock.

    Without threads, until the end of the file; the summary is the last event in any case.

    Args:
        source_factory: Opens the file.
        run: What becomes of the frames.
        duration_s: Stop after this much of the file's own time, in seconds; None plays all of it.
        should_stop: Polled before each frame.

    Raises:
        RunFailedError: The file or the model failed; the error event has been emitted.
    """
    feed = Feed(source_factory, Flag(), run, paced=False)
    try:
        _recognize(feed, run, duration_s, should_stop)
    except Exception as error:
        message = sentence(error)
        run.report_failure(message)
        with suppress(AppError):  # the events themselves may be what broke
            run.finish()
        raise RunFailedError(message) from error
    run.finish()


def _recognize(
    feed: Feed, run: Run, duration_s: float | None, should_stop: Callable[[], bool]
) -> None:
    first_s: float | None = None
    with closing(feed.frames()) as frames:
        for frame in frames:
            # A recording that was begun in the middle of a run does not begin at 0.
            first_s = frame.time_s if first_s is None else first_s
            played_s = frame.time_s - first_s
            if should_stop() or (duration_s is not None and played_s >= duration_s):
                return
            sample = run.take(frame)
            if sample is not None:
                run.recognize(sample)


def run_live(pipeline: Pipeline, duration_s: float | None, should_stop: Callable[[], bool]) -> None:
    """Run a pipeline on a live source until it is asked to stop.

    Args:
        pipeline: Not started yet; closed afterwards.
        duration_s: Stop after this time, in seconds, counted from the first frame; None goes on.
        should_stop: Polled about fifty times a second.

    Raises:
        RunFailedError: The run failed; the error event has been emitted.
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
