"""What was recorded is replayed, whatever happened while it was recorded."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from app.errors import AppError
from app.live import feed as feed_module
from app.live.events import ErrorEvent, Event, GestureEvent, PredictionEvent, SummaryEvent, encode
from app.live.headless import run_file
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.recording import backlog
from app.recording import recorder as recorder_module
from app.recording import writer as writer_module
from app.recording.header import RecordedModel
from app.recording.reader import Recording
from app.recording.recorder import Recorder, RecorderStatus
from app.recording.replay import Replay
from app.recording.schema import TABLES
from app.recording.writer import RecordingWriter
from app.sources.base import FrameSource
from models.decision import DecisionSettings
from models.engines.base import StreamingEngine
from models.engines.factory import OpenedEngine
from tests.app.fakes import EventList, Factory, ScriptedSource, make_spec, wait_until
from tests.app.recording.pictures import LookingEngine, NoisyCamera

LIVELY = DecisionSettings(fire_above=0.4, hold_s=0.0, release_below=0.3, release_s=0.05)
"""With these the engine's wild scores fire gestures all the time."""

SPEC = make_spec(frame_interval_s=0.04, frames=2, silent_labels=())


@pytest.fixture(autouse=True)
def quick_reconnection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "RECONNECT_INTERVAL_S", 0.02)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.adafuse"


def a_recorder(*, patient: bool = False) -> Recorder:
    return Recorder(RecordedModel(SPEC, "0" * 64, "looking"), patient=patient)


def told(events: list[Event]) -> list[dict[str, object]]:
    """Return predictions and gestures as event lines have them, without what no two runs share."""
    found = [event for event in events if isinstance(event, (PredictionEvent, GestureEvent))]
    return [without_timing(msgspec.json.decode(encode(event))) for event in found]


def without_timing(event: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in event.items() if name != "step_ms"}


def lines(path: Path) -> list[dict[str, object]]:
    """Return the predictions and gestures among the recorded event lines."""
    recording = Recording(path)
    events = [msgspec.json.decode(line) for line in recording.event_lines]
    recording.close()
    return [without_timing(event) for event in events if event["type"] in ("prediction", "gesture")]


def replayed(path: Path, engine: StreamingEngine | None = None) -> list[Event]:
    """Replay a recording as a headless run does; the settings here differ from the recorded."""
    events = EventList()
    run = Run(engine or LookingEngine(SPEC), DecisionSettings(), on_event=events.append)
    run_file(lambda: Replay(path), run, None, lambda: False)
    return events


def recorded_live(
    recorder: Recorder,
    source_factory: Callable[[], FrameSource],
    drive: Callable[[Pipeline, EventList], None],
    delay_s: float = 0.0,
) -> EventList:
    """Run a pipeline on a camera while `drive` does to it what it likes."""
    events = EventList()

    def take(event: Event) -> None:
        recorder.see_event(event)
        events.append(event)

    pipeline = Pipeline(
        source_factory,
        Run(LookingEngine(SPEC, delay_s=delay_s), LIVELY, on_event=take, recorder=recorder),
    )
    pipeline.start()
    try:
        drive(pipeline, events)
    finally:
        pipeline.close()
        recorder.stop()
    return events


def until(count: int) -> Callable[[Pipeline, EventList], None]:
    def drive(pipeline: Pipeline, events: EventList) -> None:
        wait_until(lambda: len(events.of(PredictionEvent)) >= count)

    return drive


def test_a_camera_that_came_and_went_before_a_slow_engine_is_replayed_exactly(path: Path) -> None:
    recorder = a_recorder()
    recorder.start(path)
    cameras = Factory(*(NoisyCamera(frames=50, seed=seed) for seed in range(2)), NoisyCamera())
    events = recorded_live(recorder, cameras, until(24), delay_s=0.06)
    summary = events.of(SummaryEvent)[0]
    assert summary.dropped > 0
    assert events.of(ErrorEvent)
    assert len(events.of(GestureEvent)) > 1

    again = replayed(path)

    assert told(again) == told(events) == lines(path)
    assert not [event for event in again if isinstance(event, ErrorEvent)]
    recording = Recording(path)
    assert len(recording.predictions) == summary.predictions
    assert len(recording.gestures) == len(events.of(GestureEvent))
    assert (recording.model, recording.engine) == ("fake", "looking")
    assert (recording.header.source, recording.header.finished) == ("Camera 0", True)
    recording.close()


