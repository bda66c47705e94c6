"""Lists the connected cameras periodically, while the list is on screen."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread

from app.sources.camera import connected_cameras
from app.sources.camera_device import CameraDevice

INTERVAL_S = 2.0
"""Time between two updates of the list, in seconds."""


class CameraWatch:
    """Works in a thread of its own: on some systems listing the cameras takes a second.

    Any thread may call any method.
    """

    def __init__(self, look: Callable[[], tuple[CameraDevice, ...]] | None = None) -> None:
        """Do nothing yet.

        Args:
            look: Returns the connected cameras; None asks the system.
        """
        self._look = look
        self._lock = Lock()
        self._stop: Event | None = None
        self._devices: tuple[CameraDevice, ...] | None = None

    @property
    def devices(self) -> tuple[CameraDevice, ...] | None:
        """The cameras that were connected at the last update; None before the first."""
        with self._lock:
            return self._devices

    def start(self) -> None:
        """Update the list now and every `INTERVAL_S` from now on."""
        with self._lock:
            if self._stop is not None:
                return
            self._stop = Event()
            watcher = Thread(target=self._watch, args=(self._stop,), name="cameras", daemon=True)
        watcher.start()

    def stop(self) -> None:
        """Stop updating; an update in progress finishes by itself."""
        with self._lock:
            if self._stop is not None:
                self._stop.set()
            self._stop = None

    def _watch(self, stop: Event) -> None:
        look = self._look or connected_cameras
        while not stop.is_set():
            devices = look()
            with self._lock:
                self._devices = devices
            stop.wait(INTERVAL_S)
