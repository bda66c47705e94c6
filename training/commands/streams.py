"""What the commands over streams share: get the streams, and let the model watch them."""

from __future__ import annotations

import argparse
from contextlib import nullcontext

from models.engines.base import StreamingEngine
from training.commands.progress import progress_bar
from training.evaluation.streams import (
    TranscribedStream,
    check_not_test_streams,
    streams_or_own,
    transcribe_folder,
)


def transcribed(
    engine: StreamingEngine, options: argparse.Namespace, seed: int, *, for_tuning: bool = False
) -> list[TranscribedStream]:
    """Let a model watch the streams that the options name, or some that are made for it.

    Args:
        engine: Runs the model.
        options: As `arguments.add_streams` defines them.
        seed: What streams are drawn from if they are made.
        for_tuning: Refuse those that are kept for testing.

    Raises:
        DataError: Streams are missing or damaged, or cannot be made.
        ModelError: The model's scores are not numbers.
    """
    given = options.streams is not None
    bar = nullcontext(_show_nothing) if given else progress_bar(options.minutes, "min rendered")
    with (
        bar as rendered,
        streams_or_own(options.streams, options.minutes, seed, options.workers, rendered) as folder,
    ):
        if for_tuning:
            check_not_test_streams(folder)
        with progress_bar(1, "of all streams") as reach:
            return transcribe_folder(engine, folder, lambda done, count: reach(done / count))


def _show_nothing(done: float) -> None:
    """Stand in for a bar where there is nothing to be made."""
