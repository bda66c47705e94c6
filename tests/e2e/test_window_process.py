"""The real command with its real window, in a process of its own, driven from outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIP_FPS = 25.0
CLIP_S = 20

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="signals and xdotool as Linux has them"
)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty seconds of moving stripes, long enough to be in the middle of at any time."""
    path = tmp_path_factory.mktemp("window") / "stripes.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), CLIP_FPS, (160, 120))
    stripes = np.tile(np.arange(160) % 40 * 6, (120, 1)).astype(np.uint8)
    for index in range(int(CLIP_FPS * CLIP_S)):
        writer.write(cv2.cvtColor(np.roll(stripes, 2 * index, axis=1), cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


class App:
    """One run of `run_demo.py` with a window."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.events_path = folder / "events.jsonl"
        environment = os.environ | {"XDG_CONFIG_HOME": str(folder / "config")}
        command = [sys.executable, "run_demo.py", "--events", str(self.events_path), *arguments]
        self.started_s = time.monotonic()
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )

    def events(self) -> list[dict[str, Any]]:
        """Return the events so far."""
        if not self.events_path.exists():
            return []
        return [json.loads(line) for line in self.events_path.read_text().splitlines()]

    def wait_for_predictions(self, count: int = 3) -> None:
        """Wait until the model has spoken."""
        deadline_s = time.monotonic() + 40
        while sum(event["type"] == "prediction" for event in self.events()) < count:
            assert self.process.poll() is None, self.process.communicate()[1]
            assert time.monotonic() < deadline_s, "no prediction"
            time.sleep(0.05)

    def end(self, timeout_s: float = 30) -> tuple[int, str]:
        """Wait for the end; return the exit code and what was said on stderr."""
        errors = self.process.communicate(timeout=timeout_s)[1]
        return self.process.returncode, errors


@pytest.fixture
def app(tmp_path: Path, video: Path, tiny_bundle: Path) -> Iterator[App]:
    app = App(tmp_path, "--source", str(video), "--model", str(tiny_bundle))
    yield app
    if app.process.poll() is None:
        app.process.kill()
        app.process.communicate()


def test_a_run_of_some_seconds_shows_the_window_and_ends_well(
    tmp_path: Path, video: Path, tiny_bundle: Path
) -> None:
    app = App(tmp_path, "--source", str(video), "--model", str(tiny_bundle), "--duration", "2")
    code, errors = app.end()

    assert code == 0, errors
    assert "Traceback" not in errors
    events = app.events()
    assert events[-1]["type"] == "summary"
    assert events[-1]["predictions"] > 5
    assert (tmp_path / "config" / "adafuse-live" / "settings.json").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_within_a_second(app: App, number: signal.Signals) -> None:
    app.wait_for_predictions()
    sent_s = time.monotonic()
    app.process.send_signal(number)
    code, errors = app.end()

    assert time.monotonic() - sent_s < 2.5  # the interpreter's own end included
    assert code == 128 + number
    assert "Traceback" not in errors
    assert app.events()[-1]["type"] == "summary"


@pytest.mark.skipif(
    not os.environ.get("DISPLAY")
    or os.environ.get("QT_QPA_PLATFORM") == "offscreen"
    or not shutil.which("xdotool"),
    reason="needs an X display and xdotool",
)
def test_ctrl_q_closes_the_window(app: App) -> None:
    app.wait_for_predictions()
    # The model may speak before the window is mapped: --sync waits for it.
    search = ["search", "--sync", "--onlyvisible", "--pid", str(app.process.pid), "--name", "Ada"]
    found = subprocess.run(
        ["xdotool", *search], capture_output=True, text=True, check=True, timeout=30
    )
    window = found.stdout.split()[-1]
    subprocess.run(["xdotool", "windowfocus", "--sync", window], check=True)
    subprocess.run(["xdotool", "key", "--clearmodifiers", "ctrl+q"], check=True)
    code, errors = app.end(timeout_s=10)

    assert code == 0, errors
    assert "Traceback" not in errors
    assert app.events()[-1]["type"] == "summary"
