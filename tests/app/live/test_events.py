from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from app.errors import AppError, UsageError
from app.live.event_writer import EventWriter, check_writable
from app.live.events import ActionEvent, ErrorEvent, GestureEvent, PredictionEvent, encode
from app.live.report import RunRecord
from app.live.snapshot import Prediction
from models.decision import Gesture
from tests.app.fakes import make_trace


def make_prediction(step_ms: float = 4.0) -> Prediction:
    return Prediction(
        index=0,
        frame_index=12,
        time_s=1.0,
        label="Thumb Up",
        confidence=2 / 3,
        ranking=(("Thumb Up", 2 / 3),),
        step_ms=step_ms,
        trace=make_trace(),
    )


def test_the_fields_are_those_that_scripts_rely_on() -> None:
    assert encode(PredictionEvent.of(make_prediction())) == (
        b'{"type":"prediction","t":1.0,"label":"Thumb Up","confidence":0.666667,"gflops":0.005,'
        b'"dense_gflops":0.01,"keep":0.25,"reuse":0.25,"skip":0.5,"step_ms":4.0,"frame":12}\n'
    )
    assert encode(GestureEvent.of(Gesture("Thumb Up", 0.9, 1.5))) == (
        b'{"type":"gesture","t":1.5,"label":"Thumb Up","confidence":0.9}\n'
    )
    assert encode(ErrorEvent(2.0, 'It said "no".\n')) == (
        b'{"type":"error","t":2.0,"message":"It said \\"no\\".\\n"}\n'
    )


def test_the_summary_tells_the_run() -> None:
    record = RunRecord("onnx", "tiny")
    for index in range(101):
        record.add_frame(index / 25)
        record.add_prediction(make_prediction(step_ms=float(index)))
    assert json.loads(encode(record.summary(dropped=3))) == {
        "type": "summary",
        "t": 4.0,
        "frames": 101,
        "predictions": 101,
        "dropped": 3,
        "step_ms_p50": 50.0,
        "step_ms_p95": 95.0,
        "engine": "onnx",
        "model": "tiny",
        "latency_ms_p50": None,
        "latency_ms_p95": None,
    }


def test_a_run_without_a_prediction_has_no_step_times() -> None:
    summary = RunRecord("onnx", "tiny").summary()
    assert (summary.step_ms_p50, summary.step_ms_p95) == (None, None)


def test_the_summary_tells_how_old_a_frame_was_when_its_key_went_out() -> None:
    record = RunRecord("onnx", "tiny")
    for latency_ms in (10.0, 20.0, None, 30.0):
        record.add_control_event(
            ActionEvent(0.0, "next", "PageDown", True, "Swiping Left", "sent", latency_ms)
        )
    summary = record.summary()
    assert summary.latency_ms_p50 == 20.0
    assert summary.latency_ms_p95 == 29.0


def test_every_line_is_complete_the_moment_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(str(path)) as writer:
        for index in range(3):
            writer.write(ErrorEvent(float(index), "x"))
            lines = path.read_text().splitlines()
            assert [json.loads(line)["t"] for line in lines] == list(range(index + 1))


def test_lines_of_several_threads_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(str(path)) as writer:

        def write() -> None:
            for _ in range(200):
                writer.write(ErrorEvent(0.0, "x" * 500))

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len([json.loads(line) for line in path.read_text().splitlines()]) == 800


def test_an_existing_file_starts_empty_and_close_may_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("old\n")
    writer = EventWriter(str(path))
    writer.close()
    writer.close()
    writer.write(ErrorEvent(0.0, "after the end"))
    assert path.read_text() == ""


def test_a_target_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "missing" / "events.jsonl"):
        with pytest.raises(UsageError, match="cannot be written"):
            check_writable(str(target))
        with pytest.raises(UsageError, match="cannot be written"):
            EventWriter(str(target))


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(str(tmp_path / "events.jsonl"))
    check_writable("-")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_told() -> None:
    with EventWriter("/dev/full") as writer, pytest.raises(AppError, match="make room"):
        writer.write(ErrorEvent(0.0, "x"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of resources")
def test_a_line_that_does_not_fit_on_the_disk_is_not_left_half_written(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "events.jsonl"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with EventWriter(str(path)) as writer:
        writer.write(ErrorEvent(0.0, "first"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, before[1]))
        try:
            with pytest.raises(AppError, match="make room"):
                writer.write(ErrorEvent(1.0, "second"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == encode(ErrorEvent(0.0, "first"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs locks on files")
def test_two_copies_do_not_write_into_one_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(str(path)) as first:
        first.write(ErrorEvent(0.0, "first"))
        with pytest.raises(UsageError, match="another copy of AdaFuse Live is writing to it"):
            EventWriter(str(path))
        first.write(ErrorEvent(1.0, "second"))
    assert len(path.read_text().splitlines()) == 2
    EventWriter(str(path)).close()
    assert path.read_text() == ""


def test_older_events_may_be_replaced_and_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for content in (b"", encode(ErrorEvent(0.0, "old"))):
        path.write_bytes(content)
        check_writable(str(path))
    path.write_text("# My notes\n")
    with pytest.raises(UsageError, match="holds no events, so it is left alone"):
        check_writable(str(path))
    assert path.read_text() == "# My notes\n"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.touch(mode=0o400)
    with pytest.raises(UsageError, match="permission denied"):
        check_writable(str(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_without_a_reader_is_refused_and_with_one_it_gets_every_line(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="nobody reads this pipe; start its reader first"):
        EventWriter(str(pipe))
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with EventWriter(str(pipe)) as writer:
            writer.write(ErrorEvent(1.0, "x"))
        assert os.read(reader, 1000) == encode(ErrorEvent(1.0, "x"))
    finally:
        os.close(reader)


def test_a_standard_output_that_is_closed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    for use in (check_writable, EventWriter):
        with pytest.raises(UsageError, match="standard output is closed; name a file"):
            use("-")
