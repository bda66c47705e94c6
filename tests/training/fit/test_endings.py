"""A signal ends a run with a sentence and with the exit code that shells expect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from training import cli
from training.fit import command as command_module


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let processes that are started hear Ctrl+C, even if the tests run in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def swallowed() -> None:
    """Treat Ctrl+C as Lightning does."""
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        sys.exit(1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send it to itself")
@pytest.mark.parametrize(("command", "resumable"), [("fit", True), ("validate", False)])
def test_sigterm_ends_with_143_and_one_sentence(
    command: str,
    resumable: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(command_module, "run_cli", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert cli.main([command]) == 143
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "ended by SIGTERM" in told
    assert ("--resume true" in told) is resumable
    assert signal.getsignal(signal.SIGTERM) is before


def test_ctrl_c_ends_with_130_even_where_lightning_took_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_module, "run_cli", lambda *_: swallowed())
    assert cli.main(["fit"]) == 130
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "ended by SIGINT" in told
    assert "--resume true" in told


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send it to another process")
@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_while_the_libraries_are_still_loaded_ends_in_the_same_way() -> None:
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "training", "fit", "--config", "nowhere.yaml"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.endswith(" torch.version\n"):
            break
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == 130
    assert told[-1].startswith("The run was ended by SIGINT")
    assert not any("Traceback" in line for line in told)


def test_another_way_to_leave_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_module, "run_cli", lambda *_: sys.exit(2))
    with pytest.raises(SystemExit) as caught:
        cli.main(["fit"])
    assert caught.value.code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without telling it")
def test_sigterm_ends_the_workers_of_a_command_too_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    arguments = ["synthesize", "--out", str(tmp_path / "clips"), "--clips", "2000", "--seed", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "training", *arguments, "--workers", "2"], stderr=subprocess.PIPE
    )
    rendering = time.monotonic() + 60
    while not list(tmp_path.glob(".*/**/00001.jpg")):
        assert time.monotonic() < rendering
        time.sleep(0.1)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    told = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 143
    assert told.endswith("The run was ended by SIGTERM.\n")
    assert not psutil.wait_procs(workers, timeout=10)[1]
    assert not list(tmp_path.iterdir())
