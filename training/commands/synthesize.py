"""Writes a folder of performer clips."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.arguments import (
    count,
    fraction,
    frame_rate,
    positive_int,
    seed,
    within,
    workers,
)
from training.data.errors import not_written
from training.errors import UsageError

HELP = "write a folder of performer clips"

DURATION_S = within(1.2, 60)
"""A gesture takes 1.2 seconds; all frames of a clip are in memory at once."""

CLIPS = count(1, 10_000_000)
STILL_SHARES = within(0, 0.9)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must be new")
    parser.add_argument("--clips", type=CLIPS, required=True, help="how many clips")
    parser.add_argument("--seed", type=seed, default=0, help="first seed (0)")
    parser.add_argument("--fps", type=frame_rate, default=12.0, help="frames a second (12)")
    parser.add_argument("--duration", type=DURATION_S, default=3.0, help="seconds a clip (3)")
    parser.add_argument("--height", type=positive_int, default=100, help="pixels (100)")
    parser.add_argument("--workers", type=workers, help="processes (one per core)")
    parser.add_argument("--backgrounds", type=Path, help="folder of room images to mix in")
    parser.add_argument(
        "--still-share", type=STILL_SHARES, default=0.2, help="share of hands held still (0.2)"
    )
    parser.add_argument("--collage", type=Path, help="folder of cut-outs for collages")
    parser.add_argument("--collage-share", type=fraction, help="share of collages (0.5)")


def run(options: argparse.Namespace) -> None:
    """Render the clips.

    Raises:
        DataError: The folder cannot be written, or a folder of pictures is unusable.
        UsageError: An argument is out of range.
    """
    from training.commands.progress import progress_bar
    from training.performer.synthesize import CollageMix, synthesize

    textures: Path | None = options.collage
    share: float | None = options.collage_share
    if textures is None and share is not None:
        raise UsageError("--collage-share needs --collage, a folder of cut-outs.")
    collages = None if textures is None else CollageMix(textures, 0.5 if share is None else share)
    with progress_bar(options.clips, "clip") as reach:
        try:
            synthesize(
                options.out,
                options.clips,
                options.seed,
                fps=options.fps,
                duration_s=options.duration,
                height=options.height,
                workers=options.workers,
                backgrounds=options.backgrounds,
                collages=collages,
                still_share=options.still_share,
                progress=lambda done, _: reach(done),
            )
        except OSError as error:
            raise not_written("The clips", error) from error
        except ValueError as error:  # a value that is out of range in combination
            raise UsageError(str(error)) from error
