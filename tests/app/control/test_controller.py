from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.control.actions import ControlAction
from app.control.arming import Cause
from app.control.bindings import Binding
from app.control.controller import HISTORY, Controller
from app.control.keys import KeyStroke
from app.control.senders.base import DryRun, ModifierHeldError, NoSuchKeyError, SendError
from app.control.settings import ControlSettings
from app.live.events import ActionEvent, ControlEvent, DecisionEvent
from models.decision import Outcome, Verdict
from tests.app.control.fakes import MAIL, US, RememberingSender, fired, seen


def make(
    settings: ControlSettings | None = None, *, armed: bool = True
) -> tuple[Controller, RememberingSender]:
    sender = RememberingSender()
    controller = Controller(sender, settings or ControlSettings())
    if armed:
        controller.arm(Cause.BUTTON)
    return controller, sender


def reasons(controller: Controller) -> list[str]:
    return [event.reason for event in controller.status.history]


def test_disarmed_at_the_start_no_key_is_sent_and_it_is_said_why() -> None:
    controller, sender = make(armed=False)
    controller.observe(fired("Swiping Left", 1.0))
    assert sender.sent == []
    assert controller.take_events()[-1] == ActionEvent(
        t=1.0, action="next", key="PageDown", sent=False, gesture="Swiping Left", reason="disarmed"
    )


def test_armed_every_gesture_sends_its_key_once() -> None:
    controller, sender = make()
    for time_s, label in enumerate(("Swiping Left", "Swiping Right", "Pushing Hand Away")):
        controller.observe(fired(label, float(time_s)))
        controller.observe(seen(label, time_s + 0.2))
    assert sender.sent == ["PageDown", "PageUp", "B"]
    assert reasons(controller) == ["sent"] * 3


def test_events_tell_of_arming_of_every_change_of_mind_and_of_every_key_in_order() -> None:
    controller, _ = make()
    for verdict in (seen("Thumb Up", 0.1), seen("Thumb Up", 0.2), fired("Swiping Left", 0.3)):
        controller.observe(verdict)
    controller.disarm(Cause.ESCAPE)
    events = controller.take_events()
    assert [type(event) for event in events] == [
        ControlEvent,
        DecisionEvent,
        DecisionEvent,
        ActionEvent,
        ControlEvent,
    ]
    assert events[0] == ControlEvent(0.0, armed=True, cause="button")
    assert events[-1] == ControlEvent(0.3, armed=False, cause="escape")
    assert controller.take_events() == []


def test_an_action_has_its_own_cool_down_whichever_gesture_asks_for_it() -> None:
    controller, sender = make(ControlSettings(cool_down_s={ControlAction.NEXT: 1.0}))
    for time_s, label in (
        (1.0, "Swiping Left"),
        (1.5, "Sliding Two Fingers Left"),  # the same action
        (1.6, "Pushing Hand Away"),  # another one
        (2.0, "Swiping Left"),
    ):
        controller.observe(fired(label, time_s))
    assert sender.sent == ["PageDown", "B", "PageDown"]
    assert reasons(controller) == ["sent", "cooling down", "sent", "sent"]


def test_a_clip_that_starts_over_owes_no_cool_down() -> None:
    controller, sender = make()
    controller.observe(fired("Swiping Left", 100.0))
    controller.observe(fired("Swiping Left", 0.1))
    assert len(sender.sent) == 2


def test_nothing_is_ever_sent_to_our_own_window() -> None:
    controller, sender = make()
    sender.where = US
    controller.observe(fired("Swiping Left", 1.0))
    sender.where = MAIL
    controller.set_active(True)  # the toolkit knows better than the platform
    controller.observe(fired("Swiping Left", 3.0))
    assert controller.send_test_key().reason == "own window"
    assert sender.sent == []
    assert controller.status.armed
    controller.set_active(False)
    controller.observe(fired("Swiping Left", 5.0))
    assert sender.sent == ["PageDown"]


def test_when_another_program_gets_the_keyboard_it_is_disarmed_before_a_key_goes_there() -> None:
    controller, sender = make()
    controller.observe(fired("Swiping Left", 1.0))
    sender.where = MAIL
    controller.observe(fired("Swiping Left", 3.0))
    assert sender.sent == ["PageDown"]
    assert reasons(controller) == ["sent", "disarmed"]
    assert controller.status.cause is Cause.FOCUS_LOST


def test_the_setting_lets_keys_follow_the_keyboard() -> None:
    controller, sender = make(ControlSettings(disarm_on_focus_loss=False))
    controller.observe(fired("Swiping Left", 1.0))
    sender.where = MAIL
    controller.observe(fired("Swiping Left", 3.0))
    assert sender.sent == ["PageDown"] * 2


def test_a_gesture_that_is_held_arms_and_does_nothing_else() -> None:
    settings = ControlSettings(arm_gesture="Swiping Left", arm_hold_s=1.0)
    controller, sender = make(settings, armed=False)
    controller.observe(fired("Swiping Left", 0.0))
    controller.observe(seen("Swiping Left", 0.9, confidence=0.5))  # too low: it begins anew
    controller.observe(seen("Swiping Left", 1.0))
    controller.observe(seen("Swiping Left", 1.9))
    assert not controller.status.armed
    controller.observe(seen("Swiping Left", 2.0))
    assert (controller.status.armed, controller.status.cause) == (True, Cause.GESTURE)
    assert sender.sent == []
    assert reasons(controller) == ["arms"]


