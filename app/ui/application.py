"""Runs the window, from the first event to the exit code."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType

from PyQt6.QtCore import QCoreApplication, QEvent, QTimer
from PyQt6.QtWidgets import QApplication

from app import __version__
from app.control.controller import Controller
from app.control.hotkey import open_hotkey
from app.inspection.dense_meter import DenseMeter
from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import RunningModel
from app.live.step_memory import StepMemory
from app.live.switcher import ModelChoice, Switcher
from app.misspelled_labels import warn_of_misspelled_labels
from app.recording.recorder import Recorder
from app.settings import SettingsStore, recent_models
from app.sources.camera_device import CameraDevice
from app.sources.camera_watch import CameraWatch
from app.teaching.people import People
from app.ui.control.polled_control import PolledControl
from app.ui.inspection.recording_opener import RecordingLoader
from app.ui.live.polled_pipeline import LivePipeline, PolledPipeline
from app.ui.qt_messages import closed_with_display, handle_qt_messages
from app.ui.recording.recording_menu import attach_recording
from app.ui.switching.polled_switcher import PolledSwitcher
from app.ui.teach.teaching import attach_teaching
from app.ui.theme import follow_system
from app.ui.window import MainWindow
from app.ui.window_memory import remembered, restore
from models.bundle import bundle_path
from models.decision import DecisionSettings

log = logging.getLogger(__name__)

LONGEST_DURATION_S = 2_000_000.0
"""Qt's timers count milliseconds in 31 bits."""


@dataclass(frozen=True)
class WindowServices:
    """What a window can use beside the pipeline that it shows; none of it is closed here.

    Attributes:
        settings: What the user has chosen, and where changes are saved.
        control: Turns gestures into keys; None only shows them.
        switcher: Switches sources and models; None if they cannot be switched.
        recorder: Records on request; None offers no recording.
        meter: Measures a dense step on this machine; None compares with nothing.
        load_recording: Opens a recording to look at; None offers none.
        steps: The newest steps of the run; None offers no teaching.
        left_out: The set that ran in the window before and cannot be used any more; None if there
            is none.
    """

    settings: SettingsStore = field(default_factory=SettingsStore)
    control: Controller | None = None
    switcher: Switcher | None = None
    recorder: Recorder | None = None
    meter: DenseMeter | None = None
    load_recording: RecordingLoader | None = None
    steps: StepMemory | None = None
    left_out: Path | None = None


def run_window(
    pipeline: LivePipeline,
    model: RunningModel,
    duration_s: float | None = None,
    services: WindowServices | None = None,
) -> int:
    """Show a pipeline in a window until the user, `stop_requested` or the duration ends it.

    Starts the pipeline if it is not running, and closes it in any case. Call it in the main thread.

    Args:
        pipeline: What to show.
        model: The model that runs in it at first.
        duration_s: Closes the window after this time, in seconds; None leaves it open.
        services: What else the window can use; None for nothing.

    Returns:
        The exit code: 1 if the pipeline or the window failed, otherwise 0.
    """
    services = services or WindowServices()
    application = qt_application()
    failure = _Failure()
    with ExitStack() as stack:
        # Before the first event: the display may be lost while the window is being built, too.
        if services.recorder is not None:
            stack.enter_context(closed_with_display(services.recorder.stop))
        stack.enter_context(closed_with_display(pipeline.close))
        try:
            pipeline.start()
            code = _show(application, pipeline, model, duration_s, services, failure)
        finally:
            pipeline.close()
            failure.report(pipeline.status)
    return 1 if failure.reported else code


def _show(
    application: QApplication,
    pipeline: LivePipeline,
    model: RunningModel,
    duration_s: float | None,
    services: WindowServices,
    failure: _Failure,
) -> int:
    """Build the window, show it until it is closed, and return Qt's exit code."""
    window, polled = make_window(pipeline, model, services)
    polled.status_changed.connect(failure.report)
    polled.stop_requested.connect(window.close)
    window.closed.connect(application.quit)
    if duration_s is not None:
        end = QTimer(window)
        end.setSingleShot(True)
        end.timeout.connect(window.close)
        end.start(round(min(duration_s, LONGEST_DURATION_S) * 1000))
    restore(window, services.settings.current)
    window.closed.connect(lambda: services.settings.update(partial(remembered, window)))
    with _exceptions_end(application):
        window.show()
        # Inside the loop: a stop that is requested before it runs would have nothing to end.
        QTimer.singleShot(0, polled.start)
        code = application.exec()
    _destroy(window)
    return code


