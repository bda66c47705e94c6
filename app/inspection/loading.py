"""Opens what `--record` wrote, to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.recording.reader import Recording
from models.spec import ModelSpec


def load_recording(
    path: Path, cancelled: Callable[[], bool] | None = None
) -> tuple[Recording, ModelSpec]:
    """Open a recording and read all but its pictures: an hour takes some seconds.

    Args:
        path: The file.
        cancelled: Asked again and again, in this thread, whether nobody waits any more.

    Returns:
        The recording and the model that ran.

    Raises:
        AppError: It is none, it is damaged, or it was cancelled.
    """
    recording = Recording(path, cancelled)
    try:
        # Whatever is damaged is told before a window shows it.
        _ = recording.predictions, recording.gestures
    except BaseException:
        recording.close()
        raise
    return recording, recording.spec
