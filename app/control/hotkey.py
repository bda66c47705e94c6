"""A hotkey that works while the slides have the keyboard; on X11, where programs may grab one."""

from __future__ import annotations

import os
import sys
from typing import Protocol

HOTKEY = "Ctrl+Shift+A"
"""What arms and disarms, as people and Qt write it."""

OVERLAY_HOTKEY = "Ctrl+Shift+O"
"""What leads to the stage overlay and back."""


class Hotkey(Protocol):
    """A key combination of the whole desktop. Used by one thread."""

    def pressed(self) -> bool:
        """Return whether it was pressed since the last call."""
        ...

    def close(self) -> None:
        """Let go of it; may be called more than once."""
        ...


def open_hotkey(keys: str = HOTKEY) -> Hotkey | None:
    """Return a hotkey for the whole desktop; None where there is none.

    Wayland gives no program such keys, another program may have taken it, and on Windows and macOS
    it works in our own window alone.

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
