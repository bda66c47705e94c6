"""The control: takes verdicts, is armed and disarmed, sends keys, and reports what it did."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic

import msgspec

from app.control.actions import ControlAction
from app.control.arming import (
    ArmingState,
    Cause,
    Focus,
    FocusOwner,
    arm,
    disarm,
    note_sent,
    observe_focus,
    observe_hold,
)
from app.control.dispatch import Order, Reason, order_for
from app.control.mode import ControlMode
from app.control.senders.base import DryRun, KeySender, ModifierHeldError, NoSuchKeyError, SendError
from app.control.senders.choosing import open_sender
from app.control.settings import ControlSettings
from app.live.events import ActionEvent, ControlEvent, DecisionEvent, Event
from models.decision import Outcome, Verdict

log = logging.getLogger(__name__)

_REFUSALS = {NoSuchKeyError: Reason.NO_SUCH_KEY, ModifierHeldError: Reason.MODIFIER_HELD}
"""Errors after which other keys, or the same one later, can be sent: the control stays armed."""

HISTORY = 20
"""Length of the history that the window shows."""


@dataclass(frozen=True)
class ControlStatus:
    """The state of the control.

    Attributes:
        armed: Whether gestures send keys.
        cause: What armed or disarmed it last.
        message: Why the last key could not be sent, as one sentence; empty if nothing failed.
        history: What the newest gestures led to, oldest first.
        count: Gestures (and test keys) so far.
    """

    armed: bool = False
    cause: Cause = Cause.START
    message: str = ""
    history: tuple[ActionEvent, ...] = ()
    count: int = 0


class Controller:
    """Turns gestures into keys while it is armed. Any thread may call any method.

    A key is sent directly in the thread that calls `observe`. Events are kept until `take_events`
    fetches them, so that they enter the event file in order.
    """

    def __init__(self, sender: KeySender, settings: ControlSettings) -> None:
        """Start disarmed.

        Args:
            sender: How keys are sent; closed by `close`.
            settings: The user's settings.
        """
        self._sender = sender
        self._settings = settings
        self._lock = Lock()
        self._arming = ArmingState()
        self._status = ControlStatus()
        self._done_s: dict[ControlAction, float] = {}
        self._time_s = 0.0
        self._seen: tuple[Outcome, str] | None = None
        self._we_are_active = False
        self._teaching = False
        self._events: list[Event] = []

    @property
    def sender_name(self) -> str:
        """How keys are sent, for people."""
        return self._sender.name

    @property
    def sends(self) -> bool:
        """Whether keys are really sent."""
        return self._sender.sends

    @property
    def status(self) -> ControlStatus:
        """The state of the control now."""
        with self._lock:
            return self._status

    @property
    def settings(self) -> ControlSettings:
        """The user's settings."""
        return self._settings

    def configure(self, settings: ControlSettings) -> None:
        """Use other settings from now on."""
        with self._lock:
            self._settings = settings

    def observe(self, verdict: Verdict, captured_at_s: float | None = None) -> None:
        """Take one verdict into account; a gesture that fired may send its key in this call.

        Args:
            verdict: The decision's verdict on a sample.
            captured_at_s: When its frame was read, as `time.monotonic()`; None if unknown.
        """
        with self._lock:
            self._time_s = verdict.time_s
            self._report_decision(verdict)
            held = bool(self._settings.arm_gesture) and (
                verdict.label == self._settings.arm_gesture
                and verdict.confidence >= self._settings.arm_above
            )
            needed_s = self._settings.arm_hold_s
            self._change(
                lambda state: observe_hold(state, verdict.time_s, held=held, needed_s=needed_s)
            )
            if self._arming.armed:
                self._watch_focus(self._focus())
            if verdict.gesture is not None:
                order = order_for(
                    verdict.gesture, self._settings, armed=self._arming.armed, done_s=self._done_s
                )
                self._carry_out(order, verdict.gesture.label, captured_at_s)

    def arm(self, cause: Cause) -> None:
        """Let gestures send keys."""
        with self._lock:
            self._status = replace(self._status, message="")
            self._change(lambda state: arm(state, cause))

    def disarm(self, cause: Cause) -> None:
        """Let gestures send no more keys."""
        with self._lock:
            self._change(lambda state: disarm(state, cause))

    def toggle(self, cause: Cause) -> None:
        """Arm or disarm."""
        (self.disarm if self.status.armed else self.arm)(cause)

    def set_teaching(self, teaching: bool) -> None:
        """Stay disarmed while gestures are taught, whatever would arm: they must send no keys."""
        with self._lock:
            self._teaching = teaching
            self._change(lambda state: state)

    def set_active(self, active: bool) -> None:
        """Note whether one of our own windows has the keyboard focus, as the toolkit reports it."""
        with self._lock:
            self._we_are_active = active
            if active:
                self._watch_focus(Focus(FocusOwner.US))

    def send_test_key(self) -> ActionEvent:
        """Send the key for the next slide, armed or not, and return the result."""
        with self._lock:
            stroke = self._settings.keys.keys[ControlAction.NEXT]
            return self._carry_out(Order(ControlAction.NEXT, stroke), "")

    def take_events(self) -> list[Event]:
        """Return what happened since the last call, oldest first."""
        with self._lock:
            events, self._events = self._events, []
            return events

    def close(self) -> None:
        """Disarm and release the keyboard; may be called more than once."""
        with self._lock:
            self._change(lambda state: disarm(state, Cause.SOURCE_ENDED))
            self._sender.close()

    def _focus(self) -> Focus:
        return Focus(FocusOwner.US) if self._we_are_active else self._sender.focus()

    def _watch_focus(self, focus: Focus) -> None:
        wanted = self._settings.disarm_on_focus_loss
        self._change(lambda state: observe_focus(state, focus, disarm_on_loss=wanted))

    def _carry_out(
        self, order: Order, gesture: str, captured_at_s: float | None = None
    ) -> ActionEvent:
        """Send the key of an order if that is allowed; record and return the result."""
        reason = order.refusal or self._send(order)
        latency_ms = None
        if captured_at_s is not None and reason in (Reason.SENT, Reason.DRY_RUN):
            latency_ms = (monotonic() - captured_at_s) * 1e3
        event = ActionEvent(
            t=self._time_s,
            action=order.action,
            key="" if order.stroke is None else str(order.stroke),
            sent=reason is Reason.SENT,
            gesture=gesture,
            reason=reason,
            latency_ms=latency_ms,
        )
        self._events.append(event)
        history = deque(self._status.history, maxlen=HISTORY)
        history.append(event)
        self._status = replace(self._status, history=tuple(history), count=self._status.count + 1)
        if reason is Reason.FAILED:
            self._change(lambda state: disarm(state, Cause.SEND_FAILED))
        return event

    def _send(self, order: Order) -> Reason:
        """Send a key, unless our own window would receive it."""
        assert order.stroke is not None
        focus = self._focus()
        if focus.owner is FocusOwner.US:
            return Reason.OWN_WINDOW
        try:
            self._sender.send(order.stroke)
        except SendError as error:
            log.warning("%s", error)
            self._status = replace(self._status, message=str(error))
            return _REFUSALS.get(type(error), Reason.FAILED)
        self._status = replace(self._status, message="")
        self._done_s[order.action] = self._time_s
        self._arming = note_sent(self._arming, focus)
        return Reason.SENT if self._sender.sends else Reason.DRY_RUN

    def _report_decision(self, verdict: Verdict) -> None:
        """Report a verdict that differs from the previous one."""
        seen = (verdict.outcome, verdict.label)
        if seen != self._seen:
            self._seen = seen
            self._events.append(DecisionEvent.of(verdict))

    def _change(self, step: Callable[[ArmingState], ArmingState]) -> None:
        """Change the arming state, and report it if that armed or disarmed the control."""
        before, self._arming = self._arming, step(self._arming)
        if self._teaching:
            self._arming = disarm(self._arming, Cause.TEACHING)
        if self._arming.armed == before.armed:
            return
        state = self._arming
        self._status = replace(self._status, armed=state.armed, cause=state.cause)
        self._events.append(ControlEvent(self._time_s, state.armed, state.cause))


def open_controller(
    mode: ControlMode, settings: ControlSettings, profile: str | None, *, in_window: bool
) -> Controller:
    """Return a control that is disarmed.

    Only a dry run without a window is armed from the start: there is no way to arm it, and nothing
    is sent.

    Args:
        mode: Whether keys are sent; not `ControlMode.OFF`.
        settings: The user's settings.
        profile: Name of the profile for this run; None for that of the settings.
        in_window: Whether there is a window to arm it from.

    Raises:
        SendError: Keys were asked for and cannot be sent.
    """
    if profile is not None:
        settings = msgspec.structs.replace(settings, profile=profile)
    controller = Controller(_sender(mode), settings)
    if in_window:
        return controller
    if mode is ControlMode.DRY_RUN:
        controller.arm(Cause.DRY_RUN)
    elif not settings.arm_gesture:
        log.warning(
            "Without a window only a held gesture can arm the control, and none is chosen: "
            "set arm_gesture in the settings, or run with a window."
        )
    return controller


def _sender(mode: ControlMode) -> KeySender:
    if mode is ControlMode.DRY_RUN:
        return DryRun()
    try:
        return open_sender()
    except SendError as error:
        if mode is ControlMode.KEYS:
            raise
        return DryRun(str(error))
