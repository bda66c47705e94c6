"""Keys on Linux with X11, through XTEST; programs cannot distinguish them from real ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError, DisplayError, XauthError, XError
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

from app.control.arming import Focus, FocusOwner
from app.control.keys import KeyStroke, Modifier
from app.control.senders.base import SendError
from app.process.display import x11_answers

XK.load_keysym_group("xf86")  # the volume keys

_MODIFIERS = {
    Modifier.CTRL: "Control_L",
    Modifier.ALT: "Alt_L",
    Modifier.SHIFT: "Shift_L",
    Modifier.META: "Super_L",
}
_SHIFTED = 1
"""Column of the keyboard mapping for symbols that need Shift."""

_DEEPEST = 32
"""Limit for the nesting of windows."""

# What Xlib raises when the server has gone: its own errors, or that of the socket.
_GONE = (ConnectionClosedError, DisplayError, XauthError, XError, OSError)


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
        # Checked first, since Xlib leaves its sockets open when it fails to connect.
        if not x11_answers(name):
            raise _unanswered(name)
        try:
            self._display = Display(name)
        except _GONE as error:
            raise _unanswered(name) from error
        if not self._display.has_extension("XTEST"):
            self._display.close()
            raise SendError(
                "Keys cannot be sent: this X server lacks the XTEST extension; "
                "use another server, or run with --control dry-run."
            )
        # Xlib would print errors; windows that disappear during a query are normal.
        self._display.set_error_handler(lambda error, request: None)
        self._pid = os.getpid()
        self._active_window = self._display.intern_atom("_NET_ACTIVE_WINDOW")
        self._window_pid = self._display.intern_atom("_NET_WM_PID")
        self._closed = False
        self.name = f"X11 (XTEST) on {self._display.get_display_name()}"

    def send(self, stroke: KeyStroke) -> None:
        """Press and release a key.

        Raises:
            SendError: The keyboard has no such key, or the display is gone.
        """
        try:
            self._follow_keyboard()
            codes = [self._keycode(_MODIFIERS[modifier])[0] for modifier in stroke.modifiers]
            code, column = self._keycode(stroke.names.x11)
            if column == _SHIFTED and Modifier.SHIFT not in stroke.modifiers:
                codes.append(self._keycode(_MODIFIERS[Modifier.SHIFT])[0])
            codes.append(code)
            for each in codes:
                xtest.fake_input(self._display, X.KeyPress, each)
            for each in reversed(codes):
                xtest.fake_input(self._display, X.KeyRelease, each)
            self._display.sync()
        except _GONE as error:
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
        except _GONE:
            return Focus()
        if self._pid in pids:
            return Focus(FocusOwner.US)
        if window is None:
            return Focus()
        pid = pids[0]
        return Focus(FocusOwner.OTHER, f"process {pid}" if pid else f"window {window.id}")

    def close(self) -> None:
        """Close the connection."""
        if self._closed:
            return
        self._closed = True
        with suppress(*_GONE):
            self._display.close()

    def _follow_keyboard(self) -> None:
        """Update the keyboard mapping if it has changed since the last key."""
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == X.MappingNotify:
                self._display.refresh_keyboard_mapping(event)

    def _keycode(self, keysym_name: str) -> tuple[int, int]:
        """Return the keycode for a symbol, and its column: 0 alone, 1 with Shift.

        Raises:
            SendError: The layout has no such key.
        """
        found = self._display.keysym_to_keycodes(XK.string_to_keysym(keysym_name))
        usable = [(column, code) for code, column in found if column <= _SHIFTED]
        if not usable:
            raise SendError(
                f"The keyboard has no key for {keysym_name} in its layout; "
                "bind the gesture to another key."
            )
        column, code = min(usable)
        return code, column

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
