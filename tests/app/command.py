"""Runs the real command line, as a user would, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60

NOT_INHERITED = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PYTHONPATH")


def environment(home: Path, **changes: str) -> dict[str, str]:
    """Return an environment without a display, with a configuration folder of its own."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in NOT_INHERITED and not name.startswith("OPENCV_")
    }
    return inherited | {"XDG_CONFIG_HOME": str(home)} | changes


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, str(ROOT / "run_demo.py"), *map(str, arguments)]


def run_demo(
    *arguments: str | Path, home: Path, **changes: str
) -> subprocess.CompletedProcess[str]:
    """Run to the end; standard input is empty."""
    return subprocess.run(
        command(*arguments),
        env=environment(home, **changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def run_module(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ...` to the end."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def run_program(program: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a few lines of Python to the end: what has to be arranged first, then the application."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def events_in(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def without_timing(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what no two runs have in common."""
    return [
        {
            name: value
            for name, value in event.items()
            if not name.startswith(("step_ms", "latency_ms"))
        }
        for event in events
    ]
