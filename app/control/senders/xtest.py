"""Keys on Linux with X11, through XTEST; programs cannot distinguish them from real ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from Xlib import XK, X
from Xlib.error import XError
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

from app.control.arming import Focus, FocusOwner
from app.control.keys import KeyStroke, Modifier
from app.control.senders.base import ModifierHeldError, NoSuchKeyError, SendError
from app.control.senders.spare_keys import SpareKeys
from app.control.x_display import GONE, open_x_display
from app.control.x_keyboard import SHIFTED, XKeyboard

XK.load_keysym_group("xf86")  # the volume keys

_MODIFIERS = {
    Modifier.CTRL: "Control_L",
    Modifier.ALT: "Alt_L",
    Modifier.SHIFT: "Shift_L",
    Modifier.META: "Super_L",
}
_DEEPEST = 32
"""Limit for the nesting of windows."""


class XTestSender:
    """Sends keys to the focused window of one X display."""

    sends = True

    def __init__(self, display_name: str | None = None) -> None:
        """Connect to the display.

        Args:
            display_name: Such as ":0"; None for the one in `DISPLAY`.

        Raises:
            SendError: There is no such display, or it does not support XTEST.
        """
        name = display_name or os.environ.get("DISPLAY", "")
        display = open_x_display(name)
        if display is None:
            raise _unanswered(name)
        self._display = display
        if not self._display.has_extension("XTEST"):
            self._display.close()
            raise SendError(
                "Keys cannot be sent: this X server lacks the XTEST extension; "
                "use another server, or run with --control dry-run."
            )
        # Xlib would print errors; windows that disappear during a query are normal.
        self._display.set_error_handler(lambda error, request: None)
        self._keyboard = XKeyboard(display)
        self._spare = SpareKeys(display)
        self._unused_code = self._spare.free_code()
        self._pid = os.getpid()
        self._active_window = self._display.intern_atom("_NET_ACTIVE_WINDOW")
        self._window_pid = self._display.intern_atom("_NET_WM_PID")
        self._closed = False
        self.name = f"X11 (XTEST) on {self._display.get_display_name()}"

    def send(self, stroke: KeyStroke) -> None:
        """Press and release a key.

        Raises:
            NoSuchKeyError: The keyboard has no such key, and cannot be given one.
            ModifierHeldError: Somebody holds a modifier, which would make another key of it.
            SendError: The display is gone.
        """
        try:
            codes = self._codes(stroke)
            for each in codes:
                xtest.fake_input(self._display, X.KeyPress, each)
            for each in reversed(codes):
                xtest.fake_input(self._display, X.KeyRelease, each)
            self._display.sync()
        except GONE as error:
            raise SendError(
                f"The key {stroke} could not be sent: the X display is gone ({error}); "
                "start AdaFuse Live again."
            ) from error

    def focus(self) -> Focus:
        """Return which process has the keyboard focus.

        It is ours if either the server or the window manager says so.
        """
        try:
            window = self._focused()
            active = self._active()
            pids = [self._pid_of(found) for found in (window, active) if found is not None]
        except GONE:
            return Focus()
        if self._pid in pids:
            return Focus(FocusOwner.US)
        if window is None:
            return Focus()
        pid = pids[0]
        return Focus(FocusOwner.OTHER, f"process {pid}" if pid else f"window {window.id}")

    def close(self) -> None:
        """Give borrowed keys back and close the connection."""
        if self._closed:
            return
        self._closed = True
        with suppress(*GONE):
            self._spare.give_back()
            self._display.close()

    def _codes(self, stroke: KeyStroke) -> list[int]:
        """Return the keys to press, in order.

        Raises:
            NoSuchKeyError: The keyboard has no such key, and cannot be given one.
            ModifierHeldError: Somebody holds a modifier.
        """
        self._follow_keyboard()
        state = self._keyboard.state()
        if state.held:
            raise ModifierHeldError(stroke, state.held)
        names = [_MODIFIERS[modifier] for modifier in stroke.modifiers]
        code, level = self._find(stroke.names.x11, stroke, state.group)
        if level == SHIFTED and Modifier.SHIFT not in stroke.modifiers:
            names.append(_MODIFIERS[Modifier.SHIFT])
        return [*(self._find(name, stroke, state.group)[0] for name in names), code]

    def _follow_keyboard(self) -> None:
        """Take over the layout in which the next key will be understood.

        XTEST has a keyboard of its own, whose layout becomes the display's when it is used, as
        that of any other keyboard does. Letting go of a key that nobody has pressed is enough.
        """
        if self._unused_code is not None:
            xtest.fake_input(self._display, X.KeyRelease, self._unused_code)
        self._display.sync()
        while self._display.pending_events():
            self._keyboard.follow(self._display.next_event())

    def _find(self, name: str, stroke: KeyStroke, group: int) -> tuple[int, int]:
        """Return the keycode for a symbol and its level, 0 or `SHIFTED`.

        Raises:
            NoSuchKeyError: The layout has no such key, and no keycode is left for one.
        """
        keysym = XK.string_to_keysym(name)
        found = self._keyboard.find(keysym, group)
        if found is None and (spare := self._spare.code_for(keysym)) is not None:
            found = spare, 0
        if found is None:
            raise NoSuchKeyError(stroke)
        return found

    def _focused(self) -> Window | None:
        """Return the focused window."""
        focus = self._display.get_input_focus().focus
        if focus == X.NONE:
            return None
        if focus != X.PointerRoot:
            return focus
        # Without a window manager: the window under the pointer.
        window = self._display.screen().root
        for _ in range(_DEEPEST):
            child = window.query_pointer().child
            if child == X.NONE:
                break
            window = child
        return window

    def _active(self) -> Window | None:
        """Return the window that the window manager calls active; None without one."""
        root = self._display.screen().root
        found = root.get_full_property(self._active_window, X.AnyPropertyType)
        if found is None or not found.value or not found.value[0]:
            return None
        return self._display.create_resource_object("window", found.value[0])

    def _pid_of(self, window: Window) -> int:
        """Return the process of a window or of one of its ancestors; 0 if unknown."""
        for each in self._with_ancestors(window):
            with suppress(XError):
                found = each.get_full_property(self._window_pid, X.AnyPropertyType)
                if found is not None and len(found.value):
                    return int(found.value[0])
        return 0

    def _with_ancestors(self, window: Window) -> Iterator[Window]:
        for _ in range(_DEEPEST):
            yield window
            try:
                parent = window.query_tree().parent
            except XError:
                return
            if parent == X.NONE:
                return
            window = parent


def _unanswered(display_name: str) -> SendError:
    return SendError(
        f"Keys cannot be sent: the X display '{display_name}' does not respond; "
        "check DISPLAY, or run with --control dry-run."
    )
