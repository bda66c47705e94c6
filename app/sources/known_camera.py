"""By what a camera is known from run to run: never by its number, which depends on the ports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:  # OpenCV is not needed to read the settings
    from app.sources.camera import CameraDevice


class KnownCamera(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A camera that was chosen.

    Attributes:
        name: Its name for people.
        vendor: Number of its maker, if the system tells.
        product: Number of the product, if the system tells.
        path: Where the system has it; tells two of the same kind apart.
    """

    name: str
    vendor: int | None = None
    product: int | None = None
    path: str = ""

    @classmethod
    def of(cls, device: CameraDevice) -> KnownCamera:
        """Return what to remember of a camera."""
        return cls(device.name, *device.hardware, device.path)

    def among(self, devices: Sequence[CameraDevice]) -> CameraDevice | None:
        """Return this camera among those that are connected; None if it is not."""
        same = [
            device
            for device in devices
            if (device.name, device.hardware) == (self.name, (self.vendor, self.product))
        ]
        in_place = (device for device in same if device.path == self.path)
        return next(in_place, same[0] if same else None)
