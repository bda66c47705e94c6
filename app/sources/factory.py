"""Opens the source that the command line or the window names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.recording.database import is_recording
from app.recording.replay import Replay
from app.recording.schema import SUFFIX
from app.sources.base import FrameSource, UnusableSourceError
from app.sources.camera import Camera, camera_opener
from app.sources.camera_device import CameraDevice
from app.sources.image_folder import ImageFolder
from app.sources.video_file import VideoFile
from app.sources.watched import WatchedSource

DEMO = "demo"
"""Name of the bundled clip on the command line; a folder of that name is "./demo"."""


def demo_path() -> Path:
    """Return the clip that comes with the application."""
    return Path(__file__).parents[1] / "assets" / "demo.mp4"


def open_file(source: str) -> FrameSource:
    """Open a video file, a recording, a folder of images or the demo clip.

    Args:
        source: A path, or `DEMO`.

    Raises:
        UnusableSourceError: It cannot be played.
    """
    if source == DEMO:
        return _open_demo()
    path = Path(source).expanduser()
    if path.is_dir():
        return ImageFolder(path)
    if path.suffix.lower() == SUFFIX or is_recording(path):
        return Replay(path)
    return VideoFile(path)


def _open_demo() -> FrameSource:
    """Open the bundled clip, under a name for people."""
    if not demo_path().is_file():
        raise UnusableSourceError(
            "The bundled demo clip is missing; install AdaFuse Live again, or give a video file."
        )
    clip = VideoFile(demo_path())
    clip.name = "Demo clip"
    return clip


class SourceOpener:
    """Opens the same source as often as needed; the first one early, so that it can be checked.

    An instance is a source factory for `app.live.feed.Feed`.

    Attributes:
        name: Name of the source, for people.
        live: Whether it is a camera, whose frames come at their own pace.
        camera: The camera; None for a file.
        recorded: The header of a recording; None for any other source.
    """

    def __init__(self, open_source: Callable[[], FrameSource]) -> None:
        """Open the source for the first time.

        Args:
            open_source: Opens it.

        Raises:
            SourceError: It cannot be opened.
        """
        self._open_source = open_source
        opened = open_source()
        self.name = opened.name
        self.live = opened.live
        self.camera = opened.device if isinstance(opened, Camera) else None
        self.recorded = opened.header if isinstance(opened, Replay) else None
        self._opened: FrameSource | None = opened

    @classmethod
    def of(cls, source: str | CameraDevice) -> SourceOpener:
        """Return an opener for a path, `DEMO` or a camera.

        Raises:
            SourceError: It cannot be opened.
        """
        if isinstance(source, CameraDevice):
            return cls(camera_opener(source))
        return cls(partial(open_file, source))

    def __call__(self) -> FrameSource:
        """Return the source that is open already, or open it again; a camera is watched."""
        opened, self._opened = self._opened, None
        source = opened or self._open_source()
        return WatchedSource(source) if source.live else source

    def close(self) -> None:
        """Release a source that was opened but never used."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
