"""A hotkey that is grabbed on the X server and polled."""

from __future__ import annotations

import logging
from contextlib import suppress
from time import monotonic

from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import CatchError

from app.control.x_display import GONE, open_x_display
from app.control.x_keyboard import XKeyboard

log = logging.getLogger(__name__)

_HELD = X.ControlMask | X.ShiftMask
# To the server Num Lock and Caps Lock are modifiers; they must not matter.
_LOCKS = (0, X.LockMask, X.Mod2Mask, X.LockMask | X.Mod2Mask)

_GROUP_INTERVAL_S = 0.5
"""Time between two looks at the active group, of which a client without XKB gets no event."""

_ROWS = {24: "qwertyuiop", 38: "asdfghjkl", 52: "zxcvbnm"}
"""The keycodes at which the rows of letters begin where the server counts as the PC does."""
_RETURN_CODE = 36
"""The keycode of Return there."""


class XHotkey:
    """Ctrl, Shift and a letter, for a whole X display, wherever the layout has the letter."""

    def __init__(self, display: Display, letter: str) -> None:
        """Grab the key, if there is one and nobody else has it.

        Args:
            display: A connection, which is taken over.
            letter: The letter, in lower case.
        """
        self._display = display
        self._keyboard = XKeyboard(display)
        self._letter = letter
        self._closed = False
        self._code: int | None = None
        self._looked_s = float("-inf")
        self.granted = self._follow_layout()
        """Whether no other program has the key."""

    def pressed(self) -> bool:
        """Return whether it was pressed since the last call."""
        found = False
        with suppress(*GONE):
            while not self._closed and self._display.pending_events():
                event = self._display.next_event()
                found |= event.type == X.KeyPress
                self._keyboard.follow(event)
                if event.type == X.MappingNotify:
                    self._looked_s = float("-inf")
            if not self._closed and monotonic() >= self._looked_s + _GROUP_INTERVAL_S:
                self._follow_layout()
        return found

    def close(self) -> None:
        """Close the connection; the server then releases the key."""
        if not self._closed:
            self._closed = True
            with suppress(*GONE):
                self._display.close()

    def _follow_layout(self) -> bool:
        """Grab the key that has the letter now, and no other; return whether it was granted."""
        self._looked_s = monotonic()
        code = self._letter_code()
        if code == self._code:
            return True
        root = self._display.screen().root
        refused = CatchError()
        for locks in _LOCKS:
            if self._code is not None:
                root.ungrab_key(self._code, _HELD | locks)
            if code is not None:
                root.grab_key(
                    code, _HELD | locks, False, X.GrabModeAsync, X.GrabModeAsync, onerror=refused
                )
        self._display.sync()
        self._code = code
        return refused.get_error() is None

    def _letter_code(self) -> int | None:
        """Return the keycode of the letter: in the active layout, another, or on a PC's keyboard.

        None if all that fails; 0 would grab every key.
        """
        keysym = XK.string_to_keysym(self._letter)
        group = self._keyboard.state().group
        return self._keyboard.find_for_fingers(keysym, group) or self._place()

    def _place(self) -> int | None:
        """Return the keycode of the key that is the letter on a US keyboard; None if unknown."""
        if self._keyboard.find_for_fingers(XK.XK_Return, 0) != _RETURN_CODE:
            return None
        row, letters = next(each for each in _ROWS.items() if self._letter in each[1])
        return row + letters.index(self._letter)


def open_x_hotkey(display_name: str, letter: str = "a") -> XHotkey | None:
    """Return the hotkey of a display; None if it does not answer or another program has the key.

    Args:
        display_name: The display, such as ":0".
        letter: The lower-case letter that Ctrl and Shift are held with.
    """
    display = open_x_display(display_name)
    if display is None:
        return None
    try:
        hotkey = XHotkey(display, letter)
    except GONE as error:
        log.debug("no hotkey: %s", error)
        return None
    if not hotkey.granted:
        log.debug("no hotkey: another program has it")
        hotkey.close()
        return None
    return hotkey
