"""Ctrl-C, a request to terminate and a closed terminal, at any moment of a real run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.app.clips import write_clip
from tests.app.command import ROOT, command, environment

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="signals, and /proc to see who takes them"
)

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MOMENTS_S = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2, 3.0)


@pytest.fixture(autouse=True)
def hang_up_is_not_ignored() -> Iterator[None]:
    """Hand SIGHUP's default on to what a test starts, also where the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "long.mp4"
    return write_clip(path, "mp4v", frames=20_000, fps=8.0)


def takes_signals(pid: int) -> bool:
    """Say whether the program's own first line has run; before it, signals are Python's."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def wait_for_first_line(process: subprocess.Popen[str]) -> None:
    deadline_s = time.monotonic() + 30
    while not takes_signals(process.pid):
        assert process.poll() is None
        assert time.monotonic() < deadline_s
        time.sleep(0.002)


def signalled(
    arguments: list[str], home: Path, number: signal.Signals, moment_s: float, **changes: str
) -> tuple[int, str]:
    """Start the app, send the signal, and return the exit code and what was said on stderr."""
    with subprocess.Popen(
        command(*arguments),
        env=environment(home, **changes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            wait_for_first_line(process)
            time.sleep(moment_s)
            process.send_signal(number)
            errors = process.communicate(timeout=20)[1]
        finally:
            process.kill()
    return process.returncode, errors


def check_events(path: Path) -> None:
    """Every line is whole; a run that has said anything has also said its last word."""
    text = path.read_text() if path.exists() else ""
    assert not text or text.endswith("\n")
    events = [json.loads(line) for line in text.splitlines()]
    assert not events or events[-1]["type"] == "summary"


@pytest.mark.parametrize("platform", ["", "offscreen"], ids=["headless", "window"])
def test_a_signal_at_any_moment_ends_the_run_in_good_order(
    long_clip: Path, tiny_bundle: Path, tmp_path: Path, platform: str
) -> None:
    def once(index: int) -> tuple[int, str, Path]:
        events = tmp_path / f"{index}.jsonl"
        arguments = ["--source", str(long_clip), "--model", str(tiny_bundle)]
        arguments += ["--engine", "onnx", "--events", str(events)]
        changes = {"QT_QPA_PLATFORM": platform} if platform else {}
        number, moment_s = SIGNALS[index % len(SIGNALS)], MOMENTS_S[index]
        code, errors = signalled(arguments, tmp_path, number, moment_s, **changes)
        return code - 128 - number, errors, events

    indices = range(0, len(MOMENTS_S), 2 if platform else 1)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(once, indices))
    assert [difference for difference, _, _ in results] == [0] * len(indices)
    for _, errors, events in results:
        assert "Traceback" not in errors
        assert "Error" not in errors
        check_events(events)


def test_a_signal_while_the_kernels_are_compiled_ends_at_once(
    long_clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    arguments = ("--source", long_clip, "--model", tiny_bundle, "--headless", "--engine", "sparse")
    with subprocess.Popen(
        command(*arguments),
        env=environment(tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache")),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "Preparing the sparse engine" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        sent_s = time.monotonic()
        assert process.stderr.read() == ""
        assert process.wait(10) == 130
    assert time.monotonic() - sent_s < 5


def test_a_signal_ends_even_a_call_that_never_returns() -> None:
    program = (
        "from app.process import signals; signals.end_at_once();"
        "import hashlib; print('stuck', flush=True);"
        "hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stuck\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143


def test_nohup_keeps_its_word(long_clip: Path, tiny_bundle: Path, tmp_path: Path) -> None:
    arguments = ("--source", long_clip, "--model", tiny_bundle, "--headless", "--engine", "onnx")
    with subprocess.Popen(
        ["nohup", *command(*arguments)],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "prediction" in process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        for _ in range(1000):  # more than a pipe holds: it still runs
            assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read()
        assert process.wait(20) == 143
    assert json.loads(said.splitlines()[-1])["type"] == "summary"


def test_a_run_that_cannot_end_is_ended_by_the_second_signal(
    long_clip: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    arguments = ("--source", long_clip, "--model", tiny_bundle, "--headless", "--engine", "onnx")
    reading, writing = os.pipe()  # nobody reads: the run soon waits for room, for ever
    with subprocess.Popen(
        command(*arguments),
        env=environment(tmp_path),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(writing)
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 143
    os.close(reading)
