"""Where this user's computer keeps what can be made again: compiled code and measurements."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Return the folder; it may not exist yet."""
    return platformdirs.user_cache_path("adafuse-live", appauthor=False)
