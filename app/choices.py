"""What people choose to see and to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.sources.resolution import Resolution
from models import DEFAULT_MODEL

if TYPE_CHECKING:  # OpenCV is not needed to choose a model
    from app.sources.camera import CameraDevice


@dataclass(frozen=True)
class ModelChoice:
    """A model and what is to run it.

    Attributes:
        model: Folder of a bundle, or `DEFAULT_MODEL`.
        engine: One of `models.engines.ENGINE_KINDS`.
    """

    model: str = DEFAULT_MODEL
    engine: str = "auto"

    @property
    def title(self) -> str:
        """The model for people."""
        if self.model == DEFAULT_MODEL:
            return "the bundled model"
        return Path(self.model).name or self.model


@dataclass(frozen=True)
class CameraChoice:
    """A camera and how many pixels to ask it for.

    Attributes:
        index: Its number now.
        device: The camera, if the system lists it.
        resolution: Size to ask for; None leaves it to the camera.
    """

    index: int
    device: CameraDevice | None = None
    resolution: Resolution | None = None

    @property
    def title(self) -> str:
        """The camera for people."""
        return f"Camera {self.index}" if self.device is None else self.device.title
