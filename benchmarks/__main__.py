"""`python -m benchmarks NAME`: measurements that print JSON."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.errors import AppError
from app.process import native_libraries
from benchmarks.errors import BenchmarkError
from models.engines import ENGINE_KINDS
from models.errors import ModelError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one benchmark and print what it measured as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    startup = names.add_parser("startup", help="time to the first prediction, and peak memory")
    startup.add_argument("--runs", type=_positive(int), default=5, help="starts of the app (5)")
    startup.add_argument("--source", default="demo", help="what to play (demo)")
    startup.add_argument("--window", action="store_true", help="with the window")
    freshness = names.add_parser("freshness", help="age of what is on screen, and memory over time")
    freshness.add_argument(
        "--minutes", type=_positive(float), default=5.0, help="time to watch (5)"
    )
    freshness.add_argument("--fps", type=_positive(float), default=60.0, help="of the source (60)")
    freshness.add_argument("--step-ms", type=_positive(float), default=50.0, help="of a step (50)")
    _add_latency(names.add_parser("latency", help="age of a frame when its gesture's key goes out"))
    _add_endurance(names.add_parser("endurance", help="memory, threads and load of a long run"))
    _add_engines(names.add_parser("engines", help="one frame in every engine, side by side"))
    _add_data(names.add_parser("data", help="clips a second from disk, beside the plain way"))
    options = parser.parse_args(arguments)
    try:
        figures = _run(options)
    except (BenchmarkError, AppError, ModelError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    print(figures if isinstance(figures, str) else json.dumps(figures, indent=2))


def _add_latency(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=_positive(float), default=2.0, help="to play (2)")
    parser.add_argument("--source", default="demo", help="clip with gestures (demo)")
    parser.add_argument("--fps", type=_positive(float), default=30.0, help="of the camera (30)")
    parser.add_argument("--engine", choices=ENGINE_KINDS, default="auto", help="(auto)")
    parser.add_argument("--window", action="store_true", help="with the window")
    parser.add_argument(
        "--keys", action="store_true", help="send real keys to the window in front, not a dry run"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, as always")


def _add_endurance(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=_positive(float), default=60.0, help="to run (60)")
    parser.add_argument("--source", default="demo", help="what to loop over (demo)")
    parser.add_argument(
        "--engine",
        choices=ENGINE_KINDS,
        default="auto",
        help="auto also measures the load of every other engine",
    )
    parser.add_argument("--window", action="store_true", help="with the window")
    parser.add_argument("--json", action="store_true", help="print JSON, as always")


def _add_engines(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backbone", help="of a random network (resnet18)")
    parser.add_argument("--size", type=_size, help="of its input, in pixels (224)")
    parser.add_argument(
        "--policy",
        choices=("jester", "something", "dense"),
        help="mix of keep, reuse and skip that its policies choose (jester)",
    )
    parser.add_argument(
        "--hidden",
        type=_hidden,
        help="width of its policy networks; 384 gives a ResNet-50 as many policy weights as the "
        "paper's has (384)",
    )
    parser.add_argument(
        "--model", help="measure a bundle instead: its folder, or 'default' for the bundled model"
    )
    parser.add_argument("--source", default="demo", help="video to look at (demo)")
    parser.add_argument("--threads", type=_count, default=2, help="of every engine (2)")
    parser.add_argument("--bursts", type=_count, default=10, help="turns of each engine (10)")
    parser.add_argument("--window", action="store_true", help="also run whole windows of 8 frames")
    parser.add_argument(
        "--curve", type=Path, metavar="PNG", help="draw time against the share computed instead"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root", type=Path, help="folder in the Jester layout (one made from the demo clip)"
    )
    parser.add_argument("--annotations", type=Path, help="its CSV (ROOT/labels.csv)")
    parser.add_argument("--clips", type=_count, default=64, help="to read in each round (64)")
    parser.add_argument("--size", type=_size, default=224, help="of the input, in pixels (224)")
    parser.add_argument("--batch-size", type=_count, default=16, help="clips in a batch (16)")
    parser.add_argument(
        "--workers", type=_workers, default=0, help="processes that read; 0 reads in this one (0)"
    )
    parser.add_argument("--rounds", type=_count, default=5, help="turns of each way (5)")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 1024, not '{text}'")
    return int(text)


def _workers(text: str) -> int:
    return 0 if text == "0" else _count(text)


def _hidden(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 4096, not '{text}'")
    return int(text)


def _size(text: str) -> int:
    if not text.isdecimal() or not 32 <= int(text) <= 2048:
        raise argparse.ArgumentTypeError(f"must be 32 to 2048 pixels, not '{text}'")
    return int(text)


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
        return value

    return parse


def _run(options: argparse.Namespace) -> dict[str, object] | str:
    if options.name == "engines":
        return _run_engines(options)
    if options.name == "data":
        return _run_data(options)
    if options.name == "latency":
        return _run_latency(options)
    if options.name == "endurance":
        from benchmarks.endurance import measure_endurance

        return measure_endurance(
            options.minutes * 60, options.source, options.engine, window=options.window
        )
    if options.name == "startup":
        from benchmarks.startup import measure_startup

        return measure_startup(options.runs, options.source, window=options.window)
    from benchmarks.freshness import measure_freshness

    return measure_freshness(options.minutes * 60, options.fps, options.step_ms / 1e3)


def _run_latency(options: argparse.Namespace) -> dict[str, object]:
    from benchmarks.latency import measure_latency

    return measure_latency(
        options.minutes * 60,
        options.source,
        options.fps,
        options.engine,
        window=options.window,
        keys=options.keys,
    )


def _run_engines(options: argparse.Namespace) -> dict[str, object] | str:
    # Before PyTorch comes: its threads would spin after each step and slow whoever is next.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    native_libraries.prepare()
    try:
        from benchmarks.engines.report import run_engines
    except ModuleNotFoundError as error:
        raise BenchmarkError(
            f"This benchmark needs {error.name}; install the extra 'train', or run 'make setup'."
        ) from error
    return run_engines(options)


def _run_data(options: argparse.Namespace) -> dict[str, object]:
    try:
        from benchmarks.data.measure import measure_data
    except ModuleNotFoundError as error:
        raise BenchmarkError(
            f"This benchmark needs {error.name}; install the extra 'train', or run 'make setup'."
        ) from error
    return measure_data(
        options.root,
        options.annotations,
        clips=options.clips,
        size=options.size,
        batch_size=options.batch_size,
        workers=options.workers,
        rounds=options.rounds,
    )


if __name__ == "__main__":
    main()
