"""From the command line to an exit code."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.command_line import Options, parse
from app.errors import AppError, UsageError, sentence
from app.process import native_libraries, streams
from app.process.display import has_display
from app.process.signals import StopSignals
from models.errors import ModelError

if TYPE_CHECKING:  # loaded inside functions, when the command line is known to be right
    from app.session import Session

log = logging.getLogger(__name__)

EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the application.

    Args:
        arguments: Command line without the program's name; None for that of the process.

    Returns:
        The exit code: 0 for success, 1 if the run failed, 2 if the command line asks for something
        impossible, 130, 143 or 129 if a signal ended it.
    """
    streams.fill()
    options = parse(arguments)
    native_libraries.prepare(quiet=not options.verbose)
    _set_up_logging(options.verbose)
    try:
        return _run(options)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:
        log.debug("ended by an error", exc_info=True)
        log.error("%s", native_libraries.library_sentence(error) or sentence(error))
        if isinstance(error, ModelError):
            return UsageError.exit_code
        return error.exit_code if isinstance(error, AppError) else AppError.exit_code


def _set_up_logging(verbose: bool) -> None:
    """Log to stderr, for people or, if `verbose`, for developers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("%(relativeCreated)6d ms %(threadName)s %(name)s: %(message)s")
        if verbose
        else logging.Formatter("%(message)s")
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("app", "models"):
        logging.getLogger(name).setLevel(logging.DEBUG if verbose else logging.INFO)


def _run(options: Options) -> int:
    """Open everything that the options name, then run in a window or without."""
    from app.session import open_session

    in_window = not options.headless and has_display()
    with open_session(options, in_window=in_window) as session:
        return _run_window(session) if in_window else _run_headless(session)


def _run_headless(session: Session) -> int:
    """Run for the events alone."""
    from app.live.headless import run_file, run_live
    from app.live.pipeline import Pipeline

    source, events, recorder = session.source, session.events, session.recorder
    duration_s = session.options.duration_s
    with StopSignals() as signals:

        def should_stop() -> bool:
            unread = events is not None and events.reader_gone
            broken = recorder is not None and bool(recorder.status.failure)
            return signals.requested() or unread or broken

        if source.live:
            run_live(Pipeline(source, session.run()), duration_s, should_stop)
        else:
            run_file(source, session.run(), duration_s, should_stop)
    return signals.exit_code or 0


def _run_window(session: Session) -> int:
    """Run in a window until it is closed; the demo clip is repeated."""
    from app.inspection.dense_meter import DenseMeter
    from app.live.pipeline import Pipeline
    from app.live.switcher import ModelChoice, Switcher
    from app.recording.reader import load_recording
    from app.sources.factory import DEMO
    from app.ui.application import WindowServices, run_window
    from models.bundle import bundle_path

    options, source = session.options, session.source
    loop = options.source == DEMO or (options.source is None and not source.live)
    pipeline = Pipeline(source, session.run(), loop=loop)
    switcher = Switcher(
        pipeline,
        session.settings.decision_for,
        chosen=ModelChoice(options.model, options.engine, options.personal),
        camera=source.camera,
        threads=options.threads,
        opened=session.engine,
    )
    meter = DenseMeter(options.threads)
    services = WindowServices(
        settings=session.settings,
        control=session.control,
        switcher=switcher,
        recorder=session.recorder,
        meter=meter,
        load_recording=load_recording,
        steps=pipeline.steps,
        left_out=session.left_out,
    )
    try:
        meter.follow(bundle_path(options.model), with_blocks=pipeline.model.saves_time)
        with StopSignals(pipeline.request_stop) as signals:
            code = run_window(pipeline, pipeline.model, options.duration_s, services)
    finally:
        switcher.close()
        pipeline.close()
        meter.close()
    return signals.exit_code or code