def make_window(
    pipeline: LivePipeline, model: RunningModel, services: WindowServices
) -> tuple[MainWindow, PolledPipeline]:
    """Return a window that is not shown yet, and what feeds it, not started yet.

    Args:
        pipeline: What to show.
        model: The model that runs in it at first.
        services: What else the window can use.
    """
    meter, settings = services.meter, services.settings
    control = (
        None if services.control is None else _control(services.control, pipeline, model, settings)
    )
    switcher = None if services.switcher is None else _switcher(services.switcher, settings)
    people = People(settings.people_folder)
    window = MainWindow(
        model.spec,
        model.engine_name,
        model.engine_reason,
        control,
        switcher,
        people,
        model.person,
    )
    polled = PolledPipeline(pipeline, window)
    window.connect_pipeline(polled)
    window.closed.connect(polled.close)
    window.inspect.opened.connect(lambda: pipeline.set_block_timing(True))
    if control is not None:
        polled.model_changed.connect(partial(_follow_model, control, settings))
    for poller in (control, switcher):
        if poller is not None:
            poller.setParent(window)
            window.closed.connect(poller.close)
            poller.start()
    if services.load_recording is not None:
        window.set_recording_loader(services.load_recording)
    if services.recorder is not None:
        attach_recording(window, services.recorder)
    if services.steps is not None:
        teaching = attach_teaching(window, polled, services.steps, people, settings)
        if teaching is not None and services.left_out is not None:
            teaching.leave_out(services.left_out)
    if meter is not None:
        polled.snapshot_changed.connect(lambda _: window.set_dense_reference(meter.reference))
        if switcher is not None:
            switcher.model_chosen.connect(partial(_measure_dense, meter, pipeline))
    return window, polled


class _Failure:
    """Reports on stderr that the pipeline has failed, once and at once.

    Attributes:
        reported: Whether the pipeline has failed.
    """

    reported = False

    def report(self, status: PipelineStatus) -> None:
        """Take the newest status into account."""
        if status.state is PipelineState.FAILED and not self.reported:
            self.reported = True
            log.error("%s", status.message)


def _control(
    controller: Controller, pipeline: LivePipeline, model: RunningModel, settings: SettingsStore
) -> PolledControl:
    """Return the control for the window; changed settings are saved at once."""
    hotkey = open_hotkey() if controller.sends else None
    control = PolledControl(controller, model.spec, _decision_for(model, settings), hotkey)

    def take_decision(changed: DecisionSettings) -> None:
        pipeline.set_decision(changed)
        running = pipeline.model or model
        if running.person is None:  # a person's thresholds are nobody else's
            settings.change(decision=changed)

    control.settings_changed.connect(lambda changed: settings.change(control=changed))
    control.decision_changed.connect(take_decision)
    return control


def _follow_model(control: PolledControl, settings: SettingsStore, model: RunningModel) -> None:
    """Let the control bind the gestures of another model."""
    control.show_model(model.spec, _decision_for(model, settings))
    warn_of_misspelled_labels(settings.current, model.spec.labels)


def _decision_for(model: RunningModel, settings: SettingsStore) -> DecisionSettings:
    """Return when a probability becomes a gesture; a person's set has thresholds of its own."""
    own = model.person is not None
    return model.spec.decision if own else settings.decision_for(model.spec)


def _measure_dense(meter: DenseMeter, pipeline: LivePipeline, chosen: ModelChoice) -> None:
    """Measure the dense step of another model."""
    running = pipeline.model
    with_blocks = running is not None and running.saves_time
    meter.follow(bundle_path(chosen.model), with_blocks=with_blocks)


def _switcher(switcher: Switcher, settings: SettingsStore) -> PolledSwitcher:
    """Return the switcher for the window; what was chosen is saved at once."""
    polled = PolledSwitcher(
        switcher,
        CameraWatch(),
        resolution=settings.current.resolution,
        recent_models=settings.current.recent_models,
    )

    def keep_model(chosen: ModelChoice) -> None:
        recent = recent_models(chosen.model, settings.current.recent_models)
        polled.recent_models = recent
        personal = chosen.personal and str(Path(chosen.personal).expanduser().absolute())
        settings.change(
            model=chosen.model, engine=chosen.engine, personal=personal, recent_models=recent
        )

    def keep_camera(chosen: CameraDevice) -> None:
        settings.change(resolution=chosen.resolution)
        if chosen.name:
            settings.change(camera=chosen)

    polled.model_chosen.connect(keep_model)
    polled.camera_chosen.connect(keep_camera)
    return polled


def qt_application() -> QApplication:
    """Return the application object, which the first call creates and styles."""
    existing = QCoreApplication.instance()
    if not isinstance(existing, QApplication):
        handle_qt_messages()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("AdaFuse Live")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("adafuse-live")
    # `run_window` ends the loop; Qt's own rule would end the next one as well.
    application.setQuitOnLastWindowClosed(False)
    follow_system(application)
    return application


def _destroy(window: MainWindow) -> None:
    """Delete the window now: Qt wants every widget gone before the application object."""
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)


@contextmanager
def _exceptions_end(application: QApplication) -> Iterator[None]:
    """End with one sentence and exit code 1 when a slot raises; PyQt alone aborts the process."""
    ended = False

    def end(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        nonlocal ended
        log.debug("internal error in the window", exc_info=(kind, error, traceback))
        if ended:
            return
        ended = True
        log.error(
            "The window stopped because of an internal error (%s: %s); "
            "run again with --verbose and report what it says.",
            kind.__name__,
            error,
        )
        # Through the event loop: it may not have started yet, and would ignore a direct call.
        QTimer.singleShot(0, lambda: application.exit(1))

    previous = sys.excepthook
    sys.excepthook = end
    try:
        yield
    finally:
        sys.excepthook = previous
