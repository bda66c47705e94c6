"""A hotkey that is grabbed on the X server and polled."""

from __future__ import annotations

import logging
from contextlib import suppress

from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import CatchError, ConnectionClosedError, DisplayError, XauthError

from app.process.display import x11_answers

log = logging.getLogger(__name__)

_GONE = (ConnectionClosedError, DisplayError, XauthError, OSError)
_HELD = X.ControlMask | X.ShiftMask
# To the server Num Lock and Caps Lock are modifiers; they must not matter.
_LOCKS = (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask)


class XHotkey:
    """Ctrl, Shift and a letter, for a whole X display."""

    def __init__(self, display: Display) -> None:
        """Take over a connection that has grabbed the key."""
        self._display = display
        self._closed = False

    def pressed(self) -> bool:
        """Return whether it was pressed since the last call."""
        found = False
        with suppress(*_GONE):
            while not self._closed and self._display.pending_events():
                found |= self._display.next_event().type == X.KeyPress
        return found

    def close(self) -> None:
        """Close the connection; the server then releases the key."""
        if not self._closed:
            self._closed = True
            with suppress(*_GONE):
                self._display.close()


def open_x_hotkey(display_name: str, letter: str = "a") -> XHotkey | None:
    """Return the hotkey of a display; None if it does not answer or another program has the key.

    Args:
        display_name: The display, such as ":0".
        letter: The lower-case letter that Ctrl and Shift are held with.
    """
    if not x11_answers(display_name):
        return None
    try:
        display = Display(display_name)
        refused = CatchError()
        code = display.keysym_to_keycode(XK.string_to_keysym(letter))
        for locks in _LOCKS:
            display.screen().root.grab_key(
                code, _HELD | locks, False, X.GrabModeAsync, X.GrabModeAsync, onerror=refused
            )
        display.sync()
    except _GONE as error:
        log.debug("no hotkey: %s", error)
        return None
    if refused.get_error() is not None:
        log.debug("no hotkey: another program has it")
        display.close()
        return None
    return XHotkey(display)
