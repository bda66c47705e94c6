"""Keys on Windows and macOS, through pynput."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any

from app.control.arming import Focus, FocusOwner
from app.control.keys import KeyStroke, Modifier
from app.control.senders.base import NoSuchKeyError, SendError

_MODIFIERS = {
    Modifier.CTRL: "ctrl",
    Modifier.ALT: "alt",
    Modifier.SHIFT: "shift",
    Modifier.META: "cmd",
}


class PynputSender:
    """Sends keys to the program in the foreground."""

    sends = True

    def __init__(self) -> None:
        """Connect to the keyboard.

        Raises:
            SendError: pynput is missing, or macOS does not allow sending keys.
        """
        if sys.platform == "darwin":
            _check_permission()
        self._keyboard = _keyboard_module()
        self._controller = self._keyboard.Controller()
        self.name = "macOS (Quartz events)" if sys.platform == "darwin" else "Windows (SendInput)"

    def send(self, stroke: KeyStroke) -> None:
        """Press and release a key.

        Raises:
            NoSuchKeyError: The system has no such key.
            SendError: The system refuses it.
        """
        held = [getattr(self._keyboard.Key, _MODIFIERS[name]) for name in stroke.modifiers]
        key = self._key(stroke.names.pynput)
        try:
            with self._controller.pressed(*held):
                self._controller.press(key)
                self._controller.release(key)
        except self._controller.InvalidKeyException as error:
            raise NoSuchKeyError(stroke) from error
        except OSError as error:
            raise SendError(
                f"The key {stroke} could not be sent ({error}); start AdaFuse Live again."
            ) from error

    def focus(self) -> Focus:
        """Return which program is in the foreground."""
        pid = _front_process()
        if pid is None:
            return Focus()
        if pid == os.getpid():
            return Focus(FocusOwner.US)
        return Focus(FocusOwner.OTHER, f"process {pid}")

    def close(self) -> None:
        """Do nothing: nothing is held."""

    def _key(self, name: str) -> Any:
        return name if len(name) == 1 else getattr(self._keyboard.Key, name)


def _keyboard_module() -> ModuleType:
    try:
        from pynput import keyboard
    except ImportError as error:
        raise SendError(
            "Keys cannot be sent: the Python package pynput is missing; install it with "
            "'python -m pip install pynput', or run with --control dry-run."
        ) from error
    return keyboard  # type: ignore[no-any-return]  # pynput has no types


def _check_permission() -> None:
    """Check that macOS allows sending keys: without the permission they are silently dropped.

    Raises:
        SendError: It does not.
    """
    import HIServices

    if not HIServices.AXIsProcessTrusted():
        raise SendError(
            "Keys cannot be sent: macOS does not allow it yet; open System Settings, Privacy & "
            "Security, Accessibility, allow the program that you started this from (such as "
            "Terminal), and start AdaFuse Live again."
        )


def _front_process() -> int | None:
    """Return the process in the foreground; None if the system does not report it."""
    if sys.platform == "darwin":
        from AppKit import NSWorkspace

        front = NSWorkspace.sharedWorkspace().frontmostApplication()
        return None if front is None else int(front.processIdentifier())
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        pid = wintypes.DWORD()
        window = ctypes.windll.user32.GetForegroundWindow()
        if not window:
            return None
        ctypes.windll.user32.GetWindowThreadProcessId(window, ctypes.byref(pid))
        return int(pid.value) or None
    return None
