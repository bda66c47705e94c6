"""The command line: its options and their checks; imports nothing heavy, so --help is instant."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NoReturn

from app import __version__
from models import DEFAULT_MODEL
from models.engines import ENGINE_KINDS


@dataclass(frozen=True)
class Options:
    """What the user asks for.

    Attributes:
        camera: Number of the camera; None if none was named.
        source: File, folder or "demo"; None if none was named.
        model: Folder of a bundle, or `DEFAULT_MODEL`.
        engine: One of `ENGINE_KINDS`.
        headless: Run without a window.
        events: File for the events, "-" for standard output, None for nowhere.
        duration_s: Stop after this time, in seconds; None goes on.
        threads: Threads of one step; 0 leaves it to the engine.
        verbose: Tell developers everything.
    """

    camera: int | None
    source: str | None
    model: str
    engine: str
    headless: bool
    events: str | None
    duration_s: float | None
    threads: int
    verbose: bool


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line.

    Args:
        arguments: Without the program's name; None takes those of the process.

    Raises:
        SystemExit: They are wrong (code 2, one sentence on stderr), or only ask for help (code 0).
    """
    found = _parser().parse_args(arguments)
    return Options(
        camera=found.camera,
        source=found.source,
        model=found.model,
        engine=found.engine,
        headless=found.headless,
        events=found.events,
        duration_s=found.duration,
        threads=found.threads,
        verbose=found.verbose,
    )


class _Parser(argparse.ArgumentParser):
    """Ends a usage error with one sentence instead of a page."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with code 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="run_demo.py",
        description="AdaFuse Live recognises hand gestures and shows what the network computes.",
        epilog="Without --camera and --source: camera 0, or the demo clip if there is none.",
        allow_abbrev=False,
    )
    _add_input(parser)
    _add_model(parser)
    _add_output(parser)
    parser.add_argument(
        "--verbose", action="store_true", help="tell developers everything, on stderr"
    )
    parser.add_argument("--version", action="version", version=f"AdaFuse Live {__version__}")
    return parser


def _add_input(parser: argparse.ArgumentParser) -> None:
    origin = parser.add_mutually_exclusive_group()
    origin.add_argument(
        "--camera", type=_whole_number(0), metavar="N", help="number of the camera, from 0"
    )
    origin.add_argument(
        "--source",
        type=_text,
        metavar="FILE|FOLDER|demo",
        help="a video file, a folder of images, or the bundled demo clip",
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        type=_text,
        default=DEFAULT_MODEL,
        metavar="BUNDLE",
        help="folder of a model bundle (default: the bundled model)",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINE_KINDS,
        default="auto",
        help="what runs the model (default: the fastest here)",
    )
    parser.add_argument(
        "--threads",
        type=_whole_number(1),
        default=0,
        metavar="N",
        help="threads for one step of the model (default: the engine's choice)",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="run without a window")
    parser.add_argument(
        "--events",
        type=_text,
        metavar="FILE.jsonl|-",
        help="write what happens as JSON lines; - is standard output, the default without a window",
    )
    parser.add_argument(
        "--duration", type=_seconds, metavar="S", help="stop after this many seconds"
    )
    parser.add_argument(
        "--control",
        choices=("off",),
        default="off",
        help="what gestures do; this version only shows them",
    )


def _text(value: str) -> str:
    if not value:
        raise argparse.ArgumentTypeError("must not be empty")
    return value


def _whole_number(lowest: int) -> Callable[[str], int]:
    def convert(value: str) -> int:
        # int() would also take "1_0" and digits of other scripts.
        if not (value.isascii() and value.isdecimal()) or not lowest <= int(value) <= 1024:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {lowest} to 1024, not '{value}'"
            )
        return int(value)

    return convert


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not isfinite(seconds) or seconds <= 0:
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, not '{value}'")
    return seconds
