"""`python -m benchmarks NAME`: measurements that print JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one benchmark and print what it measured as one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    startup = names.add_parser("startup", help="time to the first prediction, and peak memory")
    startup.add_argument("--runs", type=int, default=5, help="how often to start the app (5)")
    startup.add_argument("--source", default="demo", help="what to play (demo)")
    startup.add_argument("--window", action="store_true", help="with the window")
    freshness = names.add_parser("freshness", help="age of what is on screen, and memory over time")
    freshness.add_argument("--minutes", type=float, default=5.0, help="how long to watch (5)")
    freshness.add_argument("--fps", type=float, default=60.0, help="frame rate of the source (60)")
    freshness.add_argument("--step-ms", type=float, default=50.0, help="time of a step (50)")
    options = parser.parse_args(arguments)
    print(json.dumps(_run(options), indent=2))


def _run(options: argparse.Namespace) -> dict[str, object]:
    if options.name == "startup":
        from benchmarks.startup import measure_startup

        return measure_startup(options.runs, options.source, window=options.window)
    from benchmarks.freshness import measure_freshness

    return measure_freshness(options.minutes * 60, options.fps, options.step_ms / 1e3)


if __name__ == "__main__":
    main()
