"""Frames of a camera, opened with the platform's own backend and found again after a loss."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Callable
from time import monotonic, sleep

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sources.base import Frame, SourceError
from app.sources.camera_device import CameraDevice, Resolution
from models.preprocess import as_bgr

log = logging.getLogger(__name__)

FIRST_IMAGE_TIMEOUT_S = 5.0
"""Some cameras take seconds to start."""

LOST_AFTER_S = 1.0
"""Without a picture for this long a camera counts as lost; single reads may fail."""

RETRY_INTERVAL_S = 0.02


def backend() -> int:
    """Return OpenCV's constant for the platform's camera backend."""
    backends = {
        "Linux": cv2.CAP_V4L2,
        "Darwin": cv2.CAP_AVFOUNDATION,
        "Windows": cv2.CAP_MSMF,
    }
    return backends.get(platform.system(), cv2.CAP_ANY)


def connected_cameras() -> tuple[CameraDevice, ...]:
    """Return the cameras that the system lists; none if it cannot list them."""
    try:
        from cv2_enumerate_cameras import enumerate_cameras

        found = [
            CameraDevice(
                camera.name or "unnamed",
                camera.vid,
                camera.pid,
                str(camera.path or ""),
                index=camera.index,
            )
            for camera in enumerate_cameras(backend())
        ]
    except Exception:  # Each platform fails in its own way; the list is optional.
        log.debug("the cameras cannot be listed", exc_info=True)
        return ()
    return tuple(sorted(found, key=lambda camera: camera.index))


class Camera:
    """An open camera.

    Attributes:
        device: The camera as it is connected now; without a name if the system does not list it.
    """

    live = True

    def __init__(self, wanted: CameraDevice) -> None:
        """Find the camera, open it and wait for its first picture.

        Args:
            wanted: The camera. One that is not found is expected at its index. Its pictures may
                have another resolution than it is asked for.

        Raises:
            SourceError: There is no such camera, or it gives no picture.
        """
        connected = connected_cameras()
        at_index = CameraDevice("", index=wanted.index, resolution=wanted.resolution)
        self.device = wanted.among(connected) or at_index.among(connected) or at_index
        self.name = self.device.title
        self._capture = cv2.VideoCapture(self.device.index, backend())
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(_closed_sentence(self.device, connected))
        if self.device.resolution is not None:
            self._ask_for(self.device.resolution)
        self._first = self._next_image(FIRST_IMAGE_TIMEOUT_S)
        if self._first is None:
            self._capture.release()
            raise SourceError(
                f"{self.name} gives no picture: another program may be using it; "
                "close that program, or choose another camera with --camera N."
            )
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps: float | None = fps if fps > 0 else None
        self._index = 0
        self._origin_s: float | None = None

    def read(self) -> Frame | None:
        """Wait for the next picture; None if the camera is gone."""
        image, self._first = self._first, None
        if image is None:
            image = self._next_image(LOST_AFTER_S)
        if image is None:
            return None
        now_s = monotonic()
        if self._origin_s is None:
            self._origin_s = now_s
        frame = Frame(image, now_s - self._origin_s, self._index, now_s)
        self._index += 1
        return frame

    def close(self) -> None:
        """Release the camera; to be called by the thread that reads it."""
        self._capture.release()

    def _ask_for(self, resolution: Resolution) -> None:
        """Request a size before the first picture; the camera may ignore it."""
        if backend() == cv2.CAP_V4L2:
            # USB 2 carries only a few large uncompressed pictures per second.
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, resolution.width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, resolution.height)

    def _next_image(self, timeout_s: float) -> NDArray[np.uint8] | None:
        """Wait for a picture for at most about `timeout_s` seconds."""
        deadline_s = monotonic() + timeout_s
        while True:
            image = self._read_image()
            if image is not None:
                return image
            if monotonic() >= deadline_s:
                return None
            sleep(RETRY_INTERVAL_S)

    def _read_image(self) -> NDArray[np.uint8] | None:
        """Return a picture; None if this read fails, as one at an empty buffer of the driver."""
        try:
            grabbed, image = self._capture.read()
            return as_bgr(np.asarray(image, np.uint8)) if grabbed and image is not None else None
        except (cv2.error, ValueError):
            log.debug("%s: a read failed", self.name, exc_info=True)
            return None


def camera_opener(wanted: CameraDevice) -> Callable[[], Camera]:
    """Return what opens one and the same camera, even if it comes back under another index.

    A camera of which only the index is known is identified when it is first opened.

    Args:
        wanted: The camera. Calling the result raises `SourceError` if it is not there, or gives no
            picture.
    """
    known = wanted

    def open_again() -> Camera:
        nonlocal known
        camera = Camera(known)
        known = known if known.name else camera.device
        return camera

    return open_again


def _closed_sentence(device: CameraDevice, connected: tuple[CameraDevice, ...]) -> str:
    """Return why a camera cannot be opened, and what to do."""
    if not connected:
        return (
            f"{device.title} was not found, and no other camera is connected; "
            "connect one, or play a clip with --source FILE."
        )
    if not device.name:
        names = ", ".join(str(other) for other in connected)
        return f"{device.title} was not found; choose one of these with --camera N: {names}."
    path = f"/dev/video{device.index}"
    if platform.system() == "Linux" and not os.access(path, os.R_OK | os.W_OK):
        return (
            f"{device.title} cannot be used by this user; allow it with "
            "'sudo usermod -aG video $USER' and log in again."
        )
    return (
        f"{device.title} cannot be opened: another program may be using it; "
        "close that program, or choose another camera with --camera N."
    )
