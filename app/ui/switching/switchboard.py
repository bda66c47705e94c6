"""Between the switcher, which works in a thread of its own, and the menus that ask for switches."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.live.switcher import ModelChoice, Switcher, SwitchStatus
from app.sources.camera_device import CameraDevice, Resolution
from app.sources.camera_watch import CameraWatch

POLL_INTERVAL_MS = 50


class Switchboard(QObject):
    """Everything that the menus may ask for, and what they hear from it.

    Attributes:
        wanted: The model and engine that were asked for last, loaded or not.
        resolution: Size of pictures that cameras are asked for; None leaves it to them.
        recent_models: Bundles that were chosen lately, newest first.
    """

    status_changed = pyqtSignal(object)
    """The `SwitchStatus` differs."""
    cameras_changed = pyqtSignal(object)
    """Other cameras are connected: a tuple of `CameraDevice`."""
    failed = pyqtSignal(str)
    """Something was not switched; the sentence says why."""
    camera_chosen = pyqtSignal(object)
    """People chose a `CameraDevice`, and it is shown."""
    model_chosen = pyqtSignal(object)
    """People chose a `ModelChoice`, and it runs."""

    def __init__(
        self,
        switcher: Switcher,
        watch: CameraWatch,
        *,
        resolution: Resolution | None = None,
        recent_models: tuple[str, ...] = (),
        parent: QObject | None = None,
    ) -> None:
        """Look at the switcher from now on.

        Args:
            switcher: What switches. It is not closed from here.
            watch: Says which cameras are connected; it looks only while somebody wants to know.
            resolution: Size of pictures that cameras are asked for.
            recent_models: Bundles that were chosen lately, newest first.
            parent: Owner in Qt's tree.
        """
        super().__init__(parent)
        self._switcher = switcher
        self._watch = watch
        self._status = switcher.status
        self._cameras: tuple[CameraDevice, ...] | None = None
        self.wanted = self._status.chosen
        self.resolution = resolution
        self.recent_models = recent_models
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()

    @property
    def status(self) -> SwitchStatus:
        """What is being switched, and what is shown and runs."""
        return self._status

    @property
    def cameras(self) -> tuple[CameraDevice, ...] | None:
        """The cameras that are connected; None before anybody has looked."""
        return self._cameras

    def watch_cameras(self, wanted: bool) -> None:
        """Keep `cameras` up to date, or not: looking costs a little."""
        (self._watch.start if wanted else self._watch.stop)()

    def poll(self) -> None:
        """Look once, and tell what changed."""
        cameras = self._watch.devices
        if cameras != self._cameras:
            self._cameras = cameras
            self.cameras_changed.emit(cameras)
        before, status = self._status, self._switcher.status
        if status == before:
            return
        self._status = status
        if status.switches != before.switches:
            self._tell_switch(before, status)
        self.status_changed.emit(status)

    def use_camera(self, device: CameraDevice) -> None:
        """Show a camera."""
        self._switcher.use_camera(device.at(self.resolution))

    def use_resolution(self, resolution: Resolution | None) -> None:
        """Ask cameras for another size of pictures, the one that is shown at once."""
        self.resolution = resolution
        camera = self._status.camera
        if camera is not None:
            self._switcher.use_camera(camera.at(resolution))

    def use_file(self, source: str) -> None:
        """Show a video file, a folder of images or the demo clip."""
        self._switcher.use_file(source)

    def use_model(self, model: str) -> None:
        """Run another model, on the engine that was asked for last."""
        self._use(replace(self.wanted, model=model))

    def use_engine(self, engine: str) -> None:
        """Run the model that was asked for last on another engine."""
        self._use(replace(self.wanted, engine=engine))

    def close(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._watch.stop()

    def _use(self, choice: ModelChoice) -> None:
        if choice != self.wanted:
            self.wanted = choice
            self._switcher.use_model(choice)

    def _tell_switch(self, before: SwitchStatus, status: SwitchStatus) -> None:
        if status.failure:
            self.wanted = status.chosen
            self.failed.emit(status.failure)
        if status.chosen != before.chosen:
            self.model_chosen.emit(status.chosen)
        if status.camera is not None and status.camera != before.camera:
            self.camera_chosen.emit(status.camera)
