"""Keys on Linux with Wayland: a virtual keyboard in the kernel, since Wayland has no other way.

The kernel knows positions on a keyboard, not letters: B is the key that is B on a US keyboard.
"""

from __future__ import annotations

from types import ModuleType

from app.control.arming import Focus
from app.control.keys import KEYS, KeyStroke, Modifier
from app.control.senders.base import SendError

DEVICE_NAME = "AdaFuse Live keys"

_MODIFIERS = {
    Modifier.CTRL: "KEY_LEFTCTRL",
    Modifier.ALT: "KEY_LEFTALT",
    Modifier.SHIFT: "KEY_LEFTSHIFT",
    Modifier.META: "KEY_LEFTMETA",
}
_PRESSED, _RELEASED = 1, 0


class UInputSender:
    """Sends keys as a keyboard would; the desktop passes them to the focused window."""

    sends = True
    name = "Wayland (uinput)"

    def __init__(self) -> None:
        """Create the virtual keyboard.

        Raises:
            SendError: evdev is missing, or there is no permission to use /dev/uinput.
        """
        self._evdev = _evdev()
        self._codes = self._evdev.ecodes.ecodes
        names = [*_MODIFIERS.values(), *(key.evdev for key in KEYS.values())]
        try:
            self._device = self._evdev.UInput(
                {self._evdev.ecodes.EV_KEY: [self._codes[name] for name in names]},
                name=DEVICE_NAME,
            )
        except (OSError, self._evdev.UInputError) as error:
            raise SendError(
                "Keys cannot be sent: there is no permission to use /dev/uinput; install the udev "
                "rule of docs/control.md and log in again, or run with --control dry-run."
            ) from error
        self._closed = False

    def send(self, stroke: KeyStroke) -> None:
        """Press and release a key.

        Raises:
            SendError: The device is gone.
        """
        names = [*(_MODIFIERS[modifier] for modifier in stroke.modifiers), stroke.names.evdev]
        codes = [self._codes[name] for name in names]
        try:
            for code in codes:
                self._write(code, _PRESSED)
            for code in reversed(codes):
                self._write(code, _RELEASED)
        except OSError as error:
            raise SendError(
                f"The key {stroke} could not be sent ({error.strerror}); start AdaFuse Live again."
            ) from error

    def focus(self) -> Focus:
        """Return that the focus is unknown: Wayland does not report other programs' windows."""
        return Focus()

    def close(self) -> None:
        """Remove the virtual keyboard."""
        if not self._closed:
            self._closed = True
            self._device.close()

    def _write(self, code: int, value: int) -> None:
        self._device.write(self._evdev.ecodes.EV_KEY, code, value)
        self._device.syn()


def _evdev() -> ModuleType:
    try:
        import evdev
    except ImportError as error:
        raise SendError(
            "Keys cannot be sent on Wayland without the Python package evdev; install it with "
            "'python -m pip install -e .[wayland]' (it needs a C compiler and the kernel's "
            "headers), or run with --control dry-run."
        ) from error
    return evdev  # type: ignore[no-any-return]  # evdev has no types
