"""Opens what `--record` wrote, to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.session.recording import Recording


@dataclass(frozen=True)
class RecordedModel:
    """The model that ran in a recorded session.

    Attributes:
        name: Its name.
        frame_interval_s: Seconds from step to step.
        fuses: Whether it has fused blocks.
    """

    name: str
    frame_interval_s: float
    fuses: bool


def load_recording(path: Path) -> tuple[Recording, RecordedModel]:
    """Open a recording.

    Raises:
        AppError: It is none, or it is damaged.
    """
    recording = Recording(path)
    try:
        fuses = any(prediction.trace.blocks for prediction in recording.predictions)
        _ = recording.gestures  # whatever is damaged is told before a window shows it
    except BaseException:
        recording.close()
        raise
    header = recording.header
    return recording, RecordedModel(header.model, header.frame_interval_s, fuses)
