"""Whatever is written into a recording is read out of it again."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.live.events import Event as AppEvent
from app.live.events import GestureEvent, PredictionEvent, encode
from app.live.feed import Feed
from app.live.snapshot import Prediction
from app.recording.header import RecordedModel, RecordingHeader
from app.recording.reader import Recording
from app.recording.replay import Replay
from app.recording.writer import RecordingWriter
from app.sources.base import Frame, FrameSource
from models.decision import DecisionSettings, DecisionState, Gesture, Raised
from models.trace import BlockTrace, StepTrace
from tests.app.fakes import make_frame, make_spec

MODEL = RecordedModel(make_spec(), "0" * 64, "onnx")

moments = st.floats(0, 1e6)
numbers = st.floats(allow_nan=False, allow_infinity=False)
fractions = st.floats(0, 1)
counts = st.integers(0, 2**62)
names = st.text(min_size=1)


@st.composite
def blocks(draw: st.DrawFn) -> BlockTrace:
    actions = np.asarray(draw(st.lists(st.integers(0, 2), min_size=1, max_size=9)), np.int8)
    kept, reused, skipped = np.bincount(actions, minlength=3).tolist()
    late = draw(st.integers(0, reused))
    cost, dense_cost = draw(counts), draw(counts)
    return BlockTrace(draw(names), actions, kept, reused - late, late, skipped, cost, dense_cost)


@st.composite
def predictions(draw: st.DrawFn) -> list[Prediction]:
    found = []
    times_s = sorted(draw(st.lists(moments, max_size=3)))
    for index, time_s in enumerate(times_s):
        ranking = tuple(draw(st.lists(st.tuples(names, fractions), min_size=1, max_size=3)))
        some_blocks = tuple(draw(st.lists(blocks(), max_size=3)))
        times = draw(st.lists(fractions, min_size=2, max_size=2))
        timed = draw(st.booleans())
        block_ms = None
        if some_blocks and timed:
            block_ms = np.array([times] * len(some_blocks), np.float32)
        trace = StepTrace(some_blocks, draw(counts), draw(counts), block_ms)
        found.append(
            Prediction(
                index=index,
                frame_index=draw(counts),
                time_s=time_s,
                label=ranking[0][0],
                confidence=ranking[0][1],
                ranking=ranking,
                step_ms=draw(numbers),
                trace=trace,
            )
        )
    return found


def open_writer(path: Path) -> RecordingWriter:
    return RecordingWriter(path, RecordingHeader.of(MODEL, "Camera 0"), MODEL.spec)


def as_plain(trace: StepTrace) -> object:
    """Return what can be compared: arrays cannot."""
    return (
        trace.multiply_adds,
        trace.dense_multiply_adds,
        None if trace.block_ms is None else (trace.block_ms.dtype, trace.block_ms.tolist()),
        [
            {name: getattr(block, name) for name in BlockTrace.__dataclass_fields__}
            | {"actions": (str(block.actions.dtype), block.actions.tolist())}
            for block in trace.blocks
        ],
    )


@settings(max_examples=25)
@given(predictions(), st.lists(st.builds(Gesture, names, fractions, moments), max_size=3))
def test_predictions_and_gestures_come_back_as_they_were(
    written: list[Prediction], gestures: list[Gesture]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.adafuse"
        writer = open_writer(path)
        for prediction in written:
            writer.add_prediction(prediction)
        gestures.sort(key=lambda gesture: gesture.time_s)
        for gesture in gestures:
            writer.add_gesture(gesture)
        writer.finish(0)
        recording = Recording(path)
        found = recording.predictions
        assert recording.gestures == gestures
        recording.close()
    assert [as_plain(prediction.trace) for prediction in found] == [
        as_plain(prediction.trace) for prediction in written
    ]
    for before, after in zip(written, found, strict=True):
        for name in ("index", "frame_index", "time_s", "label", "confidence", "ranking", "step_ms"):
            assert getattr(before, name) == getattr(after, name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.adafuse"


def test_the_picture_of_the_network_is_kept_bit_for_bit_with_everything_that_decided(
    path: Path,
) -> None:
    noise = np.random.default_rng(3)
    pictures = [noise.integers(0, 256, (32, 48, 3), np.uint8) for _ in range(3)]
    usual, strict = DecisionSettings(), DecisionSettings(fire_above=0.9)
    state = DecisionState(fired=Raised("Thumb Up", 0.25))
    writer = open_writer(path)
    for index, decision in enumerate((usual, usual, strict)):
        frame = make_frame(index / 8, index, segment=index // 2)
        writer.add_sample(frame, pictures[index], run=7, decision=decision, state_before=state)
    writer.finish(0)
    replay = Replay(path)
    samples = []
    while (found := replay.read()) is not None:
        assert found.recorded is not None
        assert found.recorded.sample is not None
        samples.append((found.time_s, found.index, found.segment, found.recorded.sample))
    replay.close()
    assert [sample[:3] for sample in samples] == [(0.0, 0, 0), (0.125, 1, 0), (0.25, 2, 1)]
    for picture, (_, _, _, sample) in zip(pictures, samples, strict=True):
        assert np.array_equal(sample.picture, picture)
        assert sample.run == 7
    assert [sample.decision for *_, sample in samples] == [usual, usual, strict]
    assert [sample.decision_state for *_, sample in samples] == [state, None, None]


def test_the_picture_of_a_moment_is_the_one_that_was_on_show(path: Path) -> None:
    writer = open_writer(path)
    for index in range(4):  # begun in the middle of a run: 10 s after its start
        image = np.full((480, 1280, 3), 60 * index, np.uint8)
        writer.add_frame(Frame(image, 10 + index / 3, index, 0.0))
    writer.finish(2)
    recording = Recording(path)
    assert recording.start_s == 10.0
    assert recording.duration_s == pytest.approx(1.0)
    shades = []
    for time_s in (0.0, 0.2, 1 / 3, 0.5, 1.0, 99.0):
        found = recording.frame_at(time_s)
        assert found is not None
        assert found.shape == (240, 640, 3)
        shades.append(round(float(found.mean()) / 60))
    assert shades == [0, 0, 1, 1, 3, 3]
    assert recording.frame_at(-0.1) is None
    assert recording.header.frames_left_out == 2
    assert recording.header.finished
    recording.close()
    recording.close()


def test_events_are_kept_as_the_event_file_has_them(path: Path) -> None:
    events: list[AppEvent] = [
        PredictionEvent(0.1, "Thumb Up", 0.123456789, 1.5, 2.5, 0.2, 0.3, 0.5, 3.25, 3),
        GestureEvent(0.1, "Thumb Up", 0.75),
    ]
    writer = open_writer(path)
    for event in events:
        writer.add_event(event)
    writer.finish(0)
    recording = Recording(path)
    assert "".join(f"{line}\n" for line in recording.event_lines).encode() == b"".join(
        encode(event) for event in events
    )
    recording.close()


def test_it_is_an_ordinary_database_for_other_programs(path: Path) -> None:
    writer = open_writer(path)
    writer.add_frame(make_frame(0.0))
    writer.finish(0)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT model, engine, source FROM session").fetchall() == [
        ("fake", "onnx", "Camera 0")
    ]
    assert connection.execute("SELECT count(*) FROM frames").fetchone() == (1,)
    connection.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_was_committed_is_there_before_the_end_and_after_a_crash(path: Path) -> None:
    writer = open_writer(path)
    for index in range(3):
        writer.add_frame(make_frame(index / 8, index))
    writer.commit()
    writer.add_frame(make_frame(3 / 8, 3))
    for _ in range(2):
        recording = Recording(path)
        assert recording.duration_s == 0.25
        assert not recording.header.finished
        recording.close()
        writer.abandon()


class Deaf:
    """Hears nothing of what happens to a source."""

    def opened(self, source: FrameSource) -> None:
        pass

    def lost(self, message: str) -> None:
        pass


def test_a_replay_keeps_numbers_times_and_segments_and_goes_on_in_a_loop(path: Path) -> None:
    writer = open_writer(path)
    for index, segment in ((5, 0), (7, 0), (9, 2)):
        writer.add_frame(make_frame(10 + index / 8, index, segment))
    writer.finish(0)
    feed = Feed(lambda: Replay(path), Event(), Deaf(), paced=False, loop=True)
    with closing(feed.frames()) as playing:
        frames = [next(playing) for _ in range(6)]
    assert [frame.index for frame in frames] == [5, 7, 9, 15, 17, 19]
    assert [frame.segment for frame in frames] == [0, 0, 2, 3, 3, 5]
    assert [frame.time_s for frame in frames[:3]] == [10.625, 10.875, 11.125]
    assert frames[3].time_s > frames[2].time_s
