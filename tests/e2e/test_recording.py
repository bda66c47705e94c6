"""Record and replay by the real command line: a replay gives the same events again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from app.recording.database import UnreadableRecordingError
from app.recording.reader import Recording
from tests.app.clips import write_clip
from tests.app.command import (
    TIMEOUT_S,
    command,
    environment,
    events_in,
    run_demo,
    run_program,
)

Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at 24 frames a second."""
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", "mp4v", frames=96, fps=24.0)


def told(events: Events) -> Events:
    """Return predictions and gestures without what no two runs share."""
    return [
        {name: value for name, value in event.items() if name != "step_ms"}
        for event in events
        if event["type"] in ("prediction", "gesture")
    ]


def replayed(recording: Path, folder: Path, *arguments: str | Path) -> Events:
    done = run_demo(
        *("--source", recording, "--headless", "--events", "-", "--engine", "onnx"),
        *arguments,
        home=folder,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return events_in(done.stdout)


def test_the_demo_clip_recorded_and_replayed_gives_the_same_gestures(tmp_path: Path) -> None:
    recording = tmp_path / "demo.adafuse"
    arguments = ("--source", "demo", "--headless", "--engine", "onnx", "--duration", "14")
    done = run_demo(*arguments, "--record", recording, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "The recording is in" in done.stderr.splitlines()[-1]
    recorded = events_in(done.stdout)
    assert sum(event["type"] == "gesture" for event in recorded) >= 2

    again = replayed(recording, tmp_path)

    assert told(again) == told(recorded)
    for event in (recorded[-1], again[-1]):
        del event["step_ms_p50"], event["step_ms_p95"]
    assert again[-1] == recorded[-1]
    looked_into = Recording(recording)
    kept = [events_in(line)[0] for line in looked_into.event_lines]
    looked_into.close()
    assert told(kept) == told(recorded)
    assert kept[-1]["type"] == "summary"


def test_what_a_window_did_live_is_replayed(clip: Path, tiny_bundle: Path, tmp_path: Path) -> None:
    recording, events = tmp_path / "window.adafuse", tmp_path / "events.jsonl"
    done = subprocess.run(
        command(
            *("--source", clip, "--model", tiny_bundle, "--engine", "onnx", "--control", "off"),
            *("--duration", "4", "--record", recording, "--events", events),
        ),
        env=environment(tmp_path) | visible(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    recorded = told(events_in(events.read_text()))
    assert len(recorded) > 5
    assert told(replayed(recording, tmp_path, "--model", tiny_bundle)) == recorded


def visible() -> dict[str, str]:
    """Return what a window needs: the display of the tests, or none that anybody sees."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return {name: os.environ[name] for name in names if name in os.environ}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_program_that_is_killed_leaves_a_recording_that_plays(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "long.mp4", "mp4v", frames=6000, fps=8.0)
    recording, events = tmp_path / "killed.adafuse", tmp_path / "events.jsonl"
    with subprocess.Popen(
        command(
            *("--source", clip, "--model", tiny_bundle, "--engine", "onnx", "--headless"),
            *("--record", recording, "--events", events),
        ),
        env=environment(tmp_path),
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline_s = time.monotonic() + TIMEOUT_S
        while committed_predictions(recording) < 20:
            assert time.monotonic() < deadline_s
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    replay = told(replayed(recording, tmp_path, "--model", tiny_bundle))
    recorded = told(events_in("".join(whole_lines(events))))
    assert len(replay) >= 20
    assert replay == recorded[: len(replay)]


def committed_predictions(path: Path) -> int:
    """Return how many predictions a recording holds that another program is writing."""
    if not path.exists():
        return 0
    try:
        recording = Recording(path)
    except UnreadableRecordingError:  # not begun yet
        return 0
    count = len(recording.predictions)
    recording.close()
    return count


def whole_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_disk_that_takes_no_more_ends_a_headless_run(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    recording = tmp_path / "full.adafuse"
    arguments = ["--source", str(clip), "--model", str(tiny_bundle), "--engine", "onnx"]
    arguments += ["--headless", "--events", os.devnull, "--record", str(recording)]
    program = (
        "import resource, sys; from app.main import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); "
        f"sys.exit(main({arguments!r}))"
    )
    done = run_program(program, tmp_path)
    assert done.returncode == 1
    assert "broke off" in done.stderr.splitlines()[-1]
    assert done.stderr.count("broke off") == 1
    assert "Traceback" not in done.stderr
    Recording(recording).close()


def test_a_model_of_two_views_replays_what_it_saw(
    clip: Path, tiny_two_view_bundle: Path, tmp_path: Path
) -> None:
    recording = tmp_path / "clip.adafuse"
    model = ("--model", tiny_two_view_bundle)
    done = run_demo(
        *("--source", clip, "--headless", "--engine", "onnx", "--record", recording, *model),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    again = run_demo(
        *("--source", recording, "--headless", "--engine", "onnx", *model), home=tmp_path
    )
    assert again.returncode == 0, again.stderr
    assert told(events_in(again.stdout)) == told(events_in(done.stdout))
    assert "may differ" not in again.stderr
