"""Opens everything that a run needs, in order, and closes it again."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from app.command_line import Options
from app.control.controller import Controller, open_controller
from app.control.mode import ControlMode
from app.errors import UsageError
from app.live.event_writer import STDOUT, EventWriter, check_writable
from app.live.events import Event
from app.live.run import Run
from app.live.switcher import ModelChoice, decision_for, load_model
from app.misspelled_labels import warn_of_misspelled_labels
from app.process import native_libraries
from app.recording.database import journal_of
from app.recording.header import RecordedModel
from app.recording.recorder import Recorder, RecordingError
from app.recording.target import check_recordable
from app.settings import Settings, SettingsStore
from app.sources.base import SourceError
from app.sources.camera import connected_cameras
from app.sources.camera_device import CameraDevice
from app.sources.factory import DEMO, SourceOpener
from models.bundle import bundle_path
from models.engines.factory import OpenedEngine
from models.errors import ModelError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Session:
    """What a run works with; `open_session` opens and closes it.

    Attributes:
        options: The command line, with the model and engine that are used.
        settings: What the user has chosen.
        source: Opens the source.
        engine: The engine with its model.
        control: Turns gestures into keys; None only shows them.
        events: Takes the events; None if nobody wants them.
        recorder: Records the run; None where nothing will ever be recorded.
        left_out: The set that ran in the window before, if it cannot be used any more.
    """

    options: Options
    settings: SettingsStore
    source: SourceOpener
    engine: OpenedEngine
    control: Controller | None = None
    events: EventWriter | None = None
    recorder: Recorder | None = None
    left_out: Path | None = None

    def run(self) -> Run:
        """Return a run that has not seen a frame yet."""
        return Run(
            self.engine.engine,
            decision_for(self.engine, self.settings.decision_for),
            on_event=self._on_event(),
            control=self.control,
            engine_reason=self.engine.reason,
            recorder=self.recorder,
            personal=self.engine.personal,
        )

    def _on_event(self) -> Callable[[Event], None] | None:
        """Return what takes the events of the run; None if nobody wants them."""
        recorder, writer = self.recorder, self.events
        if recorder is None:
            return None if writer is None else writer.write

        def take(event: Event) -> None:
            recorder.see_event(event)
            if writer is not None:
                writer.write(event)

        return take


@contextmanager
def open_session(options: Options, *, in_window: bool) -> Iterator[Session]:
    """Check everything that the options name and open it; close it at the end.

    Args:
        options: What the user asks for.
        in_window: Whether there will be a window.

    Raises:
        AppError: Something cannot be opened, or at the end the recording turns out broken.
        ModelError: The model or its engine cannot be used.
    """
    events = options.events or (None if in_window else STDOUT)
    _check_events_file(events, options)
    record = _check_recording_file(options, events)
    if in_window:
        native_libraries.check_qt_libraries()
    settings = SettingsStore()
    with ExitStack() as stack:
        source = _open_source(options, settings, in_window=in_window)
        stack.callback(source.close)
        control = _open_control(options, source, settings, in_window=in_window)
        if control is not None:
            stack.callback(control.close)
        person = settings.current.personal
        options, engine = _open_chosen_engine(options, settings, in_window=in_window)
        left_out = None
        if person is not None and settings.current.personal is None:
            left_out = Path(person)
        warn_of_misspelled_labels(settings.current, engine.engine.spec.labels)
        if not in_window and not options.headless:
            log.warning("There is no display, so this runs without a window and writes events.")
        # Opened last, so that an existing file is not emptied by a command that cannot run.
        writer = None if events is None else stack.enter_context(EventWriter(events))
        recorder = _open_recorder(record, source, engine, in_window=in_window)
        if recorder is not None:
            stack.callback(recorder.stop)
        yield Session(options, settings, source, engine, control, writer, recorder, left_out)
        if recorder is not None:
            _finish_recording(recorder)


def _check_events_file(events: str | None, options: Options) -> None:
    """Check early that the events can be written and overwrite no input.

    Raises:
        UsageError: They cannot be written, or would overwrite an input.
    """
    if events is None:
        return
    if events != STDOUT:
        _check_spares_inputs(Path(events), options, "events", "--events")
    check_writable(events)


def _check_recording_file(options: Options, events: str | None) -> Path | None:
    """Return the file to record to; None if nothing is to be recorded from the beginning.

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
    """Keep a typing error from emptying somebody's video, picture or model.

    Args:
        output: The file that is to be written.
        options: What names the inputs.
        what: What is to be written there.
        option: The option that names it.

    Raises:
        UsageError: It would overwrite a file of the source, of the model or of a person.
    """
    if not output.exists():
        return
    named = (name for name in (options.source, options.personal) if name is not None)
    inputs = [bundle_path(options.model), *(Path(name).expanduser() for name in named)]
    for path in inputs:
        inside = path.is_dir() and path.resolve() in output.resolve().parents
        if inside or (path.exists() and path.samefile(output)):
            raise UsageError(
                f"The {what} would overwrite {output}; choose another file with {option}."
            )


