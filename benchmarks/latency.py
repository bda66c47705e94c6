"""How old a frame is when the key of its gesture is sent, with a camera at 30 fps."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from app.control.actions import ControlAction
from app.control.arming import Cause
from app.control.bindings import Binding
from app.control.controller import Controller
from app.control.senders.base import DryRun, KeySender
from app.control.senders.choosing import open_sender
from app.control.settings import ControlSettings
from app.live.events import ActionEvent, Event, PredictionEvent
from app.live.headless import run_live
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.process import native_libraries
from app.sources.base import Frame, FrameSource
from app.sources.factory import open_file
from benchmarks.errors import BenchmarkError
from models.bundle import default_bundle_path
from models.engines.factory import create_engine
from models.two_views.bundle import load_any_bundle


class ClipCamera:
    """A clip as from a camera: at a given frame rate, forever, decoded ahead of time."""

    live = True

    def __init__(self, source: str, fps: float) -> None:
        self.name = "clip camera"
        self.fps: float | None = fps
        self._period_s = 1 / fps
        self._source = source
        self._clip: FrameSource = open_file(source)
        self._index = 0
        self._origin_s = time.monotonic()

    def read(self) -> Frame | None:
        """Decode the next frame, wait until it is due and stamp it."""
        frame = self._clip.read()
        if frame is None:
            self._clip.close()
            self._clip = open_file(self._source)
            frame = self._clip.read()
        if frame is None:
            return None
        due_s = self._origin_s + self._index * self._period_s
        time.sleep(max(0.0, due_s - time.monotonic()))
        now_s = time.monotonic()
        self._index += 1
        return Frame(frame.image, now_s - self._origin_s, self._index - 1, now_s)

    def close(self) -> None:
        """Close the clip."""
        self._clip.close()


def measure_latency(
    seconds: float, source: str, fps: float, engine: str, *, window: bool, keys: bool
) -> dict[str, object]:
    """Play a clip as a camera through the real pipeline, with the control armed.

    Every gesture is bound to a key, so that every gesture counts.

    Args:
        seconds: Time to play.
        source: The clip, or "demo".
        fps: Frame rate of the camera.
        engine: One of `models.engines.ENGINE_KINDS`.
        window: In the window; otherwise without one.
        keys: Send real keys, to whichever window has the focus; otherwise a dry run.

    Returns:
        Milliseconds from reading the frame that fired until its key was sent, p50 and p95; how much
        of that the engine took, and how much the app added.
    """
    native_libraries.prepare(quiet=True)
    native_libraries.forget_cv2_qt_paths()
    chosen = create_engine(load_any_bundle(default_bundle_path()), engine).engine
    open_file(source).close()  # reports a bad clip before anything runs
    sender: KeySender = open_sender() if keys else DryRun()
    control = _armed_control(sender, chosen.spec.labels)
    events: list[Event] = []
    pipeline = Pipeline(
        lambda: ClipCamera(source, fps),
        Run(chosen, chosen.spec.decision, on_event=events.append, control=control),
    )
    try:
        _play(pipeline, seconds, control, window=window)
    finally:
        control.close()
    figures = {"fps": fps, "window": window, "engine": chosen.name, "sender": sender.name}
    return figures | _figures(events)


def _armed_control(sender: KeySender, labels: tuple[str, ...]) -> Controller:
    next_slide = Binding(ControlAction.NEXT)
    settings = ControlSettings(
        bindings=dict.fromkeys(labels, next_slide),
        cool_down_s={ControlAction.NEXT: 0.0},
        disarm_on_focus_loss=False,
    )
    control = Controller(sender, settings)
    control.arm(Cause.BUTTON)
    return control


def _play(pipeline: Pipeline, seconds: float, control: Controller, *, window: bool) -> None:
    if not window:
        run_live(pipeline, seconds, lambda: False)
        return
    from benchmarks.window_watch import watch_window

    def ignore(age_ms: float, behind: int) -> None:
        """Ignore paints."""

    nothing: Callable[[], None] = lambda: None  # noqa: E731
    watch_window(
        pipeline, seconds, settling_s=0, on_paint=ignore, on_second=nothing, control=control
    )


def _figures(events: list[Event]) -> dict[str, object]:
    """Compare latencies with the engine's steps of the same frames."""
    steps_ms = {event.t: event.step_ms for event in events if isinstance(event, PredictionEvent)}
    pairs = [
        (event.latency_ms, steps_ms[event.t])
        for event in events
        if isinstance(event, ActionEvent) and event.latency_ms is not None
    ]
    if not pairs:
        raise BenchmarkError("No gesture fired; raise --minutes or choose another clip.")
    latency_ms, step_ms = np.array(pairs).T
    figures: dict[str, object] = {"keys": len(pairs)}
    for name, values in (
        ("latency_ms", latency_ms),
        ("step_ms", step_ms),
        ("app_ms", latency_ms - step_ms),
    ):
        for percent in (50, 95):
            figures[f"{name}_p{percent}"] = round(float(np.percentile(values, percent)), 2)
        figures[f"{name}_max"] = round(float(values.max()), 2)
    return figures
