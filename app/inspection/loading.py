"""Opens a recording for the viewer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.recording.reader import Recording
from models.spec import ModelSpec


def load_recording(
    path: Path, cancelled: Callable[[], bool] | None = None
) -> tuple[Recording, ModelSpec]:
    """Open a recording and read all but its pictures: an hour takes a few seconds.

    Args:
        path: The file.
        cancelled: Polled in this thread; loading is abandoned once it returns True.

    Returns:
        The recording and the model that ran.

    Raises:
        AppError: It is not a recording, it is damaged, or loading was canceled.
    """
    recording = Recording(path, cancelled)
    try:
        # Damage is reported before a window shows anything.
        _ = recording.predictions, recording.gestures
    except BaseException:
        recording.close()
        raise
    return recording, recording.spec
