"""The command line without a window, over real files and a real, tiny model."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.app.clips import write_clip
from tests.app.command import (
    TIMEOUT_S,
    command,
    environment,
    events_in,
    run_demo,
    run_program,
    without_timing,
)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at 24 frames a second: the tiny model sees every third frame."""
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", "mp4v", frames=96, fps=24.0)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Minutes of clip, for runs that are to be ended before they end by themselves."""
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    return write_clip(path, "mp4v", frames=20_000, fps=8.0)


@pytest.mark.parametrize("engine", ["onnx", "sparse"])
def test_a_video_gives_one_prediction_for_every_sampled_frame_and_ends_well(
    clip: Path, tiny_bundle: Path, engine: str, tmp_path: Path
) -> None:
    arguments = ("--source", clip, "--model", tiny_bundle, "--headless", "--events", "-")
    done = run_demo(*arguments, "--engine", engine, home=tmp_path)
    assert done.returncode == 0
    events = events_in(done.stdout)
    predictions = [event for event in events if event["type"] == "prediction"]
    assert [event["frame"] for event in predictions] == list(range(0, 96, 3))
    assert [event["t"] for event in predictions] == pytest.approx([n / 8 for n in range(32)])
    for event in predictions:
        assert event["keep"] + event["reuse"] + event["skip"] == pytest.approx(1, abs=1e-5)
        assert 0 <= event["confidence"] <= 1
    assert all(event["gflops"] < event["dense_gflops"] for event in predictions[1:])
    assert events[-1] | {"step_ms_p50": 0, "step_ms_p95": 0} == {
        "type": "summary",
        "t": pytest.approx(95 / 24, abs=1e-5),
        "frames": 96,
        "predictions": 32,
        "dropped": 0,
        "step_ms_p50": 0,
        "step_ms_p95": 0,
        "engine": engine,
        "model": "tiny",
        "latency_ms_p50": None,
        "latency_ms_p95": None,
    }
    # Where this is the first start on the machine, it also says that it compiles.
    assert f"runs on the {engine} engine" in done.stderr.splitlines()[-1]


