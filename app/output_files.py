"""The files that a run writes: checked before anything is started, opened or overwritten."""

from __future__ import annotations

from pathlib import Path

from app.command_line import Options
from app.errors import UsageError
from app.live.event_writer import STDOUT, check_writable
from app.recording.database import journal_of
from app.recording.target import check_recordable
from models.bundle import bundle_path


def check_events_file(events: str | None, options: Options) -> None:
    """Say early that the events cannot be written.

    Args:
        events: Path of a file, standard output, or None.
        options: What names the inputs.

    Raises:
        UsageError: They cannot, or would overwrite an input.
    """
    if events is None:
        return
    if events != STDOUT:
        _check_spares_inputs(Path(events), options, "events", "--events")
    check_writable(events)


def check_recording_file(options: Options, events: str | None) -> Path | None:
    """Return the file to record to; None if nothing is to be recorded from the beginning.

    Args:
        options: What names it, and the inputs.
        events: Where the events go, as in `check_events_file`.

    Raises:
        UsageError: It cannot be written, or would overwrite an input or the events.
    """
    if options.record is None:
        return None
    path = Path(options.record).expanduser()
    if events is not None and events != STDOUT:
        taken = Path(events).expanduser().resolve()
        if taken in (path.resolve(), journal_of(path.resolve())):
            raise UsageError(f"Events and recording would both go to {taken}; choose two files.")
    check_recordable(path)
    _check_spares_inputs(path, options, "recording", "--record")
    return path


def _check_spares_inputs(output: Path, options: Options, what: str, option: str) -> None:
    """Keep a slip of the pen from emptying somebody's video, picture or model.

    Args:
        output: The file that is to be written.
        options: What names the inputs.
        what: What is to be written there.
        option: The option that names it.

    Raises:
        UsageError: It would overwrite a file of the source or of the model.
    """
    if not output.exists():
        return
    inputs = [bundle_path(options.model)]
    if options.source is not None:
        inputs.append(Path(options.source).expanduser())
    for path in inputs:
        inside = path.is_dir() and path.resolve() in output.resolve().parents
        if inside or (path.exists() and path.samefile(output)):
            raise UsageError(
                f"The {what} would overwrite {output}; choose another file with {option}."
            )
