"""Makes the native libraries behave, through environment variables, before they are loaded."""

from __future__ import annotations

import os
from pathlib import Path

QUIET = {
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
}
"""What OpenCV and FFmpeg print says nothing to a user that our own sentence does not say better."""

VIDEO_FORMATS = (
    "mov,mp4,avi,matroska,webm,mpegts,mpeg,mpegvideo,flv,ogg,asf,gif,"
    "h264,hevc,ivf,yuv4mpegpipe,mxf,m4v,mjpeg"
)
"""FFmpeg would also play text as if it were a terminal, and follow play lists into the network."""

BEHAVIOUR = {
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": f"format_whitelist;{VIDEO_FORMATS}",
    # Seconds that a read may hang when a camera stops giving pictures; the default is ten.
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "3",
    # Windows: otherwise opening a camera takes ten seconds and more.
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
}

CV2_QT_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def prepare(*, quiet: bool = True) -> None:
    """Set up OpenCV; call it before `cv2` is imported. What the user has set stays.

    Args:
        quiet: Keep OpenCV and FFmpeg from printing.
    """
    for name, value in (BEHAVIOUR | QUIET if quiet else BEHAVIOUR).items():
        os.environ.setdefault(name, value)


def forget_cv2_qt_paths() -> None:
    """Undo what importing OpenCV did to Qt; call it before Qt is imported.

    On Linux opencv-python points Qt to plugins and fonts of its own, which may not fit PyQt6.
    """
    import cv2

    folder = Path(cv2.__file__).parent
    for name in CV2_QT_VARIABLES:
        value = os.environ.get(name)
        if value and Path(value).is_relative_to(folder):
            del os.environ[name]