def test_a_recording_begun_in_the_middle_of_a_gesture_is_replayed_exactly(path: Path) -> None:
    recorder = a_recorder()

    def drive(pipeline: Pipeline, events: EventList) -> None:
        wait_until(lambda: bool(events.of(GestureEvent)))
        recorder.start(path)
        begun = len(events.of(PredictionEvent))
        wait_until(lambda: len(events.of(PredictionEvent)) >= begun + 20)
        pipeline.set_decision(DecisionSettings(fire_above=0.35, hold_s=0.0, release_below=0.3))
        wait_until(lambda: len(events.of(PredictionEvent)) >= begun + 40)
        recorder.stop()
        wait_until(lambda: len(events.of(PredictionEvent)) >= begun + 45)

    events = recorded_live(recorder, NoisyCamera, drive)
    recorded = lines(path)
    again = told(replayed(path))
    # The last sample may be in without its event: it ended between the two.
    assert again[: len(recorded)] == recorded
    assert len(again) <= len(recorded) + 2
    assert {event["type"] for event in recorded} == {"prediction", "gesture"}
    everything = told(events)
    first = everything.index(recorded[0])
    assert first > 0
    assert everything[first : first + len(recorded)] == recorded


def test_thresholds_chosen_during_a_replay_count(path: Path) -> None:
    recorder = a_recorder()
    recorder.start(path)
    recorded_live(recorder, NoisyCamera, until(20))
    events = EventList()
    pipeline = Pipeline(
        lambda: Replay(path), Run(LookingEngine(SPEC), LIVELY, on_event=events.append), paced=False
    )
    pipeline.set_decision(DecisionSettings(fire_above=1.0))
    pipeline.start()
    wait_until(lambda: pipeline.status.state == "ended")
    pipeline.close()
    assert events.of(PredictionEvent)
    assert not events.of(GestureEvent)


def test_a_model_of_another_size_sees_the_previews_at_its_own_cadence(path: Path) -> None:
    recorder = a_recorder(patient=True)
    recorder.start(path)
    source = ScriptedSource([index / 25 for index in range(100)])
    run_file(
        Factory(source),
        Run(LookingEngine(SPEC), LIVELY, on_event=recorder.see_event, recorder=recorder),
        None,
        lambda: False,
    )
    recorder.stop()
    other = make_spec(frame_interval_s=0.2, input_width=64, input_height=64)
    summary = replayed(path, LookingEngine(other))[-1]
    assert isinstance(summary, SummaryEvent)
    assert (summary.frames, summary.predictions) == (100, 20)


def test_a_slow_disk_costs_pictures_but_never_a_sample(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def slowly(writer: RecordingWriter, frame: object) -> None:
        time.sleep(0.05)

    monkeypatch.setattr(backlog, "ROOM_BYTES", 50_000)
    monkeypatch.setattr(RecordingWriter, "add_frame", slowly)
    recorder = a_recorder()
    recorder.start(path)
    events = recorded_live(recorder, NoisyCamera, until(15))
    assert told(replayed(path)) == told(events)
    recording = Recording(path)
    assert recording.header.frames_left_out > 0
    recording.close()
    assert "The disk was too slow for" in caplog.text


def test_a_file_waits_for_the_disk_so_that_nothing_is_left_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "ROOM_BYTES", 20_000)
    recorder = a_recorder(patient=True)
    recorder.start(path)
    source = ScriptedSource([index / 25 for index in range(100)])
    run = Run(LookingEngine(SPEC), LIVELY, on_event=recorder.see_event, recorder=recorder)
    run_file(Factory(source), run, None, lambda: False)
    recorder.stop()
    recording = Recording(path)
    assert recording.header.frames_left_out == 0
    assert recording.duration_s == pytest.approx(99 / 25)
    recording.close()


