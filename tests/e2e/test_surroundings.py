"""The real command where something around it is amiss: streams, display, home, a second copy."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.settings import load_settings
from tests.app.clips import write_clip
from tests.app.command import ROOT, command, environment, events_in, run_demo
from tests.x_server import needs_x_server, x_server

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as on Linux")

PATIENCE_S = 40


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", "mp4v", frames=500)


@pytest.fixture
def options(clip: Path, tiny_bundle: Path) -> list[str]:
    return ["--source", str(clip), "--model", str(tiny_bundle), "--engine", "onnx"]


def shell(line: str, home: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which $DEMO is the application."""
    changes |= {"DEMO": f"{sys.executable} {ROOT / 'run_demo.py'}"}
    return subprocess.run(
        ["bash", "-c", line],
        env=environment(home, **changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_help_for_a_reader_that_goes_away_is_quiet(tmp_path: Path) -> None:
    done = shell("$DEMO --help | true; exit ${PIPESTATUS[0]}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_standard_output_is_told(options: list[str], tmp_path: Path) -> None:
    done = shell(f"$DEMO {' '.join(options)} --headless >&-", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("The events cannot be written: standard output is closed")
    assert len(done.stderr.splitlines()) == 1


def test_closed_streams_do_not_spoil_the_events(options: list[str], tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    line = f"$DEMO {' '.join(options)} --headless --verbose --events {events} <&- >&- 2>&-"
    assert shell(line, tmp_path).returncode == 0
    assert events_in(events.read_text())[-1]["type"] == "summary"


@pytest.mark.parametrize("home", ["", "/proc/nowhere"], ids=["unset", "unwritable"])
def test_a_home_that_cannot_be_used_is_no_obstacle(
    options: list[str], tmp_path: Path, home: str
) -> None:
    unset = "unset HOME XDG_CACHE_HOME XDG_CONFIG_HOME; " + (f"HOME={home} " if home else "")
    done = shell(f"{unset}$DEMO {' '.join(options)} --headless", tmp_path)
    assert done.returncode == 0, done.stderr
    assert events_in(done.stdout)[-1]["type"] == "summary"


@pytest.mark.parametrize("platform", ["nonsense", pytest.param("xcb", id="xcb without a display")])
def test_a_platform_of_qt_that_does_not_work_is_one_sentence(
    options: list[str], tmp_path: Path, platform: str
) -> None:
    done = run_demo(*options, home=tmp_path, QT_QPA_PLATFORM=platform)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"No window can be opened with QT_QPA_PLATFORM={platform}; "
        "unset it, choose another platform, or run with --headless."
    ]


@needs_x_server
def test_a_display_that_is_closed_ends_the_run_in_good_order(
    options: list[str], tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with server, os.fdopen(read) as answer:
        display = f":{int(answer.readline())}"
        app = subprocess.Popen(
            command(*options, "--events", events),
            env=environment(tmp_path, DISPLAY=display, QT_QPA_PLATFORM="xcb"),
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            wait_for_prediction(events)
            server.kill()
            killed_s = time.monotonic()
            said = app.communicate(timeout=PATIENCE_S)[1].splitlines()
        finally:
            app.kill()
            server.kill()
    assert time.monotonic() - killed_s < 5
    assert app.returncode == 1
    assert said[-1] == "The display was closed, and the window with it; start AdaFuse Live again."
    assert len(said) == 2  # the other tells the engine
    assert events_in(events.read_text())[-1]["type"] == "summary"


def wait_for_prediction(events: Path) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not (events.exists() and '"prediction"' in events.read_text()):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


@needs_x_server
def test_two_copies_run_side_by_side_and_bad_settings_are_told_once(
    options: list[str], tmp_path: Path
) -> None:
    settings = tmp_path / "adafuse-live" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"format": 99, "something": "new"}')
    with x_server() as display:
        copies = [
            subprocess.Popen(
                command(*options, "--events", tmp_path / f"{number}.jsonl", "--duration", "2"),
                env=environment(tmp_path, DISPLAY=display, QT_QPA_PLATFORM="xcb"),
                stderr=subprocess.PIPE,
                text=True,
            )
            for number in range(2)
        ]
        said = [copy.communicate(timeout=PATIENCE_S)[1] for copy in copies]
    assert [copy.returncode for copy in copies] == [0, 0], said
    for number in range(2):
        assert events_in((tmp_path / f"{number}.jsonl").read_text())[-1]["predictions"] > 3
    assert "".join(said).count("a newer version wrote it") in (1, 2)  # 2: both looked at once
    assert all(text.count("a newer version wrote it") <= 1 for text in said)
    assert json.loads((settings.parent / "settings.json.bak").read_text())["format"] == 99
    assert load_settings(settings).window is not None


def test_a_run_that_breaks_in_a_window_is_told_at_once(tiny_bundle: Path, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(8):
        cv2.imwrite(str(pictures / f"{number}.png"), np.full((48, 64, 3), 20 * number, np.uint8))
    (pictures / "8.png").write_bytes(b"not a picture")
    arguments = ("--source", pictures, "--model", tiny_bundle, "--engine", "onnx")
    with subprocess.Popen(
        command(*arguments),
        env=environment(tmp_path, QT_QPA_PLATFORM="offscreen"),
        stderr=subprocess.PIPE,
        text=True,
    ) as app:
        assert app.stderr is not None
        assert "runs on the onnx engine" in app.stderr.readline()
        assert "8.png cannot be read" in app.stderr.readline()
        assert app.poll() is None  # the window stays, and says it as well
        app.send_signal(signal.SIGTERM)
        assert app.stderr.read() == ""
    assert app.returncode == 143
