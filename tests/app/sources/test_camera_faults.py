"""What goes wrong with cameras in the middle of a run, through the real pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.control.arming import Cause
from app.control.controller import Controller
from app.control.senders.base import DryRun
from app.control.settings import ControlSettings
from app.live import feed as feed_module
from app.live import run as run_module
from app.live.events import ErrorEvent
from app.live.pipeline import Pipeline, PipelineState
from app.live.run import Run
from app.sources import watched as watched_module
from app.sources.base import Frame, FrameSource
from app.sources.watched import watched
from models.decision import DecisionSettings
from tests.app.fakes import EventList, Factory, FakeEngine, TickingCamera, wait_until
from tests.app.sources.test_watched import HangingCamera


class CameraRun:
    """A pipeline over cameras, with an armed control."""

    def __init__(self, *cameras: FrameSource) -> None:
        self.events = EventList()
        self.engine = FakeEngine()
        self.control = Controller(DryRun(), ControlSettings())
        self.control.arm(Cause.BUTTON)
        self.pipeline = Pipeline(
            watched(Factory(*cameras)),
            Run(self.engine, DecisionSettings(), on_event=self.events.append, control=self.control),
        )
        self.pipeline.start()

    @property
    def messages(self) -> list[str]:
        return [event.message for event in self.events.of(ErrorEvent)]

    def frame(self) -> Frame | None:
        return self.pipeline.frames.peek()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., CameraRun]]:
    monkeypatch.setattr(feed_module, "RECONNECT_INTERVAL_S", 0.02)
    monkeypatch.setattr(watched_module, "FROZEN_AFTER_S", 0.3)
    monkeypatch.setattr(watched_module, "CLOSE_TIMEOUT_S", 0.1)
    monkeypatch.setattr(run_module, "DARK_AFTER_S", 0.2)
    monkeypatch.setattr(run_module, "STUCK_AFTER_S", 0.2)
    runs: list[CameraRun] = []

    def start(*cameras: FrameSource) -> CameraRun:
        runs.append(CameraRun(*cameras))
        return runs[-1]

    yield start
    for each in runs:
        each.pipeline.close()


class PaintedCamera(TickingCamera):
    """A camera that sees what the test shows it."""

    def __init__(self, fps: float = 60.0) -> None:
        super().__init__(fps)
        self.level = 128
        self.noise = True
        self.size = (480, 640)

    def read(self) -> Frame | None:
        frame = super().read()
        assert frame is not None
        image = np.full((*self.size, 3), self.level, np.uint8)
        image[0, 0] = frame.index % 200 if self.noise else 0
        return replace(frame, image=image)

    def change_rate(self, fps: float) -> None:
        """Go on at another rate from the next picture on."""
        assert self.fps is not None
        self._start_s += self._index / self.fps - self._index / fps
        self.fps = fps


def test_a_camera_that_hangs_is_told_disarms_and_is_taken_up_when_it_goes_on(
    run: Callable[..., CameraRun],
) -> None:
    camera, again = HangingCamera(pictures=20), TickingCamera()
    running = run(camera, again)
    wait_until(lambda: bool(running.messages))
    assert running.messages == [
        "Camera 0 is frozen: it has given no picture for 0 seconds; if it does not recover by "
        "itself, unplug it and plug it in again."
    ]
    assert not running.control.status.armed
    wait_until(lambda: running.pipeline.status.state is PipelineState.RUNNING)
    wait_until(lambda: (frame := running.frame()) is not None and frame.segment == 1)
    camera.let_go.set()
    wait_until(lambda: camera.closed == 1)


def test_black_pictures_are_told_and_leave_the_control_armed(run: Callable[..., CameraRun]) -> None:
    camera = PaintedCamera()
    running = run(camera)
    wait_until(lambda: running.frame() is not None)
    camera.level = 3
    wait_until(lambda: bool(running.messages))
    status = running.pipeline.status
    assert (status.state, status.message) == (PipelineState.RUNNING, running.messages[0])
    assert "it is covered, or the room is too dark" in status.message
    assert running.control.status.armed
    camera.level = 128
    wait_until(lambda: running.pipeline.status.message == "")
    assert len(running.messages) == 1


def test_a_picture_that_stands_still_is_told_and_disarms(run: Callable[..., CameraRun]) -> None:
    camera = PaintedCamera()
    running = run(camera)
    wait_until(lambda: running.frame() is not None)
    camera.noise = False
    wait_until(lambda: bool(running.messages))
    assert "the same picture again and again" in running.pipeline.status.message
    wait_until(lambda: not running.control.status.armed)
    assert running.control.status.cause is Cause.SOURCE_LOST
    camera.noise = True
    wait_until(lambda: running.pipeline.status.message == "")
    assert not running.control.status.armed


def test_another_resolution_in_the_middle_goes_on_in_the_preview_and_for_the_network(
    run: Callable[..., CameraRun],
) -> None:
    camera = PaintedCamera()
    running = run(camera)
    wait_until(lambda: len(running.engine.inputs) > 2)
    camera.size = (720, 1280)
    wait_until(lambda: (frame := running.frame()) is not None and frame.image.shape[0] == 720)
    count = len(running.engine.inputs)
    wait_until(lambda: len(running.engine.inputs) > count + 1)
    assert len({picture.shape for picture in running.engine.inputs}) == 1
    assert set(running.engine.states) == set(range(len(running.engine.states)))  # one stream
    assert running.messages == []


def test_another_rate_in_the_middle_is_measured_anew(run: Callable[..., CameraRun]) -> None:
    camera = PaintedCamera(fps=100)
    running = run(camera)
    wait_until(lambda: (running.pipeline.status.fps or 0) > 60)
    camera.change_rate(10)
    wait_until(lambda: (running.pipeline.status.fps or 99) < 12, timeout_s=20)
    assert running.messages == []
