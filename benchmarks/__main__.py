"""`python -m benchmarks NAME`: measurements that print JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence

from app.errors import AppError
from benchmarks.errors import BenchmarkError
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
    options = parser.parse_args(arguments)
    try:
        figures = _run(options)
    except (BenchmarkError, AppError, ModelError) as error:
        sys.exit(str(error))
    print(json.dumps(figures, indent=2))


def _positive(kind: Callable[[str], float]) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
        return value

    return number


def _run(options: argparse.Namespace) -> dict[str, object]:
    if options.name == "startup":
        from benchmarks.startup import measure_startup

        return measure_startup(options.runs, options.source, window=options.window)
    from benchmarks.freshness import measure_freshness

    return measure_freshness(options.minutes * 60, options.fps, options.step_ms / 1e3)


if __name__ == "__main__":
    main()