def test_the_same_video_gives_the_same_output_twice(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    arguments = ("--source", clip, "--model", tiny_bundle, "--headless")
    first, second = (
        without_timing(events_in(run_demo(*arguments, home=tmp_path).stdout)) for _ in range(2)
    )
    assert len(first) >= 33
    assert first == second


def test_the_onnx_and_the_torch_engine_tell_the_same_story(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    runs = [
        events_in(
            run_demo(
                *("--source", clip, "--model", tiny_bundle, "--headless"),
                *("--engine", engine, "--threads", "1"),
                home=tmp_path,
            ).stdout
        )
        for engine in ("onnx", "torch")
    ]
    onnx, torch = ([e for e in run if e["type"] == "prediction"] for run in runs)
    assert [event["label"] for event in onnx] == [event["label"] for event in torch]
    assert [event["gflops"] for event in onnx] == [event["gflops"] for event in torch]
    assert [event["confidence"] for event in onnx] == pytest.approx(
        [event["confidence"] for event in torch], abs=1e-3
    )
    assert runs[1][-1]["engine"] == "torch"


def test_without_pytorch_the_application_runs_all_the_same(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    arguments = ["--source", str(clip), "--model", str(tiny_bundle), "--headless"]
    program = (
        "import sys; sys.modules.update(torch=None, lightning=None); "
        f"from app.main import main; sys.exit(main({arguments!r}))"
    )
    done = run_program(program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert events_in(done.stdout)[-1]["predictions"] == 32


def test_events_go_to_a_file_and_nothing_to_stdout(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    target = tmp_path / "events.jsonl"
    target.write_text('{"type":"error","t":0.0,"message":"something old"}\n')
    arguments = ("--source", clip, "--model", tiny_bundle, "--headless", "--events", target)
    done = run_demo(*arguments, home=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert events_in(target.read_text())[-1]["type"] == "summary"
    assert "something old" not in target.read_text()


def test_events_do_not_replace_a_file_of_another_kind(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    target = tmp_path / "README.md"
    target.write_text("# Mine\n")
    arguments = ("--source", clip, "--model", tiny_bundle, "--headless", "--events", target)
    done = run_demo(*arguments, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds no events, so it is left alone" in done.stderr
    assert target.read_text() == "# Mine\n"


def test_a_folder_of_images_of_different_kinds_is_played(tiny_bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(1, 25):
        shape = ((48, 65, 3), (31, 20), (50, 64, 4))[number % 3]
        cv2.imwrite(str(folder / f"{number}.png"), np.full(shape, number, np.uint8))
    done = run_demo("--source", folder, "--model", tiny_bundle, "--headless", home=tmp_path)
    assert done.returncode == 0
    assert events_in(done.stdout)[-1]["frames"] == 24


def test_duration_counts_in_the_clips_own_time(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    arguments = ("--source", clip, "--model", tiny_bundle, "--headless", "--duration", "1")
    done = run_demo(*arguments, home=tmp_path)
    summary = events_in(done.stdout)[-1]
    assert (done.returncode, summary["frames"], summary["predictions"]) == (0, 24, 8)


def test_without_a_display_it_says_so_and_prints_events(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    done = run_demo("--source", clip, "--model", tiny_bundle, home=tmp_path)
    assert done.returncode == 0
    assert events_in(done.stdout)[-1]["type"] == "summary"
    if sys.platform.startswith("linux"):
        assert "There is no display" in done.stderr


def test_a_video_that_breaks_off_gives_what_there_is_an_error_and_exit_code_1(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    whole = write_clip(tmp_path / "whole.avi", "MJPG", frames=96, fps=24.0)
    broken = tmp_path / "broken.avi"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    done = run_demo("--source", broken, "--model", tiny_bundle, "--headless", home=tmp_path)
    assert done.returncode == 1
    *predictions, error, summary = events_in(done.stdout)
    assert {event["type"] for event in predictions} <= {"prediction", "gesture"}
    assert (error["type"], summary["type"]) == ("error", "summary")
    assert done.stderr.splitlines()[-1] == error["message"]
    assert "breaks off after" in error["message"]


def test_a_reader_that_goes_away_ends_the_run_quietly(
    long_clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    with subprocess.Popen(
        command("--source", long_clip, "--model", tiny_bundle, "--headless"),
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "prediction" in process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(TIMEOUT_S) == 0
    assert len(errors.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_with_its_summary(
    long_clip: Path, tiny_bundle: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    target = tmp_path / "events.jsonl"
    with subprocess.Popen(
        command(*("--source", long_clip, "--model", tiny_bundle, "--headless", "--events", target)),
        env=environment(tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline_s = time.monotonic() + TIMEOUT_S
        while not (target.exists() and target.stat().st_size):
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        process.send_signal(number)
        start_s = time.monotonic()
        _, errors = process.communicate(timeout=TIMEOUT_S)
        assert time.monotonic() - start_s < 10
        assert process.returncode == code
    assert "Traceback" not in errors
    assert len(errors.splitlines()) == 1
    assert events_in(target.read_text())[-1]["type"] == "summary"


def test_settings_that_cannot_be_read_do_not_stop_a_run(
    clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "adafuse-live" / "settings.json"
    settings.parent.mkdir()
    settings.write_text("{not json")
    arguments = ("--source", clip, "--model", tiny_bundle, "--headless")
    done = run_demo(*arguments, home=tmp_path)
    assert done.returncode == 0
    if sys.platform.startswith("linux"):
        assert settings.with_name("settings.json.bak").exists()
        assert "they are kept as settings.json.bak" in done.stderr


def test_help_is_there_in_a_moment_because_nothing_heavy_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from app.main import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "except SystemExit as end:\n"
        "    heavy = {'cv2', 'numpy', 'msgspec', 'onnxruntime', 'numba', 'torch', 'PyQt6'}\n"
        "    sys.exit(end.code or ', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = run_program(program, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "--source" in done.stdout


def test_a_model_of_two_views_runs_over_a_video(
    clip: Path, tiny_two_view_bundle: Path, tmp_path: Path
) -> None:
    done = run_demo(
        *("--source", clip, "--model", tiny_two_view_bundle, "--headless", "--events", "-"),
        *("--engine", "sparse"),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    *events, summary = events_in(done.stdout)
    predictions = [event for event in events if event["type"] == "prediction"]
    assert [event["frame"] for event in predictions] == list(range(0, 96, 3))
    assert all(0 < event["gflops"] < event["dense_gflops"] for event in predictions[1:])
    assert summary["engine"] == "sparse"
