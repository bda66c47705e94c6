"""Names for recordings that are begun without one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import platformdirs

from app.recording.schema import SUFFIX


def recordings_folder() -> Path:
    """Return the folder in which people look for their videos."""
    return platformdirs.user_videos_path() / "AdaFuse Live"


def new_path(folder: Path, now: datetime) -> Path:
    """Return a name in `folder` that says when, and that nothing has yet.

    Args:
        folder: The folder; it need not exist.
        now: Local time.
    """
    name = f"Recording {now:%Y-%m-%d %H.%M.%S}"  # no colons: Windows takes none
    path = folder / f"{name}{SUFFIX}"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{name} ({number}){SUFFIX}"
    return path
