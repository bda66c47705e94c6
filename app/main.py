"""From the command line to an exit code: puts source, engine, events and window together."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from app.command_line import Options, parse
from app.control.mode import ControlMode
from app.errors import AppError, UsageError, sentence
from app.preparation_notice import PreparationNotice
from app.process import native_libraries, streams
from app.process.display import has_display
from app.process.signals import StopSignals
from models.errors import ModelError

if TYPE_CHECKING:  # loaded inside functions, when the command line is known to be right
    from app.control.controller import Controller
    from app.live.event_writer import EventWriter
    from app.recording.recorder import Recorder
    from app.sources.factory import SourceOpener
    from models.decision import DecisionSettings
    from models.engines.factory import OpenedEngine
    from models.spec import ModelSpec

log = logging.getLogger(__name__)

EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the application.

    Args:
        arguments: Command line without the program's name; None takes that of the process.

    Returns:
        The exit code: 0 done, 1 the run failed, 2 the command line asks for something impossible,
        130, 143 or 129 ended by a signal.
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
    """Send what there is to say to stderr, for people or, if `verbose`, for developers."""
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
    """Check everything the options name, then run in a window or without."""
    from app.live.event_writer import STDOUT, EventWriter
    from app.output_files import check_events_file, check_recording_file
    from app.recording.factory import finish_recording, open_recorder

    headless = options.headless or not has_display()
    events = options.events or (STDOUT if headless else None)
    check_events_file(events, options)
    record = check_recording_file(options, events)
    if not headless:
        native_libraries.check_qt_libraries()
    with ExitStack() as stack:
        opener = _open_source(options, in_window=not headless)
        stack.callback(opener.close)
        control = _open_control(options, opener, in_window=not headless)
        if control is not None:
            stack.callback(control.close)
        options, choice = _open_chosen_engine(options, in_window=not headless)
        if headless and not options.headless:
            log.warning("There is no display, so this runs without a window and writes events.")
        # Opened last, so that an existing file is not emptied by a command that cannot run.
        writer = stack.enter_context(EventWriter(events)) if events is not None else None
        recorder = open_recorder(record, opener, choice, in_window=not headless)
        if recorder is not None:
            stack.callback(recorder.stop)
        run = _run_headless if headless else _run_window
        code = run(options, opener, choice, control, writer, recorder)
        finish_recording(recorder)
        return code


def _open_control(options: Options, opener: SourceOpener, *, in_window: bool) -> Controller | None:
    """Return what turns gestures into keys; None if they are only shown.

    Raises:
        SendError: Keys were asked for and cannot be sent.
        UsageError: Keys were asked for, and nobody makes these gestures now.
    """
    replay = opener.recorded is not None
    if replay and options.control is ControlMode.KEYS:
        raise UsageError("A replay sends no keys; use --control dry-run to see what it would send.")
    usual = ControlMode.DRY_RUN if replay else ControlMode.KEYS_IF_POSSIBLE
    mode = options.control or (usual if in_window else ControlMode.OFF)
    if mode is ControlMode.OFF:
        return None
    from app.control.factory import open_controller
    from app.settings import load_settings, settings_path

    chosen = load_settings(settings_path()).control
    return open_controller(mode, chosen, options.profile, in_window=in_window)


def _open_source(options: Options, *, in_window: bool) -> SourceOpener:
    """Open what the options name; without a name a camera or, failing that, the demo clip."""
    from app.remembered import usual_camera
    from app.settings import Settings, load_settings, settings_path
    from app.sources.base import SourceError
    from app.sources.camera_device import CameraDevice
    from app.sources.factory import DEMO, SourceOpener

    if options.source is not None:
        return SourceOpener.of(options.source)
    settings = load_settings(settings_path()) if in_window else Settings()
    if options.camera is not None:
        return SourceOpener.of(
            CameraDevice("", index=options.camera, resolution=settings.resolution)
        )
    try:
        return SourceOpener.of(usual_camera(settings))
    except SourceError as error:
        cause = str(error).rstrip(".").split(";")[0]
        log.warning("%s; the demo clip is played instead.", cause)
        return SourceOpener.of(DEMO)


def _open_chosen_engine(options: Options, *, in_window: bool) -> tuple[Options, OpenedEngine]:
    """Open what the options name, or what was chosen in the window before; return both.

    What was chosen may be gone by now, which is no reason not to start.
    """
    from app.remembered import with_remembered_model
    from app.settings import load_settings, settings_path

    if not in_window:
        return options, _open_engine(options, in_window=False)
    remembered = with_remembered_model(options, load_settings(settings_path()))
    try:
        return remembered, _open_engine(remembered, in_window=True)
    except ModelError as error:
        if remembered == options:
            raise
        log.warning("What was chosen last cannot be used: %s", error)
    return options, _open_engine(options, in_window=True)


def _open_engine(options: Options, *, in_window: bool) -> OpenedEngine:
    """Load the model and the engine that runs it; show how far a long preparation is."""
    from models.bundle import bundle_path, load_bundle
    from models.engines.factory import create_engine

    bundle = load_bundle(bundle_path(options.model))
    notice = PreparationNotice()

    def open_engine(tell: Callable[[float], None]) -> OpenedEngine:
        def tell_everybody(fraction: float) -> None:
            notice.tell(fraction)
            tell(fraction)

        return create_engine(bundle, options.engine, options.threads, tell_everybody)

    if in_window:
        native_libraries.forget_cv2_qt_paths()
        from app.ui.progress_window import with_progress_window

        choice = with_progress_window(open_engine)
    else:
        choice = open_engine(lambda fraction: None)
    log.info(
        "Model %s runs on the %s engine (%s).",
        choice.engine.spec.name,
        choice.engine.name,
        choice.reason,
    )
    return choice


def _run_headless(
    options: Options,
    opener: SourceOpener,
    choice: OpenedEngine,
    control: Controller | None,
    writer: EventWriter | None,
    recorder: Recorder | None,
) -> int:
    """Run for the events alone."""
    from app.live.headless import run_file, run_live
    from app.live.pipeline import Pipeline
    from app.live.run import Run
    from app.recording.factory import event_sink
    from app.settings import load_settings, settings_path

    assert writer is not None, "a run without a window writes events"
    decision = load_settings(settings_path()).decision or choice.engine.spec.decision
    on_event = event_sink(writer, recorder) or writer.write
    run = Run(choice.engine, decision, on_event=on_event, control=control, recorder=recorder)
    with StopSignals() as signals:

        def should_stop() -> bool:
            broken = recorder is not None and bool(recorder.status.failure)
            return signals.requested() or writer.reader_gone or broken

        if opener.live:
            run_live(Pipeline(opener, run), options.duration_s, should_stop)
        else:
            run_file(opener, run, options.duration_s, should_stop)
    return signals.exit_code or 0


def _run_window(
    options: Options,
    opener: SourceOpener,
    choice: OpenedEngine,
    control: Controller | None,
    writer: EventWriter | None,
    recorder: Recorder | None,
) -> int:
    """Run in a window until it is closed; the demo clip goes round and round."""
    from app.inspection.dense_meter import DenseMeter
    from app.inspection.loading import load_recording
    from app.live.pipeline import Pipeline
    from app.live.run import Run
    from app.live.switcher import ModelChoice, Switcher
    from app.recording.factory import event_sink
    from app.settings import load_settings, settings_path
    from app.sources.factory import DEMO
    from app.ui.application import WindowServices, run_window
    from models.bundle import bundle_path

    def decision_for(spec: ModelSpec) -> DecisionSettings:
        return load_settings(settings_path()).decision or spec.decision

    run = Run(
        choice.engine,
        decision_for(choice.engine.spec),
        on_event=event_sink(writer, recorder),
        control=control,
        engine_reason=choice.reason,
        recorder=recorder,
    )
    loop = options.source == DEMO or (options.source is None and not opener.live)
    pipeline = Pipeline(opener, run, loop=loop)
    switcher = Switcher(
        pipeline,
        decision_for,
        chosen=ModelChoice(options.model, options.engine),
        camera=opener.camera,
        threads=options.threads,
    )
    meter = DenseMeter(options.threads)
    try:
        meter.follow(bundle_path(options.model), with_blocks=pipeline.model.saves_time)
        with StopSignals(pipeline.request_stop) as signals:
            services = WindowServices(control, switcher, recorder, meter, load_recording)
            code = run_window(pipeline, pipeline.model, options.duration_s, services)
    finally:
        switcher.close()
        pipeline.close()
        meter.close()
    return signals.exit_code or code
