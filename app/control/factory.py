"""Opens the control that the command line asks for."""

from __future__ import annotations

import logging

import msgspec

from app.control.arming import Cause
from app.control.controller import Controller
from app.control.mode import ControlMode
from app.control.senders.base import DryRun, KeySender, SendError
from app.control.senders.choosing import open_sender
from app.control.settings import ControlSettings

log = logging.getLogger(__name__)


def open_controller(
    mode: ControlMode, settings: ControlSettings, profile: str | None, *, in_window: bool
) -> Controller:
    """Return a control that is disarmed.

    Only a dry run without a window is armed from the start: nobody could arm it, and nothing is
    sent.

    Args:
        mode: Whether keys go out; not `ControlMode.OFF`.
        settings: What people chose.
        profile: Name of the profile for this run; None takes that of the settings.
        in_window: Whether there is a window to arm it from.

    Raises:
        SendError: Keys were asked for and cannot be had.
    """
    if profile is not None:
        settings = msgspec.structs.replace(settings, profile=profile)
    controller = Controller(_sender(mode), settings)
    if in_window:
        return controller
    if mode is ControlMode.DRY_RUN:
        controller.arm(Cause.DRY_RUN)
    elif not settings.arm_gesture:
        log.warning(
            "Without a window only a gesture that is held can arm the control, and none is chosen: "
            "set arm_gesture in the settings, or run with a window."
        )
    return controller


def _sender(mode: ControlMode) -> KeySender:
    if mode is ControlMode.DRY_RUN:
        return DryRun()
    try:
        return open_sender()
    except SendError as error:
        if mode is ControlMode.KEYS:
            raise
        return DryRun(str(error))
