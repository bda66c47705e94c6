"""Opens a connection to an X display, without two faults of python-xlib."""

from __future__ import annotations

from Xlib.display import Display
from Xlib.error import ConnectionClosedError, DisplayError, XauthError, XError, xerror_class

from app.process.display import x11_answers

GONE = (ConnectionClosedError, DisplayError, XauthError, XError, OSError)
"""What Xlib raises when the server has gone: its own errors, or that of the socket."""


def open_x_display(name: str) -> Display | None:
    """Return a connection to a display; None if it does not answer.

    Args:
        name: The display, such as ":0".
    """
    # Checked first, since Xlib leaves its sockets open when it fails to connect.
    if not x11_answers(name):
        return None
    try:
        display = Display(name)
    except GONE:
        return None
    # Its RANDR module takes the codes of BadValue and others for errors of its own, which then
    # arrive as AttributeError.
    for code, error in xerror_class.items():
        display.extension_add_error(code, error)
    return display
