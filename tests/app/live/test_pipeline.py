from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.errors import AppError
from app.live import feed as feed_module
from app.live.events import ErrorEvent, Event, GestureEvent, PredictionEvent, SummaryEvent
from app.live.pipeline import Pipeline, PipelineState
from app.live.run import Run
from app.sources.base import Frame, FrameSource, SourceError
from models.decision import DecisionSettings
from tests.app.fakes import (
    EventList,
    Factory,
    FakeEngine,
    ScriptedSource,
    TickingCamera,
    logits_for,
    wait_until,
)

Make = Callable[..., Pipeline]


@pytest.fixture
def events() -> EventList:
    return EventList()


@pytest.fixture
def make(events: EventList, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Make pipelines that are closed at the end of the test, whatever happens."""
    monkeypatch.setattr(feed_module, "RECONNECT_INTERVAL_S", 0.02)
    made: list[Pipeline] = []

    def make(
        *sources: FrameSource | SourceError,
        engine: FakeEngine | None = None,
        on_event: Callable[[Event], None] = events.append,
        paced: bool = True,
        loop: bool = False,
    ) -> Pipeline:
        pipeline = Pipeline(
            Factory(*sources),
            Run(engine or FakeEngine(), DecisionSettings(), on_event=on_event),
            paced=paced,
            loop=loop,
        )
        made.append(pipeline)
        return pipeline

    yield make
    for pipeline in made:
        pipeline.close()


def ended(pipeline: Pipeline) -> bool:
    return pipeline.status.state in (PipelineState.ENDED, PipelineState.FAILED)


def test_a_file_is_shown_and_recognized_to_its_end(make: Make, events: EventList) -> None:
    source = ScriptedSource([index / 24 for index in range(25)])
    engine = FakeEngine(lambda step: logits_for("Thumb Up"))
    pipeline = make(source, engine=engine)
    assert pipeline.status.state == "starting"
    pipeline.start()
    wait_until(lambda: ended(pipeline))
    pipeline.close()
    assert pipeline.status.state is PipelineState.ENDED
    frame, snapshot = pipeline.frames.peek(), pipeline.snapshots.peek()
    assert frame is not None
    assert frame.index == 24
    assert snapshot is not None
    assert snapshot.prediction.label == "Thumb Up"
    seen = [event.frame for event in events.of(PredictionEvent)]
    assert set(seen) <= set(range(0, 25, 3))
    assert seen[-1] == 24
    assert [event.label for event in events.of(GestureEvent)] == ["Thumb Up"]
    assert isinstance(events[-1], SummaryEvent)
    assert (events[-1].frames, events[-1].predictions) == (25, len(seen))
    assert len(seen) + events[-1].dropped == 9  # all of them, unless this machine was too busy
    assert source.closed


class StampedCamera(ScriptedSource):
    """Gives frames stamped 50 to the second, then waits to be unplugged."""

    def __init__(self) -> None:
        super().__init__([index / 50 for index in range(40)], live=True, name="Camera 0")
        self.unplugged = threading.Event()

    def read(self) -> Frame | None:
        frame = super().read()
        if frame is None:
            self.unplugged.wait(10)
            return None
        return replace(frame, captured_at_s=frame.time_s)


def test_the_status_names_the_source_and_measures_its_rate(make: Make) -> None:
    camera = StampedCamera()
    pipeline = make(camera, *(SourceError("gone"),) * 1000)
    pipeline.start()
    wait_until(lambda: (frame := pipeline.frames.peek()) is not None and frame.index == 39)
    status = pipeline.status
    assert (status.state, status.source_name, status.message) == ("running", "Camera 0", "")
    assert status.fps == pytest.approx(50)
    camera.unplugged.set()
    wait_until(lambda: pipeline.status.state is PipelineState.RECONNECTING)
    assert pipeline.status.fps is None


def test_a_loop_starts_the_stream_afresh_each_time(make: Make) -> None:
    engine = FakeEngine()
    sources = [ScriptedSource([0.0, 0.125]) for _ in range(50)]
    pipeline = make(*sources, engine=engine, loop=True)
    pipeline.start()
    wait_until(lambda: engine.states.count(0) >= 3)
    pipeline.close()
    assert set(engine.states) <= {0, 1}


def test_an_unplugged_camera_is_told_and_taken_up_again(make: Make, events: EventList) -> None:
    back = TickingCamera(fps=100)
    gone = SourceError("not there")
    pipeline = make(TickingCamera(fps=100, frames=20), *(gone,) * 10, back)
    pipeline.start()
    wait_until(lambda: pipeline.status.state is PipelineState.RECONNECTING)
    assert "plug it in again" in pipeline.status.message
    wait_until(lambda: pipeline.status.state is PipelineState.RUNNING)
    assert pipeline.status.message == ""
    wait_until(lambda: (frame := pipeline.frames.peek()) is not None and frame.segment == 1)
    pipeline.close()
    assert back.closed
    assert [event.message for event in events.of(ErrorEvent)] == [
        "Camera 0 is no longer connected; plug it in again and the run continues."
    ]


def test_a_camera_may_be_lost_again_and_again(make: Make, events: EventList) -> None:
    pipeline = make(*(TickingCamera(fps=200, frames=4) for _ in range(5)), TickingCamera())
    pipeline.start()
    wait_until(lambda: len(events.of(ErrorEvent)) == 5)
    wait_until(lambda: pipeline.status.state is PipelineState.RUNNING)


def test_a_file_that_breaks_off_ends_loudly(make: Make, events: EventList) -> None:
    pipeline = make(ScriptedSource([0.0, 0.1], error=SourceError("It is cut off.")))
    pipeline.start()
    wait_until(lambda: ended(pipeline))
    pipeline.close()
    assert (pipeline.status.state, pipeline.status.message) == ("failed", "It is cut off.")
    assert [event.message for event in events.of(ErrorEvent)] == ["It is cut off."]
    assert isinstance(events[-1], SummaryEvent)


def test_a_source_that_cannot_be_opened_ends_loudly(make: Make) -> None:
    pipeline = make(SourceError("There is no camera."))
    pipeline.start()
    wait_until(lambda: ended(pipeline))
    assert pipeline.status.message == "There is no camera."


def test_an_engine_that_breaks_ends_loudly_and_stops_the_camera(make: Make) -> None:
    camera = TickingCamera()

    def explode(step: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        if step == 2:
            raise ZeroDivisionError("a bug\nin two lines")
        return logits_for("No gesture")

    pipeline = make(camera, engine=FakeEngine(explode))
    pipeline.start()
    wait_until(lambda: ended(pipeline))
    wait_until(lambda: camera.closed > 0)
    assert pipeline.status.state is PipelineState.FAILED
    assert "internal error (ZeroDivisionError: a bug in two lines)" in pipeline.status.message


def test_events_that_cannot_be_written_end_the_run_loudly(make: Make) -> None:
    def full(event: Event) -> None:
        raise AppError("The disk is full.")

    pipeline = make(TickingCamera(), on_event=full)
    pipeline.start()
    wait_until(lambda: ended(pipeline))
    assert pipeline.status.message == "The disk is full."


def test_close_before_start_and_twice_is_harmless(make: Make, events: EventList) -> None:
    pipeline = make(TickingCamera())
    pipeline.close()
    assert events == []
    second = make(TickingCamera())
    second.start()
    second.start()
    wait_until(lambda: second.snapshots.peek() is not None)
    second.close()
    second.close()
    assert len(events.of(SummaryEvent)) == 1


def test_a_camera_that_hangs_does_not_hold_up_the_end(make: Make, events: EventList) -> None:
    camera = TickingCamera(frames=3)
    camera.hang_s = 1.8
    pipeline = make(camera)
    pipeline.start()
    wait_until(lambda: pipeline.snapshots.peek() is not None)
    time.sleep(0.1)
    start_s = time.monotonic()
    pipeline.close()
    assert time.monotonic() - start_s < 1.0
    assert isinstance(events[-1], SummaryEvent)
    wait_until(lambda: camera.closed == 1)  # by its own thread, when the driver lets go
    assert isinstance(events[-1], SummaryEvent)


def test_a_request_to_stop_is_a_note_for_the_owner(make: Make) -> None:
    pipeline = make(TickingCamera())
    assert not pipeline.stop_requested
    pipeline.request_stop()
    assert pipeline.stop_requested