def test_a_keyboard_that_fails_disarms_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    controller, sender = make()
    sender.error = SendError("The keyboard was pulled out; plug it in again.")
    controller.observe(fired("Swiping Left", 1.0))
    status = controller.status
    assert (status.armed, status.cause) == (False, Cause.SEND_FAILED)
    assert status.message == caplog.messages[0] == "The keyboard was pulled out; plug it in again."
    controller.arm(Cause.BUTTON)
    assert controller.status.message == ""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NoSuchKeyError(KeyStroke("PageDown")), "no key on keyboard"),
        (ModifierHeldError(KeyStroke("PageDown"), ["Ctrl", "Shift"]), "modifier held"),
    ],
)
def test_one_key_that_cannot_be_sent_leaves_the_others(error: SendError, reason: str) -> None:
    controller, sender = make()
    sender.error = error
    controller.observe(fired("Swiping Left", 1.0))
    assert controller.status.armed
    assert controller.status.message == str(error)
    sender.error = None
    # It was not sent, so it need not wait for the same action.
    controller.observe(fired("Swiping Left", 1.1))
    assert sender.sent == ["PageDown"]
    assert controller.status.message == ""
    assert reasons(controller) == [reason, "sent"]


def test_what_is_bound_to_nothing_and_what_the_program_lacks_is_told() -> None:
    bound = {"Thumb Up": Binding(ControlAction.START)}
    controller, sender = make(ControlSettings(bindings=bound))
    controller.observe(fired("Thumb Up", 1.0))
    controller.observe(fired("Drumming Fingers", 2.0))
    assert reasons(controller) == ["no key in profile", "not bound"]
    controller.configure(ControlSettings(bindings=bound, profile="impress"))
    controller.observe(fired("Thumb Up", 3.0))
    assert sender.sent == ["F5"]


def test_a_key_of_ones_own_is_sent_whatever_the_profile() -> None:
    binding = Binding(ControlAction.CUSTOM, "Ctrl+Shift+F7")
    controller, sender = make(ControlSettings(bindings={"Thumb Up": binding}))
    controller.observe(fired("Thumb Up", 1.0))
    assert sender.sent == ["Ctrl+Shift+F7"]


def test_a_dry_run_goes_the_whole_way_but_sends_nothing() -> None:
    controller = Controller(DryRun(), ControlSettings())
    controller.arm(Cause.DRY_RUN)
    for time_s in (1.0, 1.1):
        controller.observe(fired("Swiping Left", time_s))
    assert reasons(controller) == ["dry run", "cooling down"]
    assert not any(event.sent for event in controller.status.history)


def test_the_history_does_not_grow_without_end() -> None:
    controller, _ = make()
    for time_s in range(3 * HISTORY):
        controller.observe(fired("Swiping Left", float(time_s)))
    assert len(controller.status.history) == HISTORY
    assert controller.status.count == 3 * HISTORY


def test_closed_it_is_disarmed_and_lets_go_of_the_keyboard() -> None:
    controller, sender = make()
    controller.close()
    assert not controller.status.armed
    assert sender.closed == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"profile": "excel"},
        {"arm_above": 0.0},
        {"arm_hold_s": -1.0},
        {"cool_down_s": {"next": 99.0}},
        {"cool_down_s": {"dance": 1.0}},
        {"bindings": {"Thumb Up": {"action": "custom", "key": "F99"}}},
        {"bindings": {"Thumb Up": {"action": "custom"}}},
        {"color": "blue"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, ControlSettings)


happenings = st.lists(
    st.one_of(
        st.sampled_from(["arm", "disarm", "us", "slides", "mail"]),
        st.tuples(
            st.floats(0.05, 2.0),
            st.sampled_from(["Swiping Left", "Swiping Right", "Thumb Up"]),
        ),
    ),
    max_size=40,
)


@given(happenings)
def test_a_key_goes_out_only_for_a_bound_gesture_while_armed_and_never_to_us(
    script: list[str | tuple[float, str]],
) -> None:
    controller, sender = make(armed=False)
    time_s, gestures = 0.0, 0
    for step in script:
        match step:
            case "arm":
                controller.arm(Cause.BUTTON)
            case "disarm":
                controller.disarm(Cause.ESCAPE)
            case "us":
                sender.where = US
            case "slides":
                sender.where = RememberingSender().where
            case "mail":
                sender.where = MAIL
            case (step_s, label):
                assert isinstance(step_s, float)
                assert isinstance(label, str)
                time_s, gestures = time_s + step_s, gestures + 1
                armed, before = controller.status.armed, len(sender.sent)
                controller.observe(fired(label, time_s))
                if len(sender.sent) > before:
                    assert armed
                    assert sender.where != US
                    assert label != "Thumb Up"
    events = [e for e in controller.take_events() if isinstance(e, ActionEvent)]
    assert len(events) == gestures
    assert [event.key for event in events if event.sent] == sender.sent


def test_silence_changes_nothing() -> None:
    controller, sender = make()
    controller.observe(Verdict(Outcome.SILENT, "No gesture", 0.9, 0.6, 1.0))
    assert sender.sent == []
    assert controller.status.armed
