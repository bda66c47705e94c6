"""How long a user waits for the first prediction, and how much memory the app takes."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.errors import BenchmarkError

POLL_S = 0.02


def measure_startup(runs: int, source: str, *, window: bool) -> dict[str, object]:
    """Start the app several times over a file.

    Args:
        runs: Number of starts; the first one also fills the caches of the operating system.
        source: What to play.
        window: Open the window; otherwise headless.

    Returns:
        Seconds from command to first prediction and peak resident memory in MB, of every run and
        as a median.
    """
    results = [_one_run(source, window=window) for _ in range(runs)]
    seconds, megabytes = (
        [round(value, 3) for value in column] for column in zip(*results, strict=True)
    )
    return {
        "window": window,
        "first_prediction_s": seconds,
        "first_prediction_s_median": statistics.median(seconds),
        "peak_memory_mb": megabytes,
        "peak_memory_mb_max": max(megabytes),
    }


def _one_run(source: str, *, window: bool) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder) / "events.jsonl"
        command = [sys.executable, "run_demo.py", "--source", source, "--events", str(events)]
        command += ["--duration", "10"] if window else ["--headless"]
        started_s = time.perf_counter()
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as app:
            process = psutil.Process(app.pid)
            first_s, peak = None, 0
            while app.poll() is None:
                if first_s is None and events.exists() and '"prediction"' in events.read_text():
                    first_s = time.perf_counter() - started_s
                try:
                    memory = process.memory_info()
                except psutil.NoSuchProcess:
                    break
                # The high-water mark where the system keeps one, so that no peak is missed.
                peak = max(peak, getattr(memory, "peak_wset", memory.rss), _high_water(app.pid))
                time.sleep(POLL_S)
            if app.wait() != 0:
                assert app.stderr is not None
                raise BenchmarkError(f"The app failed: {app.stderr.read().strip()}")
        if first_s is None:
            first_s = _late_first_prediction(events, started_s)
        return first_s, peak / 1e6


def _high_water(pid: int) -> int:
    """Return the peak resident memory in bytes, or 0 where the system does not report it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return kilobytes[0] * 1024 if kilobytes else 0


def _late_first_prediction(events: Path, started_s: float) -> float:
    """Return an upper bound for a run that ended between two polls.

    Raises:
        BenchmarkError: The run made no prediction.
    """
    kinds = {json.loads(line)["type"] for line in events.read_text().splitlines()}
    if "prediction" not in kinds:
        raise BenchmarkError("The app made no prediction; choose a longer source.")
    return time.perf_counter() - started_s
