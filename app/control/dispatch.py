"""From a gesture that fired to its key, or to the reason why no key is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.control.actions import ControlAction
from app.control.keys import KeyStroke
from app.control.settings import ControlSettings
from models.decision import Gesture


class Reason(StrEnum):
    """Why a key was sent or not."""

    SENT = "sent"
    DRY_RUN = "dry run"
    NOT_BOUND = "not bound"
    ARMS = "arms"
    NO_KEY = "no key in profile"
    DISARMED = "disarmed"
    COOLING_DOWN = "cooling down"
    OWN_WINDOW = "own window"
    NO_SUCH_KEY = "no key on keyboard"
    MODIFIER_HELD = "modifier held"
    FAILED = "failed"


@dataclass(frozen=True)
class Order:
    """What a gesture triggers.

    Attributes:
        action: The action that it is bound to.
        stroke: The key for the action; None if there is none.
        refusal: Why the key must not be sent; None if it may be.
    """

    action: ControlAction
    stroke: KeyStroke | None = None
    refusal: Reason | None = None


def order_for(
    gesture: Gesture,
    settings: ControlSettings,
    *,
    armed: bool,
    done_s: Mapping[ControlAction, float],
) -> Order:
    """Return what a gesture triggers, and whether that is allowed.

    Args:
        gesture: The gesture that fired.
        settings: The user's settings.
        armed: Whether gestures send keys at all.
        done_s: Time of the last key of each action, on the source's clock, in seconds.
    """
    if gesture.label == settings.arm_gesture:
        return Order(ControlAction.NONE, refusal=Reason.ARMS)
    binding = settings.binding_for(gesture.label)
    if binding.action is ControlAction.NONE:
        return Order(ControlAction.NONE, refusal=Reason.NOT_BOUND)
    stroke = binding.stroke(settings.keys)
    if stroke is None:
        return Order(binding.action, refusal=Reason.NO_KEY)
    if not armed:
        return Order(binding.action, stroke, Reason.DISARMED)
    since_s = gesture.time_s - done_s.get(binding.action, float("-inf"))
    # A clock that has gone back belongs to another clip.
    if 0 <= since_s < settings.cool_down_s_for(binding.action):
        return Order(binding.action, stroke, Reason.COOLING_DOWN)
    return Order(binding.action, stroke)
