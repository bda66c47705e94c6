"""What a window starts with: the command line wins, then what was chosen in the window before."""

from __future__ import annotations

import logging
from dataclasses import replace

from app.command_line import Options
from app.settings import Settings
from app.sources.camera import connected_cameras
from app.sources.camera_device import CameraDevice
from models import DEFAULT_MODEL

RECENT = 5
"""So many models are remembered."""

log = logging.getLogger(__name__)


def usual_camera(settings: Settings) -> CameraDevice:
    """Return the camera that was chosen; the first if none was, or if it is not connected."""
    first = CameraDevice("", index=0, resolution=settings.resolution)
    if settings.camera is None:
        return first
    device = settings.camera.among(connected_cameras())
    if device is None:
        log.info("The camera %s is not connected; camera 0 is taken.", settings.camera.name)
        return first
    return device.at(settings.resolution)


def with_remembered_model(options: Options, settings: Settings) -> Options:
    """Return `options` with the model and engine that were chosen, where none are named."""
    return replace(
        options,
        model=options.model if options.model_named else settings.model,
        engine=options.engine if options.engine_named else settings.engine,
    )


def recent_models(chosen: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the models chosen lately, `chosen` first; the bundled one needs no memory."""
    names = dict.fromkeys((chosen, *before))
    return tuple(name for name in names if name != DEFAULT_MODEL)[:RECENT]