def test_a_full_disk_ends_the_recording_with_one_sentence_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "COMMIT_INTERVAL_S", 0.05)
    monkeypatch.setattr(writer_module, "TABLES", f"{TABLES} PRAGMA max_page_count = 40;")
    recorder = a_recorder()
    recorder.start(path)
    failures: list[str] = []
    told: list[Event] = []

    def drive(pipeline: Pipeline, events: EventList) -> None:
        wait_until(lambda: bool(recorder.status.failure))
        failures.append(recorder.status.failure)
        count = len(events)
        wait_until(lambda: len(events) > count + 5)  # the run goes on
        told.extend(events)

    recorded_live(recorder, NoisyCamera, drive)
    assert "the disk is full" in failures[0]
    assert recorder.status.failure == failures[0]
    assert [event.message for event in told if isinstance(event, ErrorEvent)] == failures
    recording = Recording(path)
    assert recording.predictions
    assert not recording.header.finished
    recording.close()
    monkeypatch.undo()
    recorder.start(path)
    assert recorder.status.failure == ""
    assert recorder.status.path == path
    assert recorder.stop() == path


def test_a_recording_whose_file_somebody_deletes_is_said_to_be_gone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "COMMIT_INTERVAL_S", 0.05)
    recorder = a_recorder()
    recorder.start(path)

    def drive(pipeline: Pipeline, events: EventList) -> None:
        wait_until(lambda: len(events) > 3)
        path.unlink()
        wait_until(lambda: bool(recorder.status.failure))

    recorded_live(recorder, NoisyCamera, drive)
    assert "its file was deleted or moved" in recorder.status.failure
    assert "kept" not in recorder.status.failure


def test_a_disk_that_hangs_for_minutes_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(writer: RecordingWriter, frame: object) -> None:
        time.sleep(0.5)

    monkeypatch.setattr(backlog, "MAXIMUM_BYTES", 60_000)
    monkeypatch.setattr(RecordingWriter, "add_frame", hang)
    recorder = a_recorder()
    recorder.start(path)
    recorded_live(
        recorder, NoisyCamera, lambda *_: wait_until(lambda: bool(recorder.status.failure))
    )
    assert "does not keep up" in recorder.status.failure


def test_a_recorder_at_rest_does_nothing(path: Path) -> None:
    recorder = a_recorder()
    recorded_live(recorder, NoisyCamera, until(3))
    assert recorder.stop() is None
    assert recorder.status.path is None
    assert not path.exists()


def test_what_cannot_be_recorded_to_is_told_and_left_alone(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text("mine")
    recorder = a_recorder()
    with pytest.raises(AppError, match="left alone"):
        recorder.start(path)
    assert path.read_text() == "mine"
    assert recorder.status.path is None


def test_a_recording_belongs_to_one_model(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    recorder = a_recorder()
    recorder.start(path)
    recorded_live(recorder, NoisyCamera, until(3))
    recorder.start(path)
    other = RecordedModel(make_spec(name="other"), "1" * 64, "onnx")
    with caplog.at_level(logging.ERROR):
        recorder.use_model(other)
    assert recorder.status.path is None
    recorder.start(path)
    recorder.stop()
    recording = Recording(path)
    assert (recording.model, recording.engine) == ("other", "onnx")
    recording.close()
    assert not caplog.records


def another_source(pipeline: Pipeline) -> None:
    pipeline.use_source(NoisyCamera)


def another_model(pipeline: Pipeline) -> None:
    pipeline.use_engine(OpenedEngine(LookingEngine(SPEC), "for a test"), LIVELY)


@pytest.mark.parametrize("switch", [another_source, another_model])
def test_a_recording_ends_where_another_source_or_model_begins(
    switch: Callable[[Pipeline], None], path: Path
) -> None:
    recorder = a_recorder()
    recorder.start(path)

    def drive(pipeline: Pipeline, events: EventList) -> None:
        until(10)(pipeline, events)
        assert recorder.status.path == path
        switch(pipeline)
        assert recorder.status == RecorderStatus()
        until(len(events.of(PredictionEvent)) + 3)(pipeline, events)

    events = recorded_live(recorder, NoisyCamera, drive)
    kept = told(replayed(path))
    assert 10 <= len(kept) < len(told(events))
    assert kept == told(events)[: len(kept)]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions in another way")
def test_nobody_else_may_read_a_recording(path: Path) -> None:
    path.touch()
    recorder = a_recorder()
    recorder.start(path)
    assert path.stat().st_mode & 0o077 == 0
    recorder.stop()
    assert path.stat().st_mode & 0o077 == 0
