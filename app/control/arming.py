"""Whether gestures may send keys: disarmed at the start, and whenever anything is unusual.

Pure functions from one state to the next, so that every path can be tested.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Cause(StrEnum):
    """What armed or disarmed the control last."""

    START = "start"
    BUTTON = "button"
    HOTKEY = "hotkey"
    GESTURE = "gesture"
    DRY_RUN = "dry run"
    ESCAPE = "escape"
    SOURCE_LOST = "source lost"
    SOURCE_ENDED = "source ended"
    SOURCE_CHANGED = "source changed"
    MODEL_CHANGED = "model changed"
    FOCUS_LOST = "focus lost"
    SEND_FAILED = "send failed"
    TEACHING = "teaching"


class FocusOwner(StrEnum):
    """Which program has the keyboard focus, as far as the platform reports it."""

    US = "us"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Focus:
    """The program that would receive a key sent now.

    Attributes:
        owner: Whether that is this program.
        program: Identifies another program; empty if the platform does not report it.
    """

    owner: FocusOwner = FocusOwner.UNKNOWN
    program: str = ""


@dataclass(frozen=True)
class ArmingState:
    """Whether the control is armed, and what may change that. The default is the start.

    Attributes:
        armed: Whether gestures send keys.
        cause: What armed or disarmed it last.
        held_since_s: Time on the source's clock since which the arming gesture is held; None if it
            is not.
        hold_spent: The gesture that is held has had its effect; it must be released to count again.
        target: Program that received the last key since arming; empty before the first.
    """

    armed: bool = False
    cause: Cause = Cause.START
    held_since_s: float | None = None
    hold_spent: bool = False
    target: str = ""


def arm(state: ArmingState, cause: Cause) -> ArmingState:
    """Arm; nothing changes if it is armed already."""
    return state if state.armed else replace(state, armed=True, cause=cause, target="")


def disarm(state: ArmingState, cause: Cause) -> ArmingState:
    """Disarm; nothing changes if it is disarmed already. A held gesture must be released first."""
    if not state.armed:
        return replace(state, hold_spent=state.held_since_s is not None)
    spent = state.held_since_s is not None
    return replace(state, armed=False, cause=cause, hold_spent=spent, target="")


def observe_hold(state: ArmingState, time_s: float, *, held: bool, needed_s: float) -> ArmingState:
    """Take into account whether the arming gesture is held.

    Args:
        state: The state so far.
        time_s: Time on the source's clock, in seconds.
        held: Whether the gesture is seen now.
        needed_s: Time for which it must be held without a break, in seconds.
    """
    if not held:
        return replace(state, held_since_s=None, hold_spent=False)
    if state.held_since_s is None or time_s < state.held_since_s:
        state = replace(state, held_since_s=time_s, hold_spent=False)
    assert state.held_since_s is not None
    if state.hold_spent or time_s - state.held_since_s < needed_s:
        return state
    if state.armed:
        return disarm(state, Cause.GESTURE)
    return replace(arm(state, Cause.GESTURE), hold_spent=True)


def observe_focus(state: ArmingState, focus: Focus, *, disarm_on_loss: bool) -> ArmingState:
    """Disarm if the controlled program has lost the keyboard focus, where that is wanted.

    Before the first key no program is controlled yet: on the way from our window to the slides the
    focus may pass through other windows.
    """
    known = focus.owner is FocusOwner.US or (
        focus.owner is FocusOwner.OTHER and bool(focus.program)
    )
    if not (state.armed and state.target and known and disarm_on_loss):
        return state
    stayed = focus.owner is FocusOwner.OTHER and focus.program == state.target
    return state if stayed else disarm(state, Cause.FOCUS_LOST)


def note_sent(state: ArmingState, focus: Focus) -> ArmingState:
    """Remember which program received a key."""
    return replace(state, target=focus.program) if state.armed else state
