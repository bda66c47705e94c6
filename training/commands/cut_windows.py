"""Cuts streams into short labeled windows: a folder in Jester's layout for a live model."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.arguments import count, frame_rate, seed
from training.data.errors import not_written

HELP = "cut streams into labeled windows to train on"


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 0 and below 1, not {text}")
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--streams", type=Path, required=True, help="videos with their cues")
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must be new")
    parser.add_argument("--fps", type=frame_rate, default=6.0, help="frames a second (6)")
    parser.add_argument("--frames", type=count(2, 256), default=8, help="frames in a window (8)")
    parser.add_argument(
        "--silent-share", type=_share, default=0.5, help="share of windows without a gesture (0.5)"
    )
    parser.add_argument("--seed", type=seed, default=0, help="selects the silent windows (0)")


def run(options: argparse.Namespace) -> None:
    """Write the windows.

    Raises:
        DataError: The streams are missing or damaged, or the folder cannot be written.
    """
    from training.commands.progress import progress_bar
    from training.evaluation.streams import check_not_test_streams
    from training.streams.truth import list_streams
    from training.streams.windows import write_windows

    check_not_test_streams(options.streams)
    try:
        with progress_bar(len(list_streams(options.streams)), "stream") as reach:
            written = write_windows(
                options.streams,
                options.out,
                interval_s=1 / options.fps,
                length=options.frames,
                silent_share=options.silent_share,
                seed=options.seed,
                progress=reach,
            )
    except OSError as error:
        raise not_written("The windows", error) from error
    print(f"{options.out}: {written} windows")
