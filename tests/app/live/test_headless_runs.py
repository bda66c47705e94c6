from __future__ import annotations

import logging
import time

import numpy as np
import pytest

from app.errors import AppError
from app.live.events import ErrorEvent, Event, GestureEvent, PredictionEvent, SummaryEvent
from app.live.headless import RunFailedError, run_file, run_live
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.sources.base import SourceError
from models.decision import DecisionSettings
from tests.app.fakes import (
    LABELS,
    EventList,
    Factory,
    FakeEngine,
    ScriptedSource,
    TickingCamera,
    logits_for,
)


def go_on() -> bool:
    return False


def times(fps: float, seconds: float) -> list[float]:
    return [index / fps for index in range(round(fps * seconds))]


def play(source: ScriptedSource, engine: FakeEngine, duration_s: float | None = None) -> EventList:
    events = EventList()
    run_file(
        Factory(source), Run(engine, DecisionSettings(), on_event=events.append), duration_s, go_on
    )
    return events


def test_every_sampled_frame_is_processed_however_slow_the_engine() -> None:
    events = play(ScriptedSource(times(60, 4)), FakeEngine(delay_s=0.02))
    summary = events.of(SummaryEvent)[0]
    assert events[-1] == summary
    assert (summary.frames, summary.predictions, summary.dropped) == (240, 32, 0)


def test_a_file_does_not_wait_for_the_clock() -> None:
    start_s = time.monotonic()
    events = play(ScriptedSource([index * 0.9 for index in range(1000)]), FakeEngine())
    assert events[-1].t == pytest.approx(899.1)
    assert time.monotonic() - start_s < 300


def test_gestures_come_right_after_the_prediction_that_fired_them() -> None:
    def script(step: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return logits_for("Thumb Up" if 16 <= step < 32 else "No gesture")

    events = play(ScriptedSource(times(8, 8)), FakeEngine(script))
    gesture = events.of(GestureEvent)[0]
    before = events[events.index(gesture) - 1]
    assert isinstance(before, PredictionEvent)
    assert (before.t, before.label) == (gesture.t, gesture.label)
    assert len(events.of(GestureEvent)) == 1


def test_a_gap_in_the_file_starts_the_stream_afresh() -> None:
    engine = FakeEngine()
    play(ScriptedSource([0.0, 0.125, 0.25, 5.0, 5.125]), engine)
    assert engine.states == [0, 1, 2, 0, 1]


def test_the_end_of_the_time_is_not_played() -> None:
    events = play(ScriptedSource(times(8, 8)), FakeEngine(), duration_s=2.0)
    assert events.of(PredictionEvent)[-1].t == 1.875


def test_a_run_that_is_stopped_ends_with_its_summary() -> None:
    events = EventList()
    run = Run(FakeEngine(), DecisionSettings(), on_event=events.append)
    run_file(Factory(ScriptedSource(times(8, 8))), run, None, lambda: len(events) >= 5)
    assert len(events) == 6
    assert isinstance(events[-1], SummaryEvent)


def test_an_empty_run_has_a_summary_all_the_same() -> None:
    events = play(ScriptedSource([]), FakeEngine())
    assert [type(event) for event in events] == [SummaryEvent]


def nan_logits(step: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.full(len(LABELS), np.nan if step == 2 else 0, np.float32)


def broken_engine(step: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    raise IndexError("a bug")


@pytest.mark.parametrize(
    ("source", "engine", "words"),
    [
        (ScriptedSource([0.0], error=SourceError("It is cut off.")), FakeEngine(), "cut off"),
        (ScriptedSource(times(8, 2)), FakeEngine(nan_logits), "not finite"),
        (ScriptedSource(times(8, 2)), FakeEngine(broken_engine), "IndexError: a bug"),
    ],
    ids=["source", "scores", "bug"],
)
def test_whatever_breaks_is_an_event_before_the_summary(
    source: ScriptedSource, engine: FakeEngine, words: str
) -> None:
    events = EventList()
    with pytest.raises(RunFailedError, match=words) as caught:
        run_file(
            Factory(source), Run(engine, DecisionSettings(), on_event=events.append), None, go_on
        )
    assert [type(event) for event in events[-2:]] == [ErrorEvent, SummaryEvent]
    assert events.of(ErrorEvent)[0].message == str(caught.value)
    assert source.closed


def test_events_that_cannot_be_written_end_the_run() -> None:
    def full(event: Event) -> None:
        raise AppError("The disk is full.")

    run = Run(FakeEngine(), DecisionSettings(), on_event=full)
    with pytest.raises(RunFailedError, match=r"The disk is full\."):
        run_file(Factory(ScriptedSource([0.0])), run, None, go_on)


def live(camera: TickingCamera, events: EventList, engine: FakeEngine | None = None) -> Pipeline:
    factory = Factory(camera)
    return Pipeline(
        factory, Run(engine or FakeEngine(), DecisionSettings(), on_event=events.append)
    )


def test_a_camera_runs_for_the_time_that_was_asked_for() -> None:
    events, camera = EventList(), TickingCamera(fps=60)
    run_live(live(camera, events), 1.0, go_on)
    assert 1 <= len(events.of(PredictionEvent)) <= 12
    assert isinstance(events[-1], SummaryEvent)
    assert events[-1].t > 0.5
    assert camera.closed == 1


def test_a_camera_runs_until_it_is_stopped() -> None:
    events = EventList()
    run_live(live(TickingCamera(), events), None, lambda: len(events) >= 2)
    assert isinstance(events[-1], SummaryEvent)


def test_a_camera_that_is_unplugged_is_said_on_stderr_and_the_run_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    events = EventList()
    with caplog.at_level(logging.WARNING):
        run_live(live(TickingCamera(frames=5), events), None, lambda: bool(events.of(ErrorEvent)))
    assert "plug it in again" in caplog.text
    assert len(events.of(ErrorEvent)) == 1


def test_a_live_run_that_breaks_is_an_error() -> None:
    events = EventList()
    pipeline = live(TickingCamera(), events, FakeEngine(broken_engine))
    with pytest.raises(RunFailedError, match="IndexError"):
        run_live(pipeline, None, go_on)
    assert [type(event) for event in events] == [ErrorEvent, SummaryEvent]
