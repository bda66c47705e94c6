"""A hotkey that works while the slides have the keyboard focus; on X11, which allows it."""

from __future__ import annotations

import os
import sys
from typing import Protocol

HOTKEY = "Ctrl+Shift+A"
"""Arms and disarms the control, as people and Qt write it."""

OVERLAY_HOTKEY = "Ctrl+Shift+O"
"""Opens and closes the stage overlay."""


class Hotkey(Protocol):
    """A key combination of the whole desktop. Used by one thread."""

    def pressed(self) -> bool:
        """Return whether it was pressed since the last call."""
        ...

    def close(self) -> None:
        """Release it; may be called more than once."""
        ...


def open_hotkey(keys: str = HOTKEY) -> Hotkey | None:
    """Return a hotkey for the whole desktop; None where that is not possible.

    Wayland does not support it, another program may have the key, and on Windows and macOS it only
    works in our own window.

    Args:
        keys: Ctrl and Shift with one letter, as in `HOTKEY`.
    """
    if not sys.platform.startswith("linux") or os.environ.get("WAYLAND_DISPLAY"):
        return None
    try:
        from app.control.x_hotkey import open_x_hotkey
    except ImportError:
        return None
    return open_x_hotkey(os.environ.get("DISPLAY", ""), keys[-1].lower())
