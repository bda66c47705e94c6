"""Times engines side by side, in one run: same frames, same threads, in turn."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.engines.frames import video_frames
from benchmarks.engines.mixes import MIXES, Mix
from benchmarks.engines.networks import benchmark_spec, network_with_mix
from benchmarks.engines.runners import EngineRunner, Runner, open_runners
from models.bundle import Bundle, load_bundle
from models.engines.planning.preparation import compile_kernels
from models.engines.torch import load_network
from models.network.adafuse import AdaFuse
from models.network.export import export_bundle
from models.spec import PolicySpec

FITTED_FRAMES = 40
"""Frames to which the policies of a random network are fitted, and over which it is measured."""

BURST = 4
"""Steps that an engine makes before the next one has its turn: in turns no engine has the caches
to itself, and all are slowed down alike while the machine is busy."""

WARM_UP_BURSTS = 1

REST_S = 0.02
"""Before each turn: by then the threads of the previous engine have gone to sleep."""


@dataclass(frozen=True)
class Case:
    """A network to measure.

    Attributes:
        bundle: As a bundle.
        network: As a network.
        frames: Frames of shape (T, 3, H, W).
    """

    bundle: Bundle
    network: AdaFuse
    frames: NDArray[np.float32]


def measure_engines(
    backbone: str,
    size: int,
    mix: str,
    threads: int,
    *,
    hidden: int,
    bursts: int,
    source: str,
    window: bool,
) -> dict[str, Any]:
    """Time a random network with a given mix in every engine.

    Args:
        backbone: Key of a backbone.
        size: Height and width of the input, in pixels.
        mix: Name of a mix.
        threads: Threads of every engine.
        hidden: Width of the policy networks.
        bursts: Turns of each engine.
        source: Video to run on.
        window: Also run whole windows of frames.
    """
    with tempfile.TemporaryDirectory() as folder:
        case = _random_case(backbone, size, MIXES[mix], hidden, source, Path(folder))
        return _measure(case, Path(folder), threads, bursts, window=window) | {"policy": mix}


def measure_bundle(
    model: Path, threads: int, *, bursts: int, source: str, window: bool
) -> dict[str, Any]:
    """Time a trained model over a video in every engine."""
    bundle = load_bundle(model)
    frames = video_frames(source, bundle.spec, BURST * (bursts + WARM_UP_BURSTS))
    case = Case(bundle, load_network(bundle), frames)
    with tempfile.TemporaryDirectory() as folder:
        return _measure(case, Path(folder), threads, bursts, window=window)


def measure_curve(
    backbone: str, size: int, threads: int, *, hidden: int, bursts: int, source: str
) -> list[dict[str, float]]:
    """Time the sparse engine against the dense one over the share that is computed.

    Each point is a network of its own, measured minutes after the previous one: the fastest steps
    are reported, which depend least on what else the machine does.
    """
    points = []
    for skip in (0.0, 0.2, 0.4, 0.6, 0.8, 0.95):
        with tempfile.TemporaryDirectory() as folder:
            case = _random_case(backbone, size, Mix(skip, 0.0), hidden, source, Path(folder))
            found = _measure(case, Path(folder), threads, bursts, window=False)
        points.append(
            {
                "flops_fraction": found["flops_fraction"],
                "sparse_ms": found["engines"]["sparse"]["min_ms"],
                "best_dense_ms": found["engines"][found["best_dense"]]["min_ms"],
            }
        )
    return points


def _random_case(
    backbone: str, size: int, mix: Mix, hidden: int, source: str, folder: Path
) -> Case:
    spec = benchmark_spec(backbone, size, size, PolicySpec(hidden=hidden))
    frames = video_frames(source, spec, FITTED_FRAMES)
    network = network_with_mix(spec, frames, mix)
    bundle = export_bundle(network, folder / "sparse", "# For a measurement\n")
    return Case(bundle, network, frames)


def _measure(
    case: Case, folder: Path, threads: int, bursts: int, *, window: bool
) -> dict[str, Any]:
    compile_kernels()
    runners = open_runners(case.bundle, case.network, folder, threads, window=window)
    times = _interleaved(runners, case.frames, bursts)
    sparse = runners["sparse"]
    assert isinstance(sparse, EngineRunner)
    return _summary(times, sparse) | {
        "backbone": case.bundle.spec.backbone,
        "input": [case.bundle.spec.input_height, case.bundle.spec.input_width],
        "threads": threads,
        "steps": bursts * BURST,
    }


def _interleaved(
    runners: Mapping[str, Runner], frames: NDArray[np.float32], bursts: int
) -> dict[str, list[float]]:
    """Return the time of every step of every engine, in milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in runners}
    for burst in range(WARM_UP_BURSTS + bursts):
        for name, runner in runners.items():
            time.sleep(REST_S)
            for step in range(burst * BURST, (burst + 1) * BURST):
                frame = frames[step % len(frames)]
                started_s = time.perf_counter()
                runner.step(frame)
                elapsed_ms = (time.perf_counter() - started_s) * 1e3
                if burst >= WARM_UP_BURSTS:
                    times[name].append(elapsed_ms)
    return times


def _summary(times: dict[str, list[float]], sparse: EngineRunner) -> dict[str, Any]:
    median = {name: statistics.median(values) for name, values in times.items()}
    best_dense = min((n for n in median if n.endswith("_dense")), key=lambda n: median[n])
    traces = sparse.traces[-len(times["sparse"]) :]
    fraction = sum(trace.multiply_adds for trace in traces) / sum(
        trace.dense_multiply_adds for trace in traces
    )
    keep, reuse, skip = (
        statistics.fmean(column) for column in zip(*(t.shares() for t in traces), strict=True)
    )
    found: dict[str, Any] = {
        "engines": {
            name: {"median_ms": round(median[name], 3), "min_ms": round(min(values), 3)}
            for name, values in times.items()
        },
        "best_dense": best_dense,
        "speedup": round(median[best_dense] / median["sparse"], 3),
        "speedup_turn_by_turn": _turn_ratio(times[best_dense], times["sparse"]),
        "flops_fraction": round(fraction, 4),
        "limit": round(1 / fraction, 3),
        "keep": round(keep, 4),
        "reuse": round(reuse, 4),
        "skip": round(skip, 4),
    }
    if "onnx_window" in median:
        window_ms = times["onnx_window"]
        found["speedup_over_window"] = round(median["onnx_window"] / median["sparse"], 2)
        found["speedup_over_window_turn_by_turn"] = _turn_ratio(window_ms, times["sparse"])
    return found


def _turn_ratio(slow_ms: list[float], fast_ms: list[float]) -> float:
    """Return the median over the turns of how many times as fast one engine is as another.

    On a machine whose speed drifts, two engines are best compared in neighboring turns; their
    medians over the whole run may come from different times.
    """
    ratios = [
        statistics.median(slow_ms[begin : begin + BURST])
        / statistics.median(fast_ms[begin : begin + BURST])
        for begin in range(0, len(fast_ms), BURST)
    ]
    return round(statistics.median(ratios), 3)
