"""Which paths OpenCV can be given."""

from __future__ import annotations

from pathlib import Path


def opencv_can_open(path: Path) -> bool:
    """Return whether a file's path is valid text.

    Except on Windows a file name may be any bytes. Given one that is not UTF-8, OpenCV ends the
    whole process (measured with 5.0.0, `VideoCapture` and `imread`), so that nothing could be
    reported.
    """
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        return False
    return True
