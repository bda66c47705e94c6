"""Sentences about what the control is doing and what it did."""

from __future__ import annotations

from app.control.actions import ControlAction
from app.control.arming import Cause
from app.control.controller import ControlStatus
from app.control.dispatch import Reason
from app.live.events import ActionEvent
from app.ui.formatting import percent
from models.decision import Outcome, Verdict

_DISARMED = {
    Cause.START: "Disarmed: gestures are only shown.",
    Cause.BUTTON: "Disarmed by the button.",
    Cause.HOTKEY: "Disarmed by the keyboard.",
    Cause.GESTURE: "Disarmed by holding the gesture.",
    Cause.DRY_RUN: "Disarmed.",
    Cause.ESCAPE: "Disarmed by Esc.",
    Cause.SOURCE_LOST: "Disarmed: the picture was lost.",
    Cause.SOURCE_ENDED: "Disarmed: the source has ended.",
    Cause.SOURCE_CHANGED: "Disarmed: the source was switched.",
    Cause.MODEL_CHANGED: "Disarmed: the model or the engine was switched.",
    Cause.FOCUS_LOST: "Disarmed: another program got the keyboard focus.",
    Cause.SEND_FAILED: "Disarmed: a key could not be sent.",
    Cause.TEACHING: "Disarmed while gestures are taught.",
}

_REASONS = {
    Reason.SENT: "sent",
    Reason.DRY_RUN: "not sent, dry run",
    Reason.NOT_BOUND: "does nothing",
    Reason.ARMS: "arms and disarms when held",
    Reason.NO_KEY: "not sent, this program has no key for it",
    Reason.DISARMED: "not sent, disarmed",
    Reason.COOLING_DOWN: "not sent, too soon after the last one",
    Reason.OWN_WINDOW: "not sent, this window has the keyboard focus",
    Reason.NO_SUCH_KEY: "not sent, the keyboard has no such key",
    Reason.MODIFIER_HELD: "not sent, a key such as Ctrl is held",
    Reason.FAILED: "not sent because of an error",
}


def status_text(status: ControlStatus, *, sends: bool) -> str:
    """Return what the control is doing, as one sentence."""
    if status.message:
        return status.message
    if not status.armed:
        return _DISARMED[status.cause]
    if sends:
        return "Armed: gestures send keys to the program that has the keyboard focus."
    return "Armed, but this is a dry run: no keys are sent."


def action_text(event: ActionEvent) -> str:
    """Return what became of a gesture, on one line."""
    reason = _REASONS[Reason(event.reason)]
    asked = ControlAction(event.action)
    if asked is ControlAction.NONE:
        return f"{event.gesture}: {reason}"
    return f"{event.gesture or 'Test'} → {event.key or asked.caption}: {reason}"


def verdict_text(verdict: Verdict) -> str:
    """Return why a gesture fired or not, as one sentence."""
    match verdict.outcome:
        case Outcome.SILENT:
            return "This label never fires."
        case Outcome.LOW:
            return f"Not sure enough: needs {percent(verdict.threshold)}."
        case Outcome.HOLDING:
            return f"Sure enough; must last another {verdict.remaining_s:.2f} s."
        case Outcome.UNRELEASED:
            return f"Waiting for {verdict.waits_for} to end."
        case Outcome.RETURNING:
            return f"Ignored as the way back from {verdict.waits_for}."
        case Outcome.FIRED:
            return "Fired."
