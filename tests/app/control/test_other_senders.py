"""The senders of other platforms, against stand-ins for the libraries that only those have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from app.control.arming import Focus
from app.control.keys import KEYS, KeyStroke
from app.control.senders.base import NoSuchKeyError, SendError
from app.control.senders.choosing import open_sender
from app.control.senders.pynput_keys import PynputSender
from app.control.senders.uinput import UInputSender


class PressedKeys:
    """pynput's Controller: names of keys are pressed as they are."""

    InvalidKeyException = ValueError

    def __init__(self) -> None:
        self.log: list[str] = []

    def press(self, key: str) -> None:
        if key == "Key.f12":
            raise self.InvalidKeyException(key)
        self.log.append(f"+{key}")

    def release(self, key: str) -> None:
        self.log.append(f"-{key}")

    @contextmanager
    def pressed(self, *keys: str) -> Iterator[None]:
        for key in keys:
            self.press(key)
        yield
        for key in reversed(keys):
            self.release(key)


class KeyEnum:
    def __getattr__(self, name: str) -> str:
        return f"Key.{name}"


def module(name: str, **contents: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(contents)
    return made


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> PressedKeys:
    keys = PressedKeys()
    keyboard = module("pynput.keyboard", Controller=lambda: keys, Key=KeyEnum())
    monkeypatch.setitem(sys.modules, "pynput", module("pynput", keyboard=keyboard))
    monkeypatch.setitem(sys.modules, "pynput.keyboard", keyboard)
    return keys


def test_pynput_presses_and_releases_in_order(keys: PressedKeys) -> None:
    sender = PynputSender()
    sender.send(KeyStroke.parse("PageDown"))
    sender.send(KeyStroke.parse("Meta+Shift+B"))
    assert keys.log == [
        "+Key.page_down",
        "-Key.page_down",
        *("+Key.shift", "+Key.cmd", "+b", "-b", "-Key.cmd", "-Key.shift"),
    ]


def test_a_key_that_pynput_refuses_is_one_sentence(keys: PressedKeys) -> None:
    with pytest.raises(NoSuchKeyError, match="no key for F12"):
        PynputSender().send(KeyStroke.parse("F12"))


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("trusted", [True, False])
def test_macos_is_asked_for_its_permission_first(
    monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    services = module("HIServices", AXIsProcessTrusted=lambda: trusted)
    monkeypatch.setitem(sys.modules, "HIServices", services)
    if trusted:
        assert open_sender().name == "macOS (Quartz events)"
    else:
        with pytest.raises(SendError, match="Privacy & Security, Accessibility"):
            open_sender()


def test_without_pynput_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "pynput", None)
    with pytest.raises(SendError, match="pip install pynput"):
        open_sender()


class FakeDevice:
    """evdev's UInput: remembers every press and release."""

    def __init__(self, capabilities: dict[int, list[str]], name: str) -> None:
        self.allowed, self.name = capabilities[1], name
        self.log: list[tuple[str, int]] = []
        self.closed = 0

    def write(self, kind: int, code: str, value: int) -> None:
        assert kind == 1
        assert code in self.allowed
        self.log.append((code, value))

    def syn(self) -> None:
        self.log.append(("SYN", 0))

    def close(self) -> None:
        self.closed += 1


class NamesThemselves(dict[str, str]):
    """Codes that are their own names, so that a test can read them."""

    def __missing__(self, name: str) -> str:
        return name


@pytest.fixture
def evdev(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(devices=[], refuse=False)

    class UInputError(Exception):
        pass

    def open_device(capabilities: dict[int, list[str]], name: str) -> FakeDevice:
        if made.refuse:
            raise UInputError('"/dev/uinput" cannot be opened for writing')
        device = FakeDevice(capabilities, name)
        made.devices.append(device)
        return device

    ecodes = SimpleNamespace(EV_KEY=1, ecodes=NamesThemselves())
    fake = module("evdev", UInput=open_device, UInputError=UInputError, ecodes=ecodes)
    monkeypatch.setitem(sys.modules, "evdev", fake)
    return made


def test_uinput_is_a_keyboard_with_every_key(evdev: SimpleNamespace) -> None:
    sender = UInputSender()
    (device,) = evdev.devices
    assert {key.evdev for key in KEYS.values()} <= set(device.allowed)
    sender.send(KeyStroke.parse("Ctrl+F5"))
    assert [entry for entry in device.log if entry[0] != "SYN"] == [
        ("KEY_LEFTCTRL", 1),
        ("KEY_F5", 1),
        ("KEY_F5", 0),
        ("KEY_LEFTCTRL", 0),
    ]
    assert device.log[1::2] == [("SYN", 0)] * 4
    assert sender.focus() == Focus()
    sender.close()
    sender.close()
    assert device.closed == 1


def test_without_permission_it_names_the_udev_rule(evdev: SimpleNamespace) -> None:
    evdev.refuse = True
    with pytest.raises(SendError, match="udev rule"):
        UInputSender()


def test_wayland_without_evdev_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setitem(sys.modules, "evdev", None)
    with pytest.raises(SendError, match=r"\[wayland\]"):
        open_sender()


def test_without_any_display_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SendError, match="there is no display"):
        open_sender()