def _open_source(options: Options, settings: SettingsStore, *, in_window: bool) -> SourceOpener:
    """Open what the options name; without a name a camera or, failing that, the demo clip."""
    if options.source is not None:
        return SourceOpener.of(options.source)
    chosen = settings.current if in_window else Settings()
    if options.camera is not None:
        camera = CameraDevice("", index=options.camera, resolution=chosen.resolution)
        return SourceOpener.of(camera)
    try:
        return SourceOpener.of(usual_camera(chosen))
    except SourceError as error:
        log.warning("%s The demo clip is played instead.", error)
        return SourceOpener.of(DEMO)


def usual_camera(settings: Settings) -> CameraDevice:
    """Return the camera that was chosen; the first if none was, or if it is not connected.

    That is camera 0, unless the system lists others only: numbers may have gaps.
    """
    connected = connected_cameras()
    numbers = {device.index for device in connected}
    first = CameraDevice("", index=0, resolution=settings.resolution)
    if connected and 0 not in numbers:
        first = connected[0].at(settings.resolution)
    if settings.camera is None:
        return first
    device = settings.camera.among(connected)
    if device is None:
        log.info("The camera %s is not connected; camera %s is used.", settings.camera.name, first)
        return first
    return device.at(settings.resolution)


def _open_control(
    options: Options, source: SourceOpener, settings: SettingsStore, *, in_window: bool
) -> Controller | None:
    """Return what turns gestures into keys; None if they are only shown.

    Raises:
        SendError: Keys were asked for and cannot be sent.
        UsageError: Keys were asked for, but the source is a recording.
    """
    replay = source.recorded is not None
    if replay and options.control is ControlMode.KEYS:
        raise UsageError("A replay sends no keys; use --control dry-run to see what it would send.")
    usual = ControlMode.DRY_RUN if replay else ControlMode.KEYS_IF_POSSIBLE
    mode = options.control or (usual if in_window else ControlMode.OFF)
    if mode is ControlMode.OFF:
        return None
    return open_controller(mode, settings.current.control, options.profile, in_window=in_window)


def _open_chosen_engine(
    options: Options, settings: SettingsStore, *, in_window: bool
) -> tuple[Options, OpenedEngine]:
    """Open what the options name, or what was chosen in the window before; return both.

    A model that was chosen then may be gone by now; that must not prevent the start.
    """
    if not in_window:
        return options, _open_engine(options, in_window=False)
    remembered = with_remembered_model(options, settings.current)
    try:
        opened = _open_engine(remembered, in_window=True)
        return _with_remembered_person(remembered, opened, settings)
    except ModelError as error:
        if remembered == options:
            raise
        log.warning("What was chosen last cannot be used: %s", error)
    return options, _open_engine(options, in_window=True)


