"""Writes scripted streams: videos of the performer, with what happens in them and when."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.arguments import frame_rate, minutes, positive_int, seed, workers
from training.data.errors import not_written
from training.errors import UsageError

HELP = "write videos of scripted streams, with the truth about them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must be new")
    parser.add_argument("--minutes", type=minutes, required=True, help="total length")
    parser.add_argument("--seed", type=seed, default=0, help="seed of the streams (0)")
    parser.add_argument("--fps", type=frame_rate, help="frames a second (12 or 15, at random)")
    parser.add_argument("--height", type=positive_int, default=120, help="pixels (120)")
    parser.add_argument("--workers", type=workers, help="processes (one per core)")
    parser.add_argument("--backgrounds", type=Path, help="folder of room images to mix in")


def run(options: argparse.Namespace) -> None:
    """Render the streams.

    Raises:
        DataError: The folder cannot be written, or the folder of backgrounds is unusable.
        UsageError: An argument is out of range.
    """
    from training.commands.progress import progress_bar
    from training.performer.synthesize_streams import synthesize_streams

    try:
        with progress_bar(options.minutes, "min") as reach:
            synthesize_streams(
                options.out,
                options.minutes,
                options.seed,
                fps=options.fps,
                height=options.height,
                workers=options.workers,
                backgrounds=options.backgrounds,
                progress=reach,
            )
    except OSError as error:
        raise not_written("The streams", error) from error
    except ValueError as error:  # a value that is out of range in combination
        raise UsageError(str(error)) from error
