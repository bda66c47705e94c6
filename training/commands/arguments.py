"""Argument types that commands share; a value out of range is a usage error."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from models.engines import ENGINE_KINDS

Number = TypeVar("Number", int, float)

MOST_WORKERS = 1024
"""Processes that a command starts at most."""


def positive_int(text: str) -> int:
    """Parse a whole number of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


def _ranged(
    kind: Callable[[str], Number], lowest: Number, highest: Number
) -> Callable[[str], Number]:
    def parse(text: str) -> Number:
        value = kind(text)
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(f"must be {lowest} to {highest}, not {text}")
        return value

    return parse


def count(lowest: int, highest: int) -> Callable[[str], int]:
    """Return a parser of whole numbers in a range, both ends included."""
    return _ranged(int, lowest, highest)


def within(lowest: float, highest: float) -> Callable[[str], float]:
    """Return a parser of numbers in a range, both ends included."""
    return _ranged(float, lowest, highest)


workers = count(1, MOST_WORKERS)
"""Parses how many processes to start."""


def seed(text: str) -> int:
    """Parse a whole number of at least 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must not be negative, but is {text}")
    return value


def not_negative_float(text: str) -> float:
    """Parse a finite number of at least 0."""
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be 0 or more, not {text}")
    return value


def fraction(text: str) -> float:
    """Parse a number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be 0 to 1, not {text}")
    return value


def positive_fraction(text: str) -> float:
    """Parse a number above 0 and at most 1."""
    value = fraction(text)
    if value == 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


frame_rate = within(1, 240)
"""Parses frames a second."""

LONGEST_MIN = 10_000
"""A week, which nobody renders by mistake."""


def minutes(text: str) -> float:
    """Parse the total length of streams, in minutes."""
    value = float(text)
    if not 0 < value <= LONGEST_MIN:
        raise argparse.ArgumentTypeError(f"must be above 0, at most {LONGEST_MIN}, not {text}")
    return value


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the options for a model and the engine that runs it."""
    parser.add_argument("--model", required=True, help="a bundle's folder, or 'default'")
    parser.add_argument(
        "--engine", choices=ENGINE_KINDS, default="auto", help="engine to run on (auto)"
    )


def add_personal(parser: argparse.ArgumentParser) -> None:
    """Add the option for a person's own gestures."""
    parser.add_argument(
        "--personal",
        type=Path,
        metavar="SET",
        help="file of a person's own gestures, as 'personalize' writes it",
    )


def add_streams(parser: argparse.ArgumentParser) -> None:
    """Add the options for existing streams, or for rendering some."""
    parser.add_argument(
        "--streams",
        type=Path,
        help="folder of streams; without it, streams are rendered and removed afterwards",
    )
    parser.add_argument(
        "--minutes", type=minutes, default=60.0, help="total length of rendered streams (60)"
    )
    parser.add_argument("--workers", type=workers, help="processes that render (one per core)")
