"""What the commands over streams share: getting the streams and running the model over them."""

from __future__ import annotations

import argparse
from contextlib import nullcontext

from models.live import LiveEngine
from models.personal.personal_set import PersonalSet
from training.commands.progress import progress_bar
from training.evaluation.streams import (
    TranscribedStream,
    check_not_test_streams,
    streams_or_own,
    transcribe_folder,
)


def transcribed(
    engine: LiveEngine,
    options: argparse.Namespace,
    seed: int,
    *,
    for_tuning: bool = False,
    personal: PersonalSet | None = None,
) -> list[TranscribedStream]:
    """Run a model over the streams that the options name, or over rendered ones.

    Args:
        engine: Runs the model.
        options: As `arguments.add_streams` defines them.
        seed: Seed of rendered streams.
        for_tuning: Reject streams that are reserved for testing.
        personal: A person's gestures, which replace the model's own.

    Raises:
        DataError: Streams are missing or damaged, or cannot be rendered.
        ModelError: The model's scores are not finite.
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
            return transcribe_folder(
                engine, folder, lambda done, count: reach(done / count), personal
            )


def _show_nothing(done: float) -> None:
    """Replace the bar where nothing is rendered."""
