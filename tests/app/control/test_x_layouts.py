"""Keys on keyboards of other languages, and while somebody types."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import BadValue, CatchError
from Xlib.ext import xinput, xtest

from app.control.keys import KeyStroke
from app.control.senders.base import ModifierHeldError, NoSuchKeyError
from app.control.senders.xtest import XTestSender
from app.control.x_display import open_x_display
from tests.app.control.x_viewer import CAPS_LOCK, needs_viewer, set_layout, tap, viewer
from tests.x_server import x_server

pytestmark = [
    needs_viewer,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is for Linux here"),
]

CTRL, SHIFT, ALT, ALT_GR, SUPER, NUM_LOCK = 37, 50, 64, 92, 133, 77

LAYOUTS = [
    (("us",), 0),
    (("us,ru",), 1),
    (("us,fr",), 1),
    (("us,us", "-variant", ",dvorak"), 1),
    (("ru,us",), 0),
    (("us,ru,fr",), 2),
    (("us,fr,ru,gr",), 3),
    *(((alone,), 0) for alone in ("ru", "gr", "il", "ara", "bg", "ua", "de", "fr")),
]


@pytest.fixture
def client() -> Iterator[Display]:
    """Another program's connection to an X server of the test's own."""
    with x_server() as name:
        display = Display(name)
        yield display
        display.close()


@pytest.fixture
def sender(client: Display) -> Iterator[XTestSender]:
    sender = XTestSender(client.get_display_name())
    yield sender
    sender.close()


def send(sender: XTestSender, *keys: str) -> None:
    for key in keys:
        sender.send(KeyStroke.parse(key))


def symbols(client: Display) -> list[list[int]]:
    """Return the symbols of all keys."""
    info = client.display.info
    count = info.max_keycode - info.min_keycode + 1
    return [list(each) for each in client.get_keyboard_mapping(info.min_keycode, count)]


def test_a_program_gets_the_symbols_that_are_bound_whatever_the_layout(
    client: Display, sender: XTestSender
) -> None:
    with viewer(client) as program:
        for layout, group in LAYOUTS:
            set_layout(client, *layout, group=group)
            program.got()
            send(sender, "PageDown", "B", "A", "/", "Ctrl+Shift+P", "VolumeUp")
            got = [each for each in program.got() if not each.endswith(("Control_L", "Shift_L"))]
            # In some layouts a slash needs Shift.
            assert [each.removeprefix("Shift+") for each in got] == [
                *("Next", "b", "a", "slash", "Ctrl+P", "XF86AudioRaiseVolume")
            ], layout


def test_what_a_layout_lacks_is_borrowed_once_and_given_back(client: Display) -> None:
    set_layout(client, "ru")
    before = symbols(client)
    first = XTestSender(client.get_display_name())
    send(first, "B", "A", "B")
    changed = [now for now, then in zip(symbols(client), before, strict=True) if now != then]
    assert sorted(each[0] for each in changed) == [XK.XK_a, XK.XK_b]
    with_both = symbols(client)
    second = XTestSender(client.get_display_name())
    send(second, "B")
    second.close()
    assert symbols(client) == with_both
    first.close()
    assert symbols(client) == before


def test_a_layout_that_somebody_sets_meanwhile_is_left_as_it_is(
    client: Display, sender: XTestSender
) -> None:
    set_layout(client, "ru")
    send(sender, "B")
    set_layout(client, "gr")
    greek = symbols(client)
    sender.close()
    assert symbols(client) == greek


def test_a_keyboard_without_a_spare_key_says_so_and_others_are_sent(
    client: Display, sender: XTestSender
) -> None:
    set_layout(client, "ru")
    info = client.display.info
    for code, keysyms in enumerate(symbols(client), info.min_keycode):
        if not any(keysyms):
            client.change_keyboard_mapping(code, [[XK.XK_F35]])
    client.sync()
    with viewer(client) as program:
        with pytest.raises(NoSuchKeyError, match="no key for B in its layout"):
            send(sender, "B")
        send(sender, "PageDown")
        assert program.got() == ["Next"]


def test_a_key_is_looked_up_on_the_keyboard_that_will_be_used(
    client: Display, sender: XTestSender
) -> None:
    """XTEST has a keyboard of its own; here it is American and the one of the person French."""
    set_layout(client, "fr")
    devices = client.xinput_query_device(xinput.AllDevices).devices
    (ours,) = (each.deviceid for each in devices if "XTEST keyboard" in str(each.name))
    set_layout(client, "-device", str(ours), "us")
    with viewer(client) as program:
        send(sender, "A")
        assert program.got() == ["a"]


@pytest.mark.parametrize(
    ("code", "name"),
    [(CTRL, "Ctrl"), (SHIFT, "Shift"), (ALT, "Alt"), (ALT_GR, "AltGr"), (SUPER, "Meta")],
)
def test_while_a_modifier_is_held_no_key_is_sent_and_that_is_told(
    client: Display, sender: XTestSender, code: int, name: str
) -> None:
    set_layout(client, "us")
    with viewer(client) as program:
        xtest.fake_input(client, X.KeyPress, code)
        client.sync()
        with pytest.raises(ModifierHeldError, match=f"because {name} is held"):
            send(sender, "PageDown")
        xtest.fake_input(client, X.KeyRelease, code)
        client.sync()
        send(sender, "PageDown")
        assert program.got()[1:] == ["Next"]


def test_caps_lock_and_num_lock_are_not_held(client: Display, sender: XTestSender) -> None:
    with viewer(client) as program:
        tap(client, CAPS_LOCK)
        tap(client, NUM_LOCK)
        send(sender, "PageDown")
        assert program.got() == ["Caps_Lock", "Num_Lock", "Next"]


def test_errors_of_the_server_arrive_as_what_they_are(client: Display) -> None:
    display = open_x_display(client.get_display_name())
    assert display is not None
    refused = CatchError(BadValue)
    display.screen().root.grab_key(1, 0, False, X.GrabModeAsync, X.GrabModeAsync, onerror=refused)
    display.sync()
    assert isinstance(refused.get_error(), BadValue)
    display.close()
