"""The keyboard of an X display: which key gives a symbol in the layout of the moment.

A display has up to four layouts at once, its groups, one of which is active. The core protocol,
which is all that python-xlib knows, lists the symbols of the first two groups for certain. The
state of the pointer holds which one is active.
"""

from __future__ import annotations

from dataclasses import dataclass

from Xlib import XK, X
from Xlib.display import Display
from Xlib.protocol.rq import Event

XK.load_keysym_group("xkb")  # AltGr

SHIFTED = 1
"""Level of the symbols that need Shift."""

_LEVELS = (0, SHIFTED)
_SURE_GROUPS = 2
_FIRST_FUNCTION_SYMBOL = 0xFF00
"""From here on symbols are no characters; their keys are the same in all groups."""

_LAST_TYPING_CODE = 96
"""No key with a letter has a higher keycode. Symbols that a layout lacks are put on higher ones
(`app.control.senders.spare_keys`), which no finger reaches."""

_GROUP_SHIFT, _GROUP_MASK = 13, 0b11
"""Where the state of the keyboard holds the active group."""

_MODIFIER_NAMES = {
    "Shift": ("Shift_L", "Shift_R"),
    "Ctrl": ("Control_L", "Control_R"),
    "Alt": ("Alt_L", "Alt_R", "Meta_L", "Meta_R"),
    "AltGr": ("ISO_Level3_Shift", "ISO_Level5_Shift", "Mode_switch"),
    "Meta": ("Super_L", "Super_R", "Hyper_L", "Hyper_R"),
}
_MODIFIERS = {
    XK.string_to_keysym(key): name for name, keys in _MODIFIER_NAMES.items() for key in keys
}


@dataclass(frozen=True)
class KeyboardState:
    """What the keyboard is doing.

    Attributes:
        group: Index of the active layout, 0 to 3.
        held: The modifiers that are held or latched, for people, such as "Ctrl". Caps Lock and Num
            Lock are none.
    """

    group: int
    held: tuple[str, ...]


class XKeyboard:
    """Looks symbols up. Used by one thread, that of the display's connection."""

    def __init__(self, display: Display) -> None:
        """Take the layout as it is now.

        Args:
            display: The connection; whoever reads its events passes them to `follow`.
        """
        self._display = display
        self._modifiers = self._named_modifiers()

    def follow(self, event: Event) -> None:
        """Take another layout over if an event tells of one."""
        if event.type != X.MappingNotify:
            return
        if event.request == X.MappingKeyboard:
            self._display.refresh_keyboard_mapping(event)
        self._modifiers = self._named_modifiers()

    def state(self) -> KeyboardState:
        """Return what the keyboard is doing now."""
        mask = self._display.screen().root.query_pointer().mask
        held = dict.fromkeys(name for bit, name in self._modifiers if mask & bit)
        return KeyboardState(mask >> _GROUP_SHIFT & _GROUP_MASK, tuple(held))

    def find(self, keysym: int, group: int) -> tuple[int, int] | None:
        """Return the keycode that gives a symbol and its level, 0 or `SHIFTED`; None without one.

        Args:
            keysym: The symbol.
            group: The active group.
        """
        if group >= _SURE_GROUPS:
            if keysym < _FIRST_FUNCTION_SYMBOL:
                return None
            group = 0
        columns = _columns(group)
        found = self._display.keysym_to_keycodes(keysym)
        usable = [(columns.index(column), code) for code, column in found if column in columns]
        return min(usable)[::-1] if usable else None

    def find_for_fingers(self, keysym: int, group: int) -> int | None:
        """Return the keycode that a person presses for a symbol; None if no layout has it.

        Args:
            keysym: The symbol.
            group: The active group; another one counts where it lacks the symbol.
        """
        columns = _columns(group)
        found = [
            (column not in columns, column, code)
            for code, column in self._display.keysym_to_keycodes(keysym)
            if code <= _LAST_TYPING_CODE
        ]
        return min(found)[-1] if found else None

    def _named_modifiers(self) -> list[tuple[int, str]]:
        """Return the bits of the modifiers that can be held, with their names."""
        found = []
        for index, codes in enumerate(self._display.get_modifier_mapping()):
            keysyms = [self._display.keycode_to_keysym(code, 0) for code in codes if code]
            names = [_MODIFIERS[keysym] for keysym in keysyms if keysym in _MODIFIERS]
            found += [(1 << index, name) for name in names[:1]]
        return found


def _columns(group: int) -> list[int]:
    """Return where the list of symbols of a key has those of a group, by level."""
    return [group * len(_LEVELS) + level for level in _LEVELS]
