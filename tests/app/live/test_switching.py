"""Another camera, file, model or engine while everything runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from app.control.actions import ControlAction
from app.control.arming import Cause
from app.control.bindings import Binding
from app.control.controller import Controller
from app.control.settings import ControlSettings
from app.live import feed as feed_module
from app.live.events import ControlEvent, GestureEvent, PredictionEvent, SummaryEvent
from app.live.pipeline import Pipeline, PipelineState
from app.live.run import Run
from app.sources.base import FrameSource, SourceError
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine
from tests.app.control.fakes import RememberingSender
from tests.app.fakes import (
    EventList,
    Factory,
    FakeEngine,
    ScriptedSource,
    TickingCamera,
    logits_for,
    make_spec,
    wait_until,
)

FAST = DecisionSettings(hold_s=0.05, release_s=0.15)


def saying(
    label: str, from_step: int = 0, *, interval_s: float = 0.02, **spec: object
) -> FakeEngine:
    """Return an engine that is sure of `label` from a step on, and of nothing before."""
    return FakeEngine(
        lambda step: logits_for(label if step >= from_step else "No gesture"),
        spec=make_spec(frame_interval_s=interval_s, **spec),
    )


@pytest.fixture
def events() -> EventList:
    return EventList()


Make = Callable[..., Pipeline]


@pytest.fixture
def make(events: EventList, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    monkeypatch.setattr(feed_module, "RECONNECT_INTERVAL_S", 0.02)
    made: list[Pipeline] = []

    def make(
        *sources: FrameSource | SourceError,
        engine: FakeEngine | None = None,
        control: Controller | None = None,
    ) -> Pipeline:
        pipeline = Pipeline(
            Factory(*sources),
            Run(engine or saying("No gesture"), FAST, on_event=events.append, control=control),
        )
        made.append(pipeline)
        pipeline.start()
        return pipeline

    yield make
    for pipeline in made:
        pipeline.close()


def predictions(pipeline: Pipeline) -> int:
    snapshot = pipeline.snapshots.peek()
    return 0 if snapshot is None else snapshot.predictions


def gestures(events: EventList) -> list[str]:
    return [event.label for event in events.of(GestureEvent)]


def run_on(pipeline: Pipeline, steps: int = 25) -> None:
    """Let the model see some more samples."""
    wanted = predictions(pipeline) + steps
    wait_until(lambda: predictions(pipeline) >= wanted)


# Models


def test_another_model_takes_over_with_a_stream_of_its_own(make: Make, events: EventList) -> None:
    first, second = saying("No gesture"), saying("No gesture", name="second", frames=4)
    pipeline = make(TickingCamera(fps=100), engine=first)
    run_on(pipeline, 5)

    pipeline.use_engine(OpenedEngine(second, "asked for"), FAST)
    run_on(pipeline, 8)

    assert second.states[0] == 0
    assert pipeline.model.spec.name == "second"
    snapshot = pipeline.snapshots.peek()
    assert snapshot is not None
    assert snapshot.model is pipeline.model
    assert len(snapshot.ring) == 4
    pipeline.close()
    numbers = [event.t for event in events.of(PredictionEvent)]
    assert numbers == sorted(numbers)
    summary = events[-1]
    assert isinstance(summary, SummaryEvent)
    assert (summary.model, summary.predictions) == ("second", len(numbers))


def test_a_gesture_that_fired_before_the_switch_does_not_fire_again(
    make: Make, events: EventList
) -> None:
    pipeline = make(TickingCamera(fps=100), engine=saying("Swiping Left"))
    wait_until(lambda: gestures(events) == ["Swiping Left"])

    pipeline.use_engine(OpenedEngine(saying("Swiping Left"), "for a test"), FAST)
    run_on(pipeline)

    assert gestures(events) == ["Swiping Left"]


def test_the_rest_of_a_gesture_is_not_taken_for_another_one(make: Make, events: EventList) -> None:
    pipeline = make(TickingCamera(fps=100), engine=saying("Swiping Left"))
    wait_until(lambda: gestures(events) == ["Swiping Left"])

    pipeline.use_engine(OpenedEngine(saying("Swiping Right"), "for a test"), FAST)
    run_on(pipeline)

    assert gestures(events) == ["Swiping Left"]
    snapshot = pipeline.snapshots.peek()
    assert snapshot is not None
    assert snapshot.verdict is not None
    assert snapshot.verdict.waits_for == "the change of models"


def test_after_the_switch_the_next_gesture_fires_once(make: Make, events: EventList) -> None:
    pipeline = make(TickingCamera(fps=100), engine=saying("Swiping Left"))
    wait_until(lambda: gestures(events) == ["Swiping Left"])

    pipeline.use_engine(OpenedEngine(saying("Thumb Up", from_step=20), "for a test"), FAST)
    wait_until(lambda: len(gestures(events)) == 2)
    run_on(pipeline)

    assert gestures(events) == ["Swiping Left", "Thumb Up"]


def test_switching_back_and_forth_quickly_leaves_the_last_one_running(
    make: Make, events: EventList
) -> None:
    pipeline = make(TickingCamera(fps=100), engine=saying("Swiping Left"))
    wait_until(lambda: gestures(events) == ["Swiping Left"])
    engines = [saying("Swiping Left", name=f"model-{number}") for number in range(20)]

    for engine in engines:
        pipeline.use_engine(OpenedEngine(engine, "for a test"), FAST)
    run_on(pipeline)

    assert pipeline.model.spec.name == "model-19"
    assert engines[-1].states[0] == 0
    assert gestures(events) == ["Swiping Left"]
    assert pipeline.status.state is PipelineState.RUNNING


def test_a_switch_disarms_the_control(make: Make, events: EventList) -> None:
    sender = RememberingSender()
    settings = ControlSettings(bindings={"Thumb Up": Binding(ControlAction.NEXT)})
    control = Controller(sender, settings)
    pipeline = make(TickingCamera(fps=100), TickingCamera(fps=100), control=control)
    control.arm(Cause.BUTTON)

    pipeline.use_engine(OpenedEngine(saying("Thumb Up", from_step=15), "for a test"), FAST)
    wait_until(lambda: gestures(events) == ["Thumb Up"])
    run_on(pipeline, 2)

    assert (control.status.armed, control.status.cause) == (False, Cause.MODEL_CHANGED)
    assert sender.sent == []
    control.arm(Cause.BUTTON)
    pipeline.use_source(lambda: TickingCamera(fps=100))
    assert (control.status.armed, control.status.cause) == (False, Cause.SOURCE_CHANGED)
    assert [event.armed for event in events.of(ControlEvent)] == [True, False, True, False]


def test_another_engine_repairs_a_run_that_one_broke(make: Make) -> None:
    def explode(step: int) -> NDArray[np.float32]:
        raise ZeroDivisionError("a bug")

    cameras = TickingCamera(), TickingCamera(name="Camera 0 again")
    pipeline = make(*cameras, engine=FakeEngine(explode))
    wait_until(lambda: pipeline.status.state is PipelineState.FAILED)

    pipeline.use_engine(OpenedEngine(saying("No gesture"), "for a test"), FAST)
    run_on(pipeline, 3)

    assert pipeline.status.state is PipelineState.RUNNING
    assert pipeline.status.source_name == "Camera 0 again"


# Sources


def test_another_source_follows_the_first_and_time_goes_on(make: Make, events: EventList) -> None:
    camera = TickingCamera(fps=100)
    pipeline = make(camera)
    run_on(pipeline, 5)
    before_s = events.of(PredictionEvent)[-1].t

    pipeline.use_source(lambda: TickingCamera(fps=100, name="Camera 1"))
    wait_until(lambda: pipeline.status.source_name == "Camera 1")
    run_on(pipeline, 5)

    assert camera.closed == 1
    assert pipeline.status.live
    times = [event.t for event in events.of(PredictionEvent)]
    assert times == sorted(times)
    assert times[-1] < before_s + 5


def test_a_file_that_ended_makes_room_for_another(make: Make, events: EventList) -> None:
    pipeline = make(ScriptedSource([0.0, 0.1], name="one.mp4"))
    wait_until(lambda: pipeline.status.state is PipelineState.ENDED)

    pipeline.use_source(lambda: ScriptedSource([0.0, 0.1], name="two.mp4"))
    wait_until(lambda: pipeline.status.state is PipelineState.ENDED)

    assert pipeline.status.source_name == "two.mp4"
    assert not pipeline.status.live
    pipeline.close()
    assert events[-1].frames == 4  # type: ignore[union-attr]
    assert len(events.of(SummaryEvent)) == 1


def test_a_file_that_broke_makes_room_for_another(make: Make) -> None:
    pipeline = make(ScriptedSource([0.0], error=SourceError("It is cut off.")))
    wait_until(lambda: pipeline.status.state is PipelineState.FAILED)

    pipeline.use_source(TickingCamera)
    run_on(pipeline, 2)

    assert (pipeline.status.state, pipeline.status.message) == (PipelineState.RUNNING, "")


def test_nobody_waits_for_a_lost_camera_once_there_is_another(make: Make) -> None:
    gone = SourceError("not there")
    pipeline = make(TickingCamera(fps=100, frames=3), *(gone,) * 1000)
    wait_until(lambda: pipeline.status.state is PipelineState.RECONNECTING)

    pipeline.use_source(lambda: TickingCamera(name="Camera 1"))

    wait_until(lambda: pipeline.status.state is PipelineState.RUNNING)
    assert pipeline.status.source_name == "Camera 1"


def test_a_camera_that_does_not_reopen_at_once_is_waited_for(make: Make) -> None:
    pipeline = make(TickingCamera(fps=100))
    run_on(pipeline, 2)
    reopen = Factory(SourceError("busy"), SourceError("busy"), TickingCamera(name="Camera 0, HD"))

    pipeline.use_source(reopen)

    wait_until(lambda: pipeline.status.source_name == "Camera 0, HD")
    assert pipeline.status.state is PipelineState.RUNNING


def test_switching_from_all_sides_while_it_closes_leaves_nothing(make: Make) -> None:
    pipeline = make(TickingCamera(fps=200))
    end = time.monotonic() + 0.4

    def switch_sources() -> None:
        while time.monotonic() < end:
            pipeline.use_source(lambda: TickingCamera(fps=200))

    def switch_engines() -> None:
        while time.monotonic() < end:
            pipeline.use_engine(OpenedEngine(saying("Thumb Up"), "for a test"), FAST)

    threads = [threading.Thread(target=body) for body in (switch_sources, switch_engines)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    pipeline.close()
    for thread in threads:
        thread.join()
    assert pipeline.status.state is not PipelineState.FAILED
