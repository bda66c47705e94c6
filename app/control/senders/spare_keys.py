"""Keys for symbols that a layout lacks: unused keycodes, borrowed while the app runs."""

from __future__ import annotations

from time import monotonic, sleep

from Xlib import X
from Xlib.display import Display

_SETTLE_S = 0.5
"""Programs look the symbol of a key up some time after it was pressed."""


class SpareKeys:
    """Borrows spare keycodes of a display and gives them back.

    A program reads the layout only when it gets a key. A keycode that is given back right after it
    was pressed has no symbol by then, so it is kept to the end.
    """

    def __init__(self, display: Display) -> None:
        """Borrow nothing yet.

        Args:
            display: The connection.
        """
        self._display = display
        self._borrowed: dict[int, int] = {}
        self._used_s = float("-inf")

    def code_for(self, keysym: int) -> int | None:
        """Return a keycode that gives a symbol in every layout; None if no spare one is left."""
        self._used_s = monotonic()
        for code, borrowed_for in self._borrowed.items():
            if borrowed_for == keysym and self._is_ours(code):
                return code
        spare = self.free_code()
        if spare is not None:
            self._borrowed[spare] = keysym
            # The server adds the upper case of a letter.
            self._display.change_keyboard_mapping(spare, [[keysym]])
            self._display.sync()
        return spare

    def free_code(self) -> int | None:
        """Return a keycode without any symbol; None if there is none."""
        first, last = self._display.display.info.min_keycode, self._display.display.info.max_keycode
        mapping = self._display.get_keyboard_mapping(first, last - first + 1)
        free = [first + index for index, keysyms in enumerate(mapping) if not any(keysyms)]
        return free[-1] if free else None

    def give_back(self) -> None:
        """Take the symbols off again, where nobody has changed the layout since."""
        ours = [code for code in self._borrowed if self._is_ours(code)]
        self._borrowed.clear()
        if not ours:
            return
        sleep(max(0.0, self._used_s + _SETTLE_S - monotonic()))
        for code in ours:
            self._display.change_keyboard_mapping(code, [[X.NoSymbol]])
        self._display.sync()

    def _is_ours(self, code: int) -> bool:
        """Return whether a keycode still has the symbol that it was given."""
        return bool(self._display.get_keyboard_mapping(code, 1)[0][0] == self._borrowed[code])
