from __future__ import annotations

import pytest

from app.control import controller as controller_module
from app.control.arming import Cause
from app.control.controller import open_controller
from app.control.mode import ControlMode
from app.control.senders.base import KeySender, SendError
from app.control.settings import ControlSettings
from tests.app.control.fakes import RememberingSender

SETTINGS = ControlSettings(profile="impress")


@pytest.fixture
def no_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> KeySender:
        raise SendError("Keys cannot be sent: there is no display.")

    monkeypatch.setattr(controller_module, "open_sender", refuse)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller_module, "open_sender", RememberingSender)


@pytest.mark.usefixtures("keyboard")
@pytest.mark.parametrize("mode", [ControlMode.KEYS, ControlMode.KEYS_IF_POSSIBLE])
def test_keys_go_out_and_it_is_disarmed(mode: ControlMode) -> None:
    controller = open_controller(mode, SETTINGS, None, in_window=True)
    assert controller.sends
    assert not controller.status.armed
    assert controller.settings.profile == "impress"


@pytest.mark.usefixtures("no_keyboard")
def test_a_window_makes_do_with_a_dry_run_and_says_why() -> None:
    controller = open_controller(ControlMode.KEYS_IF_POSSIBLE, SETTINGS, None, in_window=True)
    assert not controller.sends
    assert controller.sender_name == "Keys cannot be sent: there is no display."


@pytest.mark.usefixtures("no_keyboard")
def test_keys_that_were_asked_for_and_cannot_be_sent_are_an_error() -> None:
    with pytest.raises(SendError):
        open_controller(ControlMode.KEYS, SETTINGS, None, in_window=True)


def test_the_command_line_chooses_the_profile_for_this_run() -> None:
    controller = open_controller(ControlMode.DRY_RUN, SETTINGS, "reveal", in_window=True)
    assert controller.settings.profile == "reveal"


def test_only_a_dry_run_without_a_window_is_armed_from_the_start() -> None:
    controller = open_controller(ControlMode.DRY_RUN, SETTINGS, None, in_window=False)
    assert (controller.status.armed, controller.status.cause) == (True, Cause.DRY_RUN)
    assert not open_controller(ControlMode.DRY_RUN, SETTINGS, None, in_window=True).status.armed


@pytest.mark.usefixtures("keyboard")
def test_without_a_window_and_a_gesture_that_arms_it_says_what_is_missing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    controller = open_controller(ControlMode.KEYS, SETTINGS, None, in_window=False)
    assert not controller.status.armed
    assert "set arm_gesture in the settings" in caplog.text
