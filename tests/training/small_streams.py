"""A few seconds of streams, as small as they can be."""

from __future__ import annotations

from pathlib import Path

from training.performer.synthesize_streams import synthesize_streams


def write_streams(folder: Path) -> Path:
    """Write two streams of twelve seconds, and return the folder."""
    synthesize_streams(folder, 0.4, 5, fps=8.0, height=24, workers=1, stream_s=12.0)
    return folder
