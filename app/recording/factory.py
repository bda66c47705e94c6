"""From what the command line asks for to a recorder, and to an exit code at its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from app.live.event_writer import EventWriter
from app.live.events import Event
from app.recording.header import RecordedModel
from app.recording.recorder import Recorder, RecordingError
from app.sources.factory import SourceOpener
from models.engines.factory import OpenedEngine

log = logging.getLogger(__name__)


def open_recorder(
    path: Path | None, opener: SourceOpener, choice: OpenedEngine, *, in_window: bool
) -> Recorder | None:
    """Return what records the run; None where nothing will ever be recorded.

    Args:
        path: Record to this file from the beginning; None leaves it to the window.
        opener: The source.
        choice: The model and its engine.
        in_window: Whether people may begin a recording later.

    Raises:
        UsageError: The file cannot be written.
    """
    model = RecordedModel(choice.engine.spec, choice.weights_digest, choice.engine.name)
    if opener.recorded is not None and (difference := opener.recorded.difference_from(model)):
        log.warning("The replay may differ from what was recorded: %s.", difference)
    if path is None and not in_window:
        return None
    recorder = Recorder(model, patient=not in_window and not opener.live)
    recorder.opened(opener.name)
    if path is not None:
        recorder.start(path)
    return recorder


def event_sink(
    writer: EventWriter | None, recorder: Recorder | None
) -> Callable[[Event], None] | None:
    """Return what takes the events of a run; None if nobody wants them."""
    if recorder is None:
        return None if writer is None else writer.write

    def take(event: Event) -> None:
        recorder.see_event(event)
        if writer is not None:
            writer.write(event)

    return take


def finish_recording(recorder: Recorder | None) -> None:
    """End a recording that is under way, and say where it is.

    Raises:
        RecordingError: It, or one before it in this run, broke off.
    """
    if recorder is None:
        return
    path = recorder.stop()
    if failure := recorder.status.failure:
        raise RecordingError(failure)
    if path is not None:
        log.info("The recording is in %s (%.1f MB).", path, path.stat().st_size / 1e6)
