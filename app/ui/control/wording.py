"""What the control does and did, in sentences."""

from __future__ import annotations

from app.control.actions import ControlAction
from app.control.arming import Cause
from app.control.controller import ControlStatus
from app.control.dispatch import Reason
from app.live.events import ActionEvent
from app.ui.formatting import percent
from models.decision import Outcome, Verdict

_DISARMED = {
    Cause.START: "Disarmed: gestures are shown only.",
    Cause.BUTTON: "Disarmed by the button.",
    Cause.HOTKEY: "Disarmed by the keyboard.",
    Cause.GESTURE: "Disarmed by the gesture that was held.",
    Cause.DRY_RUN: "Disarmed.",
    Cause.ESCAPE: "Disarmed by Esc.",
    Cause.SOURCE_LOST: "Disarmed: there is no picture any more.",
    Cause.SOURCE_ENDED: "Disarmed: the source has ended.",
    Cause.SOURCE_CHANGED: "Disarmed: the pictures come from elsewhere now.",
    Cause.MODEL_CHANGED: "Disarmed: another model or engine runs now.",
    Cause.FOCUS_LOST: "Disarmed: the keyboard went to another program.",
    Cause.SEND_FAILED: "Disarmed: a key could not be sent.",
}

_REASONS = {
    Reason.SENT: "sent",
    Reason.DRY_RUN: "not sent, dry run",
    Reason.NOT_BOUND: "does nothing",
    Reason.ARMS: "arms and disarms when it is held",
    Reason.NO_KEY: "not sent, this program has no key for it",
    Reason.DISARMED: "not sent, disarmed",
    Reason.COOLING_DOWN: "not sent, too soon after the last one",
    Reason.OWN_WINDOW: "not sent, this window has the keyboard",
    Reason.FAILED: "not sent, it failed",
}


def status_text(status: ControlStatus, *, sends: bool) -> str:
    """Return what the control is doing, as one sentence."""
    if status.message:
        return status.message
    if not status.armed:
        return _DISARMED[status.cause]
    if sends:
        return "Armed: gestures send keys to the program that has the keyboard."
    return "Armed, but no key goes out: gestures only say what they would send."


def action_text(event: ActionEvent) -> str:
    """Return what became of a gesture, on one line."""
    reason = _REASONS[Reason(event.reason)]
    asked = ControlAction(event.action)
    if asked is ControlAction.NONE:
        return f"{event.gesture}: {reason}"
    return f"{event.gesture or 'Test'} → {event.key or asked.caption}: {reason}"


def verdict_text(verdict: Verdict) -> str:
    """Return why a gesture fired or did not, as one sentence."""
    match verdict.outcome:
        case Outcome.SILENT:
            return "Nothing is asked for."
        case Outcome.LOW:
            return f"Not sure enough: it needs {percent(verdict.threshold)}."
        case Outcome.HOLDING:
            return f"Sure enough; has to last {verdict.remaining_s:.2f} s more."
        case Outcome.UNRELEASED:
            return f"Waits until {verdict.waits_for} is over."
        case Outcome.RETURNING:
            return f"Taken for the hand that returns from {verdict.waits_for}."
        case Outcome.FIRED:
            return "Fired."
