"""A program that knows XKB, as viewers do, and tells which symbols its keys give."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

from tests.app.fakes import wait_until

_TOOLS = ("Xvfb", "setxkbmap", "xev", "stdbuf")
needs_viewer = pytest.mark.skipif(
    not all(map(shutil.which, _TOOLS)), reason=f"needs {', '.join(_TOOLS)}"
)

CAPS_LOCK = 66
"""Keycode that goes to the next of several layouts after `set_layout`."""

_ESCAPE = 9
_HELD = {X.ShiftMask: "Shift", X.ControlMask: "Ctrl"}
_PRESS = re.compile(r"KeyPress event.*?state 0x(\w+), .*?\(keysym \w+, (\w+)\)", re.DOTALL)


def set_layout(display: Display, *arguments: str, group: int = 0) -> None:
    """Give all keyboards of a display a layout, and activate one of its groups."""
    command = ["setxkbmap", "-display", display.get_display_name(), "-option", ""]
    subprocess.run([*command, "-option", "grp:caps_toggle", *arguments], check=True)
    for _ in range(group):
        tap(display, CAPS_LOCK)


def tap(display: Display, *codes: int) -> None:
    """Press keys one after the other, and let them go."""
    for code in codes:
        xtest.fake_input(display, X.KeyPress, code)
    for code in reversed(codes):
        xtest.fake_input(display, X.KeyRelease, code)
    display.sync()


class Viewer:
    """Has the keyboard and remembers what arrives."""

    def __init__(self, display: Display, output: Iterator[str]) -> None:
        self._display = display
        self._output = output

    def got(self) -> list[str]:
        """Return the keys that arrived since the last call but Escape, such as "Ctrl+b"."""
        tap(self._display, _ESCAPE)
        lines: list[str] = []
        while sum(", Escape)" in line for line in lines) < len(("pressed", "released")):
            lines.append(next(self._output))
        found = []
        for state, keysym in _PRESS.findall("".join(lines)):
            held = [name for mask, name in _HELD.items() if int(state, 16) & mask]
            found.append("+".join((*held, keysym)))
        return found[:-1]


@contextmanager
def viewer(display: Display) -> Iterator[Viewer]:
    """Run the program; it has the keyboard."""
    name = display.get_display_name()
    command = ["stdbuf", "-oL", "xev", "-display", name, "-event", "keyboard"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            wait_until(lambda: _window(display) is not None)
            window = _window(display)
            assert window is not None
            window.set_input_focus(X.RevertToParent, X.CurrentTime)
            display.sync()
            yield Viewer(display, iter(process.stdout.readline, ""))
        finally:
            process.terminate()


def _window(display: Display) -> Window | None:
    """Return the program's window once it is on the screen."""
    for window in display.screen().root.query_tree().children:
        if window.get_wm_name() == "Event Tester":
            shown = window.get_attributes().map_state == X.IsViewable
            return window if shown else None
    return None
