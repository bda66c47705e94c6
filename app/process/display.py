"""Checks whether a window can open on this machine, before Qt aborts the process."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from pathlib import Path

QT_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""System libraries that PyQt6 needs on Linux, with the Debian packages that contain them."""

X11_PACKAGES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What it needs in addition for a window on X11."""

CONNECT_TIMEOUT_S = 1.0


def has_display() -> bool:
    """Return whether there is a display to open a window on.

    Windows and macOS always have one. On Linux a display that is named but does not answer counts
    as none, since Qt would abort; `QT_QPA_PLATFORM` overrides the check.
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return _wayland_answers() or x11_answers(os.environ.get("DISPLAY", ""))


def missing_qt_libraries() -> list[str]:
    """Return the Debian packages that are missing for a window on Linux; elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return []
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    on_x11 = platform.startswith("xcb") or not (platform or _wayland_answers())
    needed = QT_PACKAGES | X11_PACKAGES if on_x11 else QT_PACKAGES
    return [package for library, package in needed.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _wayland_answers() -> bool:
    """Return whether the Wayland compositor that the environment names takes connections."""
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    return _connects(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name))


def x11_answers(display: str) -> bool:
    """Return whether the X server `display`, such as ":0" or "host:10.0", takes connections."""
    host, _, number = display.rpartition(":")
    number = number.split(".")[0]
    if not number.isdecimal():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return _connects(path) or _connects("\0" + path)
    try:
        with socket.create_connection((host.strip("[]"), 6000 + int(number)), CONNECT_TIMEOUT_S):
            return True
    except OSError:
        return False


def _connects(address: str) -> bool:
    """Return whether the Unix socket at `address` takes connections."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(CONNECT_TIMEOUT_S)
        try:
            client.connect(address)
        except OSError:
            return False
    return True
