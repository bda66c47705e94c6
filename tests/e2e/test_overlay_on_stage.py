"""The overlay over a slide show under a real window manager: the keys stay with the slides."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from Xlib import XK, X, Xatom
from Xlib.display import Display
from Xlib.error import BadWindow
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

from tests.e2e.slide_viewer import TITLE
from tests.e2e.test_slide_control import ROOT, process, wait_for
from tests.x_server import needs_x_server, x_server

OVERLAY = "AdaFuse Live on stage"

pytestmark = [
    needs_x_server,
    pytest.mark.skipif(not shutil.which("openbox"), reason="needs a window manager"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is for Linux here"),
]


@contextmanager
def window_manager(display: str, home: Path) -> Iterator[None]:
    environment = os.environ | {"DISPLAY": display, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL) as started:
        try:
            # It gives the keyboard to windows that come after it, not to those it finds.
            client = Display(display)
            wait_for(lambda: manages(client), "there is no window manager")
            client.close()
            yield
        finally:
            started.terminate()
            started.wait(timeout=10)


def manages(client: Display) -> bool:
    """Say whether a window manager looks after the screen."""
    check = client.intern_atom("_NET_SUPPORTING_WM_CHECK")
    return client.screen().root.get_full_property(check, Xatom.WINDOW) is not None


def managed(client: Display, title: str) -> Window | None:
    """Return the window of that title which the window manager knows."""
    root = client.screen().root
    listed = root.get_full_property(client.intern_atom("_NET_CLIENT_LIST"), Xatom.WINDOW)
    name = client.intern_atom("_NET_WM_NAME")
    for number in () if listed is None else listed.value:
        window = client.create_resource_object("window", number)
        with suppress(BadWindow):  # some live for a moment only
            if window.get_full_text_property(name) == title:
                return window
    return None


def active(client: Display) -> int:
    found = client.screen().root.get_full_property(
        client.intern_atom("_NET_ACTIVE_WINDOW"), Xatom.WINDOW
    )
    return 0 if found is None or not found.value else int(found.value[0])


def states(client: Display, window: Window) -> set[str]:
    found = window.get_full_property(client.intern_atom("_NET_WM_STATE"), Xatom.ATOM)
    return set() if found is None else {client.get_atom_name(atom) for atom in found.value}


def press(client: Display, *names: str) -> None:
    codes = [client.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
    for code in codes:
        xtest.fake_input(client, X.KeyPress, code)
    for code in reversed(codes):
        xtest.fake_input(client, X.KeyRelease, code)
    client.sync()


def place_of(client: Display, window: Window) -> tuple[int, int]:
    """Return where a window is on the screen."""
    place = window.translate_coords(client.screen().root, 0, 0)
    return -place.x, -place.y


def mouse(client: Display, window: Window, *way: tuple[int, int]) -> None:
    """Press the mouse at the first place in a window and let it go at the last."""
    left, top = place_of(client, window)
    for number, (x, y) in enumerate(way):
        xtest.fake_input(client, X.MotionNotify, x=left + x, y=top + y)
        client.sync()
        if number == 0:
            xtest.fake_input(client, X.ButtonPress, 1)
        time.sleep(0.05)
    xtest.fake_input(client, X.ButtonRelease, 1)
    client.sync()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_the_slides_keep_the_keyboard_below_the_overlay(tmp_path: Path) -> None:
    slides_log, app_log = tmp_path / "slides.log", tmp_path / "app.log"
    with (
        x_server() as display,
        window_manager(display, tmp_path),
        process(ROOT / "tests/e2e/slide_viewer.py", slides_log, display=display, home=tmp_path),
    ):
        client = Display(display)
        slides = wait_for(lambda: managed(client, TITLE), "there are no slides")
        wait_for(lambda: active(client) == slides.id, "the slides do not get the keyboard")
        with process(ROOT / "tests/e2e/overlay_app.py", app_log, display=display, home=tmp_path):
            overlay = wait_for(lambda: managed(client, OVERLAY), "there is no overlay")
            wait_for(lambda: "_NET_WM_STATE_ABOVE" in states(client, overlay), "it is not above")

            press(client, "Next")
            wait_for(lambda: lines(slides_log) == ["Key_PageDown 2"], "no key reached the slides")
            left, top = place_of(client, overlay)
            mouse(client, overlay, (100, 100), (90, 95), (60, 80), (20, 50))
            wait_for(
                lambda: left - 90 < place_of(client, overlay)[0] < left - 60, "it does not move"
            )
            assert place_of(client, overlay)[1] < top - 30
            press(client, "Next")
            wait_for(lambda: len(lines(slides_log)) == 2, "a click took the keyboard")
            assert active(client) == slides.id
            assert [line for line in lines(app_log) if line.startswith("key")] == []

            press(client, "Control_L", "Shift_L", "o")
            wait_for(lambda: "window shown" in lines(app_log), "the hotkey does not lead back")
            wait_for(lambda: managed(client, OVERLAY) is None, "the overlay stays")
        client.close()
