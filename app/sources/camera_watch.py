"""Which cameras are connected, looked up again and again while somebody looks at the list."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread

from app.sources.camera import connected_cameras
from app.sources.camera_device import CameraDevice

INTERVAL_S = 2.0
"""Time between two looks, in seconds: nobody waits longer for a camera to appear in the list."""


class CameraWatch:
    """Looks in a thread of its own: on some systems asking for the cameras takes a second.

    Any thread may call any method.
    """

    def __init__(self, look: Callable[[], tuple[CameraDevice, ...]] | None = None) -> None:
        """Do not look yet.

        Args:
            look: Says which cameras are connected; None asks the system.
        """
        self._look = look
        self._lock = Lock()
        self._stop: Event | None = None
        self._devices: tuple[CameraDevice, ...] | None = None

    @property
    def devices(self) -> tuple[CameraDevice, ...] | None:
        """The cameras that were connected at the last look; None before the first."""
        with self._lock:
            return self._devices

    def start(self) -> None:
        """Look now and every `INTERVAL_S` from now on."""
        with self._lock:
            if self._stop is not None:
                return
            self._stop = Event()
            watcher = Thread(target=self._watch, args=(self._stop,), name="cameras", daemon=True)
        watcher.start()

    def stop(self) -> None:
        """Look no more; a look that is under way ends by itself."""
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
