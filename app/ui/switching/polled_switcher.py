"""From the switcher, which works in a thread of its own, to the menus that ask for switches."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal

from app.live.switcher import ModelChoice, Switcher, SwitchStatus
from app.sources.camera_device import CameraDevice, Resolution
from app.sources.camera_watch import CameraWatch
from app.ui.polled import PolledObject

POLL_INTERVAL_MS = 50
"""How often to look how far a switch is, in milliseconds."""


class PolledSwitcher(PolledObject[SwitchStatus]):
    """Shows the menus what is being switched, and switches for them.

    Attributes:
        wanted: The model and engine that were requested last, loaded or not.
        resolution: Size of pictures requested from cameras; None leaves it to them.
        recent_models: Recently chosen bundles, newest first.
    """

    cameras_changed = pyqtSignal(object)
    """Other cameras are connected: a tuple of `CameraDevice`."""
    failed = pyqtSignal(str)
    """A switch failed; the sentence says why."""
    camera_chosen = pyqtSignal(object)
    """The user chose a `CameraDevice`, and it is shown."""
    model_chosen = pyqtSignal(object)
    """The user chose a `ModelChoice`, and it runs."""

    def __init__(
        self,
        switcher: Switcher,
        watch: CameraWatch,
        *,
        resolution: Resolution | None = None,
        recent_models: tuple[str, ...] = (),
        parent: QObject | None = None,
    ) -> None:
        """Create it at rest.

        Args:
            switcher: What switches.
            watch: Finds the connected cameras; it looks only while a menu shows them.
            resolution: Size of pictures requested from cameras; None leaves it to them.
            recent_models: Recently chosen bundles, newest first.
            parent: Deletes this object along with itself.
        """
        super().__init__(switcher.status, POLL_INTERVAL_MS, parent)
        self._switcher = switcher
        self._watch = watch
        self._cameras: tuple[CameraDevice, ...] | None = None
        self.wanted = self._status.chosen
        self.resolution = resolution
        self.recent_models = recent_models

    @property
    def cameras(self) -> tuple[CameraDevice, ...] | None:
        """The connected cameras; None before the first look."""
        return self._cameras

    def watch_cameras(self, wanted: bool) -> None:
        """Keep `cameras` up to date, or not: looking costs a little time."""
        (self._watch.start if wanted else self._watch.stop)()

    def poll(self) -> None:
        """Look once and emit what changed."""
        cameras = self._watch.devices
        if cameras != self._cameras:
            self._cameras = cameras
            self.cameras_changed.emit(cameras)
        super().poll()

    def use_camera(self, device: CameraDevice) -> None:
        """Show a camera."""
        self._switcher.use_camera(device.at(self.resolution))

    def use_resolution(self, resolution: Resolution | None) -> None:
        """Request another size of pictures from cameras, at once from the current one."""
        self.resolution = resolution
        camera = self._status.camera
        if camera is not None:
            self._switcher.use_camera(camera.at(resolution))

    def use_file(self, source: str) -> None:
        """Show a video file, a folder of images or the demo clip."""
        self._switcher.use_file(source)

    def use_model(self, model: str) -> None:
        """Run another model, without a person's set, on the engine that was requested last."""
        personal = self.wanted.personal if model == self.wanted.model else None
        self._use(replace(self.wanted, model=model, personal=personal))

    def use_engine(self, engine: str) -> None:
        """Run the model that was requested last on another engine."""
        self._use(replace(self.wanted, engine=engine))

    def use_personal(self, path: str | None) -> None:
        """Run the model that was requested last with a person's set, or with its own gestures.

        Args:
            path: The set's file. One that runs already is read again, since it may be another by
                now; None for the model's own gestures.
        """
        choice = replace(self.wanted, personal=path)
        if path is None:
            self._use(choice)
            return
        self.wanted = choice
        self._switcher.use_model(choice)

    def close(self) -> None:
        """Stop polling and looking for cameras."""
        super().close()
        self._watch.stop()

    def _use(self, choice: ModelChoice) -> None:
        if choice != self.wanted:
            self.wanted = choice
            self._switcher.use_model(choice)

    def _read(self) -> SwitchStatus:
        return self._switcher.status

    def _emit_changes(self, before: SwitchStatus, status: SwitchStatus) -> None:
        if status.switches == before.switches:
            return
        if status.failure:
            self.wanted = status.chosen
            self.failed.emit(status.failure)
        if status.chosen != before.chosen:
            self.model_chosen.emit(status.chosen)
        if status.camera is not None and status.camera != before.camera:
            self.camera_chosen.emit(status.camera)
