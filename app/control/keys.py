"""Keys by their names for people, with their names on every platform."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Modifier(StrEnum):
    """A key that is held while another is pressed, in the order in which they are written."""

    CTRL = "Ctrl"
    ALT = "Alt"
    SHIFT = "Shift"
    META = "Meta"
    """The Windows key, Super on Linux, Command on macOS."""


@dataclass(frozen=True)
class KeyNames:
    """The names of one key on every platform.

    Attributes:
        x11: Name of its keysym, without "XK_".
        pynput: Name in `pynput.keyboard.Key`, or the character itself.
        evdev: Name of its code in the kernel's `input-event-codes.h`.
    """

    x11: str
    pynput: str
    evdev: str


def _table() -> dict[str, KeyNames]:
    special = {
        "PageDown": KeyNames("Next", "page_down", "KEY_PAGEDOWN"),
        "PageUp": KeyNames("Prior", "page_up", "KEY_PAGEUP"),
        "Home": KeyNames("Home", "home", "KEY_HOME"),
        "End": KeyNames("End", "end", "KEY_END"),
        "Left": KeyNames("Left", "left", "KEY_LEFT"),
        "Right": KeyNames("Right", "right", "KEY_RIGHT"),
        "Up": KeyNames("Up", "up", "KEY_UP"),
        "Down": KeyNames("Down", "down", "KEY_DOWN"),
        "Esc": KeyNames("Escape", "esc", "KEY_ESC"),
        "Enter": KeyNames("Return", "enter", "KEY_ENTER"),
        "Space": KeyNames("space", "space", "KEY_SPACE"),
        "Tab": KeyNames("Tab", "tab", "KEY_TAB"),
        "Backspace": KeyNames("BackSpace", "backspace", "KEY_BACKSPACE"),
        "Delete": KeyNames("Delete", "delete", "KEY_DELETE"),
        "VolumeUp": KeyNames("XF86_AudioRaiseVolume", "media_volume_up", "KEY_VOLUMEUP"),
        "VolumeDown": KeyNames("XF86_AudioLowerVolume", "media_volume_down", "KEY_VOLUMEDOWN"),
        "VolumeMute": KeyNames("XF86_AudioMute", "media_volume_mute", "KEY_MUTE"),
        ".": KeyNames("period", ".", "KEY_DOT"),
        ",": KeyNames("comma", ",", "KEY_COMMA"),
        "-": KeyNames("minus", "-", "KEY_MINUS"),
        "=": KeyNames("equal", "=", "KEY_EQUAL"),
        "/": KeyNames("slash", "/", "KEY_SLASH"),
    }
    functions = {f"F{n}": KeyNames(f"F{n}", f"f{n}", f"KEY_F{n}") for n in range(1, 13)}
    letters = {
        letter: KeyNames(letter.lower(), letter.lower(), f"KEY_{letter}")
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    }
    digits = {digit: KeyNames(digit, digit, f"KEY_{digit}") for digit in "0123456789"}
    return special | functions | letters | digits


KEYS = _table()
"""Every key that can be sent, by the name that is shown and stored."""

_KEYS_BY_LOWER_CASE = {name.lower(): name for name in KEYS}
_MODIFIERS_BY_LOWER_CASE = {modifier.lower(): modifier for modifier in Modifier}


@dataclass(frozen=True)
class KeyStroke:
    """One press of a key, with modifiers held.

    Attributes:
        key: One of `KEYS`.
        modifiers: The modifiers, each at most once, in the order of `Modifier`.
    """

    key: str
    modifiers: tuple[Modifier, ...] = ()

    @staticmethod
    def parse(text: str) -> KeyStroke:
        """Parse a key such as "PageDown" or "Ctrl+Shift+F5", in upper or lower case.

        Raises:
            ValueError: There is no such key; the message is one sentence.
        """
        *held, last = (part.strip().lower() for part in text.split("+"))
        key = _KEYS_BY_LOWER_CASE.get(last)
        modifiers = [_MODIFIERS_BY_LOWER_CASE.get(name) for name in held]
        if key is None or None in modifiers:
            raise ValueError(
                f"'{text}' is not a key; write one such as PageDown, B or Ctrl+Shift+F5; "
                f"the modifiers are {', '.join(Modifier)}"
            )
        return KeyStroke(key, tuple(modifier for modifier in Modifier if modifier in modifiers))

    @property
    def names(self) -> KeyNames:
        """The names of `key` on every platform."""
        return KEYS[self.key]

    def __str__(self) -> str:
        return "+".join((*self.modifiers, self.key))
