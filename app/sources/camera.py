"""Frames of a camera, opened with the platform's own backend and found again when it was lost."""

from __future__ import annotations

import logging
import os
import platform
from dataclasses import dataclass
from time import monotonic, sleep

import cv2
import numpy as np
from numpy.typing import NDArray

from app.choices import CameraChoice
from app.sources.base import Frame, SourceError
from app.sources.resolution import Resolution
from models.preprocess import as_bgr

log = logging.getLogger(__name__)

FIRST_IMAGE_TIMEOUT_S = 5.0
"""Some cameras need seconds to wake up."""

LOST_AFTER_S = 1.0
"""Without a picture for this long a camera counts as lost; a single failed read happens."""

RETRY_INTERVAL_S = 0.02


@dataclass(frozen=True)
class CameraDevice:
    """A camera that is connected.

    Attributes:
        index: Its number for `--camera`.
        name: Its name for people.
        hardware: Vendor and product, by which a camera is known when it comes back under another
            number.
        path: Where the system has it, such as "/dev/video0"; empty if it does not say.
    """

    index: int
    name: str
    hardware: tuple[int | None, int | None] = (None, None)
    path: str = ""

    @property
    def title(self) -> str:
        """What the source that shows it is called."""
        return f"Camera {self}"

    def __str__(self) -> str:
        """Return number and name, as in "0 (HD Webcam)"."""
        return f"{self.index} ({self.name})"


def backend() -> int:
    """Return OpenCV's number of the platform's camera backend."""
    backends = {
        "Linux": cv2.CAP_V4L2,
        "Darwin": cv2.CAP_AVFOUNDATION,
        "Windows": cv2.CAP_MSMF,
    }
    return backends.get(platform.system(), cv2.CAP_ANY)


def connected_cameras() -> tuple[CameraDevice, ...]:
    """Return the cameras that the system knows; nothing if it cannot be asked."""
    try:
        from cv2_enumerate_cameras import enumerate_cameras

        found = [
            CameraDevice(
                camera.index,
                camera.name or "unnamed",
                (camera.vid, camera.pid),
                str(camera.path or ""),
            )
            for camera in enumerate_cameras(backend())
        ]
    except Exception:  # Each platform fails in its own way, and a list of cameras is only a help.
        log.debug("the cameras cannot be listed", exc_info=True)
        return ()
    return tuple(sorted(found, key=lambda camera: camera.index))


class Camera:
    """An open camera."""

    live = True

    def __init__(
        self,
        index: int,
        devices: tuple[CameraDevice, ...],
        resolution: Resolution | None = None,
    ) -> None:
        """Open the camera and wait for its first picture.

        Args:
            index: Its number.
            devices: The cameras that are connected, to name them.
            resolution: Size to ask for; what the camera makes of it shows in its pictures. None
                leaves it to the camera.

        Raises:
            SourceError: There is no such camera, or it gives no picture.
        """
        self.device = next((device for device in devices if device.index == index), None)
        self.name = f"Camera {index}" if self.device is None else self.device.title
        self._capture = cv2.VideoCapture(index, backend())
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(_closed_sentence(index, self.device, devices))
        if resolution is not None:
            self._ask_for(resolution)
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
        """Release the camera; the thread that reads it must do this."""
        self._capture.release()

    def _ask_for(self, resolution: Resolution) -> None:
        """Ask for a size before the first picture; a camera that refuses keeps its own."""
        if backend() == cv2.CAP_V4L2:
            # Uncompressed, large pictures do not fit through USB 2 at more than a few a second.
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, resolution.width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, resolution.height)

    def _next_image(self, timeout_s: float) -> NDArray[np.uint8] | None:
        """Wait for a picture for at most about `timeout_s` seconds."""
        deadline_s = monotonic() + timeout_s
        while True:
            grabbed, image = self._capture.read()
            if grabbed and image.size:
                return as_bgr(np.asarray(image, np.uint8))
            if monotonic() >= deadline_s:
                return None
            sleep(RETRY_INTERVAL_S)


class CameraFinder:
    """Opens one and the same camera again, even if it comes back under another number."""

    def __init__(
        self,
        index: int,
        resolution: Resolution | None = None,
        known: CameraDevice | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            index: Number of the camera at the first time.
            resolution: Size to ask for; None leaves it to the camera.
            known: The camera, where it is known already.
        """
        self._index = index
        self._resolution = resolution
        self._known = known

    @property
    def choice(self) -> CameraChoice:
        """What is opened."""
        return CameraChoice(self._index, self._known, self._resolution)

    def open(self) -> Camera:
        """Open the camera.

        Raises:
            SourceError: It is not there, or gives no picture.
        """
        devices = connected_cameras()
        camera = Camera(self._current_index(devices), devices, self._resolution)
        self._known = self._known or camera.device
        return camera

    def _current_index(self, devices: tuple[CameraDevice, ...]) -> int:
        """Return the number that the camera has now."""
        known = self._known
        if known is None:
            return self._index
        same = [
            device.index
            for device in devices
            if (device.name, device.hardware) == (known.name, known.hardware)
        ]
        return same[0] if same and self._index not in same else self._index


def _closed_sentence(
    index: int, device: CameraDevice | None, devices: tuple[CameraDevice, ...]
) -> str:
    """Say why a camera cannot be opened, and what to do."""
    if device is None and not devices:
        return (
            f"Camera {index} was not found, and no other camera is connected; "
            "connect one, or play a clip with --source FILE."
        )
    if device is None:
        names = ", ".join(str(other) for other in devices)
        return f"Camera {index} was not found; choose one of these with --camera N: {names}."
    path = f"/dev/video{index}"
    if platform.system() == "Linux" and not os.access(path, os.R_OK | os.W_OK):
        return (
            f"Camera {device} may not be used by this user; allow it with "
            "'sudo usermod -aG video $USER' and log in again."
        )
    return (
        f"Camera {device} cannot be opened: another program may be using it; "
        "close that program, or choose another camera with --camera N."
    )
