"""Which files OpenCV can be asked to open."""

from __future__ import annotations

from pathlib import Path


def opencv_can_open(path: Path) -> bool:
    """Return whether a file's name is text.

    Elsewhere than on Windows a name may be any bytes. OpenCV ends the whole process at one that is
    not UTF-8 (measured with 5.0.0, `VideoCapture` and `imread`), so that nobody could tell why.
    """
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        return False
    return True