def _with_remembered_person(
    options: Options, opened: OpenedEngine, settings: SettingsStore
) -> tuple[Options, OpenedEngine]:
    """Return both with the person's set that was chosen in the window before, if none is named.

    A set belongs to one model, so naming a model leaves it out. One that cannot be used any more is
    forgotten.
    """
    personal = settings.current.personal
    if personal is None or options.personal is not None or options.model_named:
        return options, opened
    try:
        chosen = opened.with_set(Path(personal))
    except (ModelError, OSError) as error:
        log.warning("The model's own gestures are used: %s", error)
        settings.change(personal=None)
        return options, opened
    _name_gestures(chosen)
    return replace(options, personal=personal), chosen


def with_remembered_model(options: Options, settings: Settings) -> Options:
    """Return `options` with the model and engine that were chosen, where none are named."""
    return replace(
        options,
        model=options.model if options.model_named else settings.model,
        engine=options.engine if options.engine_named else settings.engine,
    )


def _open_engine(options: Options, *, in_window: bool) -> OpenedEngine:
    """Load the model and the engine that runs it; show the progress of a long preparation."""
    notice = PreparationNotice()
    chosen = ModelChoice(options.model, options.engine, options.personal)

    def load(on_progress: Callable[[float], None]) -> OpenedEngine:
        def report(fraction: float) -> None:
            notice.show(fraction)
            on_progress(fraction)

        return load_model(chosen, options.threads, report)

    if in_window:
        native_libraries.forget_cv2_qt_paths()
        from app.ui.progress_window import with_progress_window

        opened = with_progress_window(load)
    else:
        opened = load(lambda fraction: None)
    engine = opened.engine
    log.info("Model %s runs on the %s engine (%s).", engine.spec.name, engine.name, opened.reason)
    _name_gestures(opened)
    return opened


def _name_gestures(opened: OpenedEngine) -> None:
    """Say which gestures a person's set holds, if there is one."""
    if opened.personal is not None:
        gestures = set(opened.spec.labels) - set(opened.spec.silent_labels)
        log.info("Gestures of %s: %s.", opened.personal.about.name, ", ".join(sorted(gestures)))


class PreparationNotice:
    """Says once that kernels are compiled; on a terminal with a percentage that counts up."""

    TEXT = "Preparing the sparse engine for this processor; this is needed once"

    def __init__(self, stream: TextIO | None = None) -> None:
        """Say nothing yet.

        Args:
            stream: Where the percentage goes, if it is a terminal; None is standard error.
        """
        # None where the shell has closed standard error.
        self._stream: TextIO | None = sys.stderr if stream is None else stream
        self._said = False

    def show(self, fraction: float) -> None:
        """Show the fraction that is done, from 0 to 1."""
        if self._stream is not None and self._stream.isatty():
            end = "\n" if fraction >= 1 else ""
            self._stream.write(f"\r{self.TEXT}: {fraction:4.0%}{end}")
            self._stream.flush()
        elif not self._said:
            log.info("%s and takes some 15 seconds.", self.TEXT)
        self._said = True


def _open_recorder(
    path: Path | None, source: SourceOpener, opened: OpenedEngine, *, in_window: bool
) -> Recorder | None:
    """Return what records the run; None where nothing will ever be recorded.

    Args:
        path: Record to this file from the beginning; None leaves it to the window.
        source: The source.
        opened: The model and its engine.
        in_window: Whether people may begin a recording later.

    Raises:
        UsageError: The file cannot be written.
    """
    model = RecordedModel.of(opened)
    if source.recorded is not None and (difference := source.recorded.difference_from(model)):
        log.warning("The replay may differ from what was recorded: %s.", difference)
    if path is None and not in_window:
        return None
    recorder = Recorder(model, patient=not in_window and not source.live)
    recorder.opened(source.name)
    if path is not None:
        recorder.start(path)
    return recorder


def _finish_recording(recorder: Recorder) -> None:
    """End a recording that is in progress, and say where it is.

    Raises:
        RecordingError: It, or one before it in this run, broke off.
    """
    path = recorder.stop()
    if failure := recorder.status.failure:
        raise RecordingError(failure)
    if path is not None:
        log.info("The recording is in %s (%.1f MB).", path, path.stat().st_size / 1e6)
