"""Configures native libraries through environment variables before they are loaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from app.errors import AppError
from app.process.display import missing_qt_libraries

QUIET = {
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
}
"""OpenCV and FFmpeg print nothing that the application does not report more clearly."""

VIDEO_FORMATS = (
    "mov,mp4,avi,matroska,webm,mpegts,mpeg,mpegvideo,flv,ogg,asf,gif,"
    "h264,hevc,ivf,yuv4mpegpipe,mxf,m4v,mjpeg"
)
"""FFmpeg would also play text files as terminal output, and follow playlists into the network."""

BEHAVIOR = {
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": f"format_whitelist;{VIDEO_FORMATS}",
    # Seconds that a read may block when a camera stops delivering; the default is ten.
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "3",
    # Without this, opening a camera on Windows takes ten seconds or more.
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
}

CV2_QT_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def prepare(*, quiet: bool = True) -> None:
    """Set up OpenCV; call it before `cv2` is imported. Variables that the user has set stay.

    Args:
        quiet: Keep OpenCV and FFmpeg from printing.
    """
    for name, value in (BEHAVIOR | QUIET if quiet else BEHAVIOR).items():
        os.environ.setdefault(name, value)


def forget_cv2_qt_paths() -> None:
    """Undo what importing OpenCV did to Qt; call it before Qt is imported.

    On Linux opencv-python points Qt to its own plugins and fonts, which may not fit PyQt6.
    """
    import cv2

    folder = Path(cv2.__file__).parent
    for name in CV2_QT_VARIABLES:
        value = os.environ.get(name)
        if value and Path(value).is_relative_to(folder):
            del os.environ[name]


def check_qt_libraries() -> None:
    """Name the packages that a window needs, before Qt aborts because they are missing.

    Raises:
        AppError: Some are missing.
    """
    packages = missing_qt_libraries()
    if packages:
        raise AppError(_install_sentence(packages))


def library_sentence(error: Exception) -> str | None:
    """Return the sentence for a package or library that is missing; None for other errors."""
    if isinstance(error, ModuleNotFoundError):
        return (
            f"The Python package {error.name} is not installed; run 'make demo', or install what "
            "is needed with 'python -m pip install -e .'."
        )
    if not isinstance(error, ImportError) or "cannot open shared object file" not in str(error):
        return None
    packages = missing_qt_libraries()
    if packages:
        return _install_sentence(packages)
    return f"A system library is missing ({error}); install the package that contains it."


def _install_sentence(packages: Sequence[str]) -> str:
    return (
        "The window needs system libraries that are missing; install them with "
        f"'sudo apt-get install -y {' '.join(packages)}', or run with --headless."
    )
