"""Chooses the sender that works on this machine."""

from __future__ import annotations

import os
import sys

from app.control.senders.base import KeySender, SendError


def open_sender() -> KeySender:
    """Return a sender that works here.

    Raises:
        SendError: No sender works; the sentence says why and what to do.
    """
    if sys.platform in ("win32", "darwin"):
        from app.control.senders.pynput_keys import PynputSender

        return PynputSender()
    if os.environ.get("WAYLAND_DISPLAY"):
        from app.control.senders.uinput import UInputSender

        return UInputSender()
    if os.environ.get("DISPLAY"):
        return _xtest()
    raise SendError(
        "Keys cannot be sent: there is no display to send them to; "
        "set DISPLAY, or run with --control dry-run."
    )


def _xtest() -> KeySender:
    try:
        from app.control.senders.xtest import XTestSender
    except ImportError as error:
        raise SendError(
            "Keys cannot be sent: the Python package python-xlib is missing; install it with "
            "'python -m pip install python-xlib', or run with --control dry-run."
        ) from error
    return XTestSender()
