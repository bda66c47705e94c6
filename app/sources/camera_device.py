"""The identity of a camera, for people, the settings and the system; needs no OpenCV."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

LARGEST_PX = 16_384
"""No camera has wider or higher pictures, in pixels."""


class Resolution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A size of pictures, in pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        """Reject sizes that no camera has."""
        if not (0 < self.width <= LARGEST_PX and 0 < self.height <= LARGEST_PX):
            raise ValueError(f"a resolution must be 1 to {LARGEST_PX} pixels each way, not {self}")

    def __str__(self) -> str:
        """Return it for people, as in "640 × 480"."""
        return f"{self.width} × {self.height}"


USUAL_RESOLUTIONS = (
    Resolution(640, 360),
    Resolution(640, 480),
    Resolution(1280, 720),
    Resolution(1920, 1080),
)
"""Sizes that most cameras support; any other camera gives the nearest that it has."""


class CameraDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A camera: what identifies it from run to run, and how to open it now.

    The index depends on the ports and on what else is connected, so it never identifies a camera
    that has a name.

    Attributes:
        name: Its name for people; empty if the system does not list it, and then only the index is
            known.
        vendor: USB vendor ID, if the system reports it.
        product: USB product ID, if the system reports it.
        path: Where the system has it, such as "/dev/video0"; distinguishes two of the same kind.
        index: Its index for OpenCV and `--camera` when it was last seen.
        resolution: Size of pictures to ask it for; None leaves it to the camera.
    """

    name: str
    vendor: int | None = None
    product: int | None = None
    path: str = ""
    index: int = 0
    resolution: Resolution | None = None

    @property
    def title(self) -> str:
        """What people call the source that shows it."""
        return f"Camera {self}"

    def __str__(self) -> str:
        """Return index and name, as in "0 (HD Webcam)"."""
        return f"{self.index} ({self.name})" if self.name else str(self.index)

    def at(self, resolution: Resolution | None) -> CameraDevice:
        """Return the same camera, to be asked for another size of pictures."""
        return msgspec.structs.replace(self, resolution=resolution)

    def among(self, connected: Iterable[CameraDevice]) -> CameraDevice | None:
        """Return this camera as it is connected now; None if it is not.

        Of several of the same kind it is the one at the same path, else the one with the same
        index, else the first.
        """
        same = [device for device in connected if self._is(device)]
        if not same:
            return None
        found = min(same, key=lambda each: (each.path != self.path, each.index != self.index))
        return found.at(self.resolution)

    def _is(self, other: CameraDevice) -> bool:
        """Return whether `other` is a camera of this kind, or has this index if that is all."""
        if not self.name:
            return other.index == self.index
        return (other.name, other.vendor, other.product) == (self.name, self.vendor, self.product)
