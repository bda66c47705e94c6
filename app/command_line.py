"""The command line: its options and their checks; imports nothing heavy, so --help is instant."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from app import __version__
from app.control.mode import ControlMode
from app.control.profiles import CLICKER, PROFILES
from app.process import streams
from models import DEFAULT_MODEL
from models.engines import ENGINE_KINDS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

CONTROL_MODES = (ControlMode.OFF, ControlMode.DRY_RUN, ControlMode.KEYS)
"""The modes that the command line offers."""

COMMAND = "adafuse-live"
"""The command that an installation brings; from a checkout it is `run_demo.py`."""


@dataclass(frozen=True)
class Options:
    """What the user asks for.

    Attributes:
        camera: Index of the camera; None if none was named.
        source: File, folder or "demo"; None if none was named.
        model: Folder of a bundle, or `DEFAULT_MODEL`.
        engine: One of `ENGINE_KINDS`.
        headless: Run without a window.
        events: File for the events, "-" for standard output, None for nowhere.
        duration_s: Stop after this time, in seconds; None goes on.
        threads: Threads of one step; 0 leaves it to the engine.
        verbose: Log everything that developers may need.
        control: What gestures do, one of `CONTROL_MODES`; None sends keys from a window, where
            somebody can arm it, and nothing without one.
        profile: The program whose keys are sent, one of `PROFILES`; None takes the settings'.
        model_named: Whether the model was named; otherwise a window may take another.
        engine_named: Whether the engine was named; otherwise a window may take another.
        record: File for a recording of everything; None records nothing unless it is asked for in
            the window.
        personal: File of a person's set; None for the model's own gestures.
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
    control: ControlMode | None = None
    profile: str | None = None
    model_named: bool = False
    engine_named: bool = False
    record: str | None = None
    personal: str | None = None


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
        model=DEFAULT_MODEL if found.model is None else found.model,
        engine=found.engine or ENGINE_KINDS[0],
        headless=found.headless,
        events=found.events,
        duration_s=found.duration,
        threads=found.threads,
        verbose=found.verbose,
        control=None if found.control is None else ControlMode(found.control),
        profile=found.profile,
        model_named=found.model is not None,
        engine_named=found.engine is not None,
        record=found.record,
        personal=found.personal,
    )


class _Parser(argparse.ArgumentParser):
    """Ends a usage error with one sentence instead of the usage page."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Print help or version; a reader that has gone is no error."""
        super()._print_message(message, file)
        try:
            sys.stdout.flush()
        except OSError:
            streams.silence_output()

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and exit with code 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=COMMAND if Path(sys.argv[0]).stem == COMMAND else "run_demo.py",
        description="AdaFuse Live recognizes hand gestures and shows what the network computes.",
        epilog="Without --camera and --source: camera 0, or the demo clip if there is none.",
        allow_abbrev=False,
    )
    _add_input(parser)
    _add_model(parser)
    _add_output(parser)
    _add_control(parser)
    parser.add_argument(
        "--verbose", action="store_true", help="log details for developers on stderr"
    )
    parser.add_argument("--version", action="version", version=f"AdaFuse Live {__version__}")
    return parser


def _add_input(parser: argparse.ArgumentParser) -> None:
    origin = parser.add_mutually_exclusive_group()
    origin.add_argument(
        "--camera", type=_whole_number(0), metavar="N", help="index of the camera, from 0"
    )
    origin.add_argument(
        "--source",
        type=_text,
        metavar="FILE|FOLDER|demo",
        help="a video file, a recording, a folder of images, or the bundled demo clip",
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        type=_text,
        metavar="BUNDLE",
        help="folder of a model bundle (default: the bundled model, or what was chosen in the "
        "window last)",
    )
    parser.add_argument(
        "--personal",
        type=_text,
        metavar="SET",
        help="file of a person's own gestures, as 'python -m training personalize' writes it",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINE_KINDS,
        help="what runs the model (default: the fastest, or what was chosen in the window last)",
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
        "--record",
        type=_text,
        metavar="FILE",
        help="record pictures, predictions and events; --source FILE replays them",
    )
    parser.add_argument(
        "--duration", type=_seconds, metavar="S", help="stop after this many seconds"
    )


def _add_control(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--control",
        choices=[str(mode) for mode in CONTROL_MODES],
        help="what gestures do once the control is armed: nothing, only report which key they "
        "would send, or send it (default: keys in a window, off without one)",
    )
    parser.add_argument(
        "--profile",
        choices=tuple(PROFILES),
        metavar="NAME",
        help=f"the program that takes the keys: {', '.join(PROFILES)} "
        f"(default: what was chosen in the window, at first {CLICKER})",
    )


def _text(value: str) -> str:
    if not value:
        raise argparse.ArgumentTypeError("must not be empty")
    return value


def _whole_number(lowest: int) -> Callable[[str], int]:
    def convert(value: str) -> int:
        # int() would also accept "1_0".
        if not value.isdecimal() or not lowest <= int(value) <= 1024:
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
