"""Real keys on a real X server."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
from Xlib import XK, X, Xatom
from Xlib.display import Display
from Xlib.xobject.drawable import Window

from app.control.arming import Focus, FocusOwner
from app.control.keys import KEYS, KeyStroke
from app.control.senders.base import SendError
from app.control.senders.choosing import open_sender
from app.control.senders.xtest import XTestSender
from app.control.x_hotkey import open_x_hotkey
from tests.app.fakes import wait_until
from tests.x_server import needs_x_server, x_server

pytestmark = [
    needs_x_server,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is for Linux here"),
]


@pytest.fixture(scope="module")
def display_name() -> Iterator[str]:
    with x_server() as name:
        yield name


@pytest.fixture
def sender(display_name: str) -> Iterator[XTestSender]:
    sender = XTestSender(display_name)
    yield sender
    sender.close()
    sender.close()


@pytest.fixture
def client(display_name: str) -> Iterator[Display]:
    """Another program's connection."""
    display = Display(display_name)
    yield display
    display.close()


def open_window(client: Display, parent: Window | None = None, pid: int | None = None) -> Window:
    """Return a window that has the keyboard."""
    parent = parent or client.screen().root
    window = parent.create_window(0, 0, 200, 100, 0, X.CopyFromParent, event_mask=X.KeyPressMask)
    if pid is not None:
        window.change_property(client.intern_atom("_NET_WM_PID"), Xatom.CARDINAL, 32, [pid])
    window.map()
    client.sync()
    window.set_input_focus(X.RevertToParent, X.CurrentTime)
    client.sync()
    return window


def pressed(client: Display) -> list[tuple[str, int]]:
    """Return the keys that arrived, with the modifiers that were held."""
    client.sync()
    names = {XK.string_to_keysym(key.x11): name for name, key in KEYS.items()}
    names |= {XK.string_to_keysym(name): name for name in ("Control_L", "Shift_L")}
    found = []
    while client.pending_events():
        event = client.next_event()
        if event.type == X.KeyPress:
            found.append((names[client.keycode_to_keysym(event.detail, 0)], event.state))
    return found


def test_a_key_arrives_where_the_keyboard_is(client: Display, sender: XTestSender) -> None:
    open_window(client)
    for text in ("PageDown", "PageUp", "B", "VolumeUp"):
        sender.send(KeyStroke.parse(text))
    names = [name for name, _ in pressed(client)]
    assert names == ["PageDown", "PageUp", "B", "VolumeUp"]


def test_what_is_held_is_held_and_let_go(client: Display, sender: XTestSender) -> None:
    open_window(client)
    sender.send(KeyStroke.parse("Ctrl+Shift+F5"))
    sender.send(KeyStroke.parse("B"))
    found = pressed(client)
    assert [name for name, _ in found] == ["Control_L", "Shift_L", "F5", "B"]
    assert [state & (X.ControlMask | X.ShiftMask) for _, state in found] == [
        0,
        X.ControlMask,
        X.ControlMask | X.ShiftMask,
        0,
    ]


def test_this_keyboard_has_every_key_that_can_be_bound(
    client: Display, sender: XTestSender
) -> None:
    open_window(client)
    for name in KEYS:
        sender.send(KeyStroke(name))
    assert len(pressed(client)) >= len(KEYS)


def test_it_knows_our_own_window_and_those_of_others(client: Display, sender: XTestSender) -> None:
    stranger = open_window(client)
    assert sender.focus() == Focus(FocusOwner.OTHER, f"window {stranger.id}")
    slides = open_window(client, pid=1)
    assert sender.focus() == Focus(FocusOwner.OTHER, "process 1")
    open_window(client, parent=slides)  # a field within the window
    assert sender.focus() == Focus(FocusOwner.OTHER, "process 1")
    ours = open_window(client, pid=os.getpid())
    assert sender.focus() == Focus(FocusOwner.US)
    open_window(client, parent=ours)
    assert sender.focus() == Focus(FocusOwner.US)


def test_what_the_window_manager_calls_active_counts_as_well(
    client: Display, sender: XTestSender
) -> None:
    ours = open_window(client, pid=os.getpid())
    open_window(client, pid=1)
    root, atom = client.screen().root, client.intern_atom("_NET_ACTIVE_WINDOW")
    root.change_property(atom, Xatom.WINDOW, 32, [ours.id])
    client.sync()
    try:
        assert sender.focus() == Focus(FocusOwner.US)
    finally:
        root.delete_property(atom)
        client.sync()


def test_without_a_window_manager_the_window_under_the_pointer_counts(
    client: Display, sender: XTestSender
) -> None:
    open_window(client, pid=1)
    client.screen().root.warp_pointer(50, 50)
    client.set_input_focus(X.PointerRoot, X.RevertToParent, X.CurrentTime)
    client.sync()
    assert sender.focus() == Focus(FocusOwner.OTHER, "process 1")


def test_a_window_that_is_gone_is_nobody(client: Display, sender: XTestSender) -> None:
    window = open_window(client, pid=1)
    window.destroy()
    client.sync()
    assert sender.focus().owner is not FocusOwner.US


def test_the_hotkey_works_while_another_program_has_the_keyboard(
    client: Display, sender: XTestSender, display_name: str
) -> None:
    open_window(client, pid=1)
    hotkey = open_x_hotkey(display_name)
    assert hotkey is not None
    assert not hotkey.pressed()
    sender.send(KeyStroke.parse("Ctrl+Shift+A"))
    wait_until(hotkey.pressed)
    assert not hotkey.pressed()
    sender.send(KeyStroke.parse("A"))
    assert not hotkey.pressed()
    assert open_x_hotkey(display_name) is None  # somebody has it: us
    hotkey.close()
    hotkey.close()
    again = open_x_hotkey(display_name)
    assert again is not None
    again.close()


def test_without_a_server_there_is_no_hotkey() -> None:
    assert open_x_hotkey(":987") is None


def test_a_server_that_goes_away_is_one_sentence() -> None:
    with x_server() as name:
        sender = XTestSender(name)
    with pytest.raises(SendError, match="X display is gone"):
        sender.send(KeyStroke.parse("B"))
    assert sender.focus() == Focus()
    sender.close()


def test_a_display_that_does_not_answer_is_one_sentence() -> None:
    with pytest.raises(SendError, match="does not respond"):
        XTestSender(":987")


def test_on_x11_it_is_what_is_chosen(display_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display_name)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    sender = open_sender()
    assert sender.name == f"X11 (XTEST) on {display_name}"
    sender.close()
