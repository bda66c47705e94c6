"""The hotkey on keyboards of other languages."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from Xlib import XK
from Xlib.display import Display

from app.control.keys import KeyStroke
from app.control.senders.xtest import XTestSender
from app.control.x_hotkey import XHotkey, open_x_hotkey
from tests.app.control.x_viewer import CAPS_LOCK, needs_viewer, set_layout, tap, viewer
from tests.app.fakes import wait_until
from tests.x_server import x_server

pytestmark = [
    needs_viewer,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is for Linux here"),
]

CTRL, SHIFT = 37, 50
Q, A, T, RIGHT = 24, 38, 28, 114  # as on a US keyboard


@pytest.fixture
def client() -> Iterator[Display]:
    """Another program's connection to an X server of the test's own."""
    with x_server() as name:
        display = Display(name)
        yield display
        display.close()


def open_hotkey(client: Display) -> XHotkey:
    hotkey = open_x_hotkey(client.get_display_name())
    assert hotkey is not None
    return hotkey


def arming(client: Display, hotkey: XHotkey) -> list[int]:
    """Return which of some keys arm with Ctrl and Shift; the others must reach a program."""
    with viewer(client) as program:
        armed = []
        for code in (Q, A, T, RIGHT):
            tap(client, CTRL, SHIFT, code)
            arrived = len(program.got()) > 2
            pressed = hotkey.pressed()
            assert arrived != pressed
            armed += [code] if pressed else []
        return armed


@pytest.mark.parametrize(
    ("layout", "code"), [("us", A), ("ru", A), ("gr", A), ("il", A), ("fr", Q), ("ru,fr", Q)]
)
def test_it_is_one_key_on_every_keyboard(client: Display, layout: str, code: int) -> None:
    set_layout(client, layout)
    hotkey = open_hotkey(client)
    assert arming(client, hotkey) == [code]
    hotkey.close()


def test_where_the_keys_are_numbered_otherwise_no_key_is_taken(client: Display) -> None:
    set_layout(client, "ru")
    for code, keysym in ((36, XK.XK_F35), (40, XK.XK_Return)):
        client.change_keyboard_mapping(code, [[keysym]])
    client.sync()
    hotkey = open_hotkey(client)
    assert arming(client, hotkey) == []
    hotkey.close()


def test_it_follows_the_layout(client: Display) -> None:
    set_layout(client, "us,fr")
    hotkey = open_hotkey(client)

    def arms(code: int) -> bool:
        tap(client, CTRL, SHIFT, code)
        client.sync()
        return hotkey.pressed()

    assert arms(A)
    tap(client, CAPS_LOCK)
    wait_until(lambda: arms(Q))
    assert not arms(A)
    set_layout(client, "us")
    wait_until(lambda: arms(A))
    assert not arms(Q)
    hotkey.close()


def test_it_stays_where_it_is_when_a_letter_is_borrowed(client: Display) -> None:
    set_layout(client, "ru")
    hotkey = open_hotkey(client)
    sender = XTestSender(client.get_display_name())
    sender.send(KeyStroke.parse("A"))
    hotkey.pressed()
    assert arming(client, hotkey) == [A]
    hotkey.close()
    sender.close()
