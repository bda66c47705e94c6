"""A looping source for any length of time: does memory grow, is a thread left, what does it cost.

One run is long enough to show a leak, on the engine that the app would choose; then a short one on
each engine measures its processor load. Everything is real: file, threads, control, event writer
and, on request, the window.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import psutil

from app.control.arming import Cause
from app.control.controller import Controller
from app.control.senders.base import DryRun
from app.control.settings import ControlSettings
from app.live.event_writer import EventWriter
from app.live.headless import run_live
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.process import native_libraries
from app.sources.factory import SourceOpener
from benchmarks.errors import BenchmarkError
from models.bundle import default_bundle_path
from models.engines.factory import create_engine
from models.live import LiveEngine
from models.two_views.bundle import load_any_bundle

SETTLING_S = 60.0
"""Caches fill and windows open; growth counts from here."""

SHARE_RUN_S = 30.0
"""Long enough to measure the processor load of an engine."""

MEDIAN_OVER_S = 30
"""Resident memory fluctuates by a megabyte or two; its median over this time does not."""

LEFT_BEHIND_S = 2.0
"""A thread that ends within this time after closing does not count as left."""

ON_SCREEN_LIMIT_MS = 100


@dataclass
class _Watch:
    """Resident memory, sampled once a second."""

    process: psutil.Process = field(default_factory=psutil.Process)
    memory_mb: list[float] = field(default_factory=list)

    def sample(self) -> None:
        self.memory_mb.append(self.process.memory_info().rss / 1e6)


def measure_endurance(seconds: float, source: str, kind: str, *, window: bool) -> dict[str, object]:
    """Run over a looping source.

    Args:
        seconds: Duration of the long run.
        source: A file or folder, or "demo".
        kind: The engine; "auto" takes the fastest, and then each of the others for a short while.
        window: Open the window; otherwise without one.

    Returns:
        Resident memory after the first minute (the first sixth of a shorter run) and at the end,
        threads that are left, age of the painted frames, and processor time as a share of one core.
    """
    native_libraries.prepare(quiet=True)
    native_libraries.forget_cv2_qt_paths()
    engine = _engine(kind)
    settling_s = min(SETTLING_S, seconds / 6)
    watch = _Watch()
    long_run = _run(engine, source, seconds, settling_s, watch.sample, window=window)
    figures: dict[str, object] = {
        "minutes": round(seconds / 60, 2),
        "window": window,
        "engine": engine.name,
        **_memory(watch.memory_mb, settling_s),
        **long_run,
    }
    shares = {engine.name: long_run["cpu_share"]}
    for other in _others(engine.name) if kind == "auto" else []:
        share_s = min(SHARE_RUN_S, seconds)
        short = _run(_engine(other), source, share_s, share_s / 6, lambda: None, window=window)
        shares[other] = short["cpu_share"]
    return figures | {"cpu_share_by_engine": shares}


def _others(name: str) -> list[str]:
    """Return the other engines that are available."""
    kinds = ["sparse", "onnx"] + (["torch"] if importlib.util.find_spec("torch") else [])
    return [kind for kind in kinds if kind != name]


def _engine(kind: str) -> LiveEngine:
    return create_engine(load_any_bundle(default_bundle_path()), kind).engine


def _memory(memory_mb: list[float], settling_s: float) -> dict[str, object]:
    """Compare memory after settling with memory at the end."""
    settled = memory_mb[round(settling_s) :]
    if len(settled) < 2:
        raise BenchmarkError("The run was too short to measure memory growth; raise --minutes.")
    span = min(MEDIAN_OVER_S, len(settled) // 2)
    first, last = float(np.median(settled[:span])), float(np.median(settled[-span:]))
    return {
        "memory_mb_after_first_minute": round(first, 2),
        "memory_mb_at_end": round(last, 2),
        "memory_growth_mb": round(last - first, 2),
        "memory_mb_by_minute": [
            round(float(np.median(memory_mb[start : start + 60])), 1)
            for start in range(0, len(memory_mb), 60)
        ],
    }


def _run(
    engine: LiveEngine,
    source: str,
    seconds: float,
    settling_s: float,
    on_second: Callable[[], None],
    *,
    window: bool,
) -> dict[str, object]:
    """Run once; return what it cost and which threads it left."""
    before = set(threading.enumerate())
    control = Controller(DryRun(), ControlSettings())
    control.arm(Cause.DRY_RUN)
    opener = SourceOpener.of(source)
    with EventWriter(os.devnull) as writer:
        pipeline = Pipeline(
            opener,
            Run(engine, engine.spec.decision, on_event=writer.write, control=control),
            loop=True,
        )
        started_s, cpu_s = time.monotonic(), _cpu_s()
        if window:
            figures = _in_window(pipeline, seconds, settling_s, on_second, control)
        else:
            figures = _without_window(pipeline, seconds, on_second)
        share = (_cpu_s() - cpu_s) / (time.monotonic() - started_s)
    if (message := pipeline.status.message) != "":
        raise BenchmarkError(f"The run failed: {message}")
    return {"cpu_share": round(share, 3), "threads_left": _threads_left(before)} | figures


def _without_window(
    pipeline: Pipeline, seconds: float, on_second: Callable[[], None]
) -> dict[str, object]:
    next_s = time.monotonic()

    def tick() -> bool:
        nonlocal next_s
        if time.monotonic() >= next_s:
            next_s += 1.0
            on_second()
        return False

    run_live(pipeline, seconds, tick)
    return {}


def _in_window(
    pipeline: Pipeline,
    seconds: float,
    settling_s: float,
    on_second: Callable[[], None],
    control: Controller,
) -> dict[str, object]:
    from benchmarks.window_watch import AgeHistogram, watch_window

    ages = AgeHistogram()
    close_s = watch_window(
        pipeline,
        seconds - settling_s,
        settling_s=settling_s,
        on_paint=lambda age_ms, behind: ages.add(age_ms),
        on_second=on_second,
        control=control,
    )
    return {
        "paints": ages.count,
        "on_screen_age_ms_p50": ages.percentile_ms(50),
        "on_screen_age_ms_p99": ages.percentile_ms(99),
        "on_screen_age_ms_max": round(ages.oldest_ms, 1),
        "share_of_paints_over_100_ms": ages.share_over(ON_SCREEN_LIMIT_MS),
        "close_s": round(close_s, 3),
    }


def _cpu_s() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


def _threads_left(before: set[threading.Thread]) -> list[str]:
    """Return the names of the threads that a run started and did not end."""
    deadline_s = time.monotonic() + LEFT_BEHIND_S
    started = [thread for thread in threading.enumerate() if thread not in before]
    for thread in started:
        thread.join(max(0.0, deadline_s - time.monotonic()))
    gc.collect()
    return sorted(thread.name for thread in started if thread.is_alive())
