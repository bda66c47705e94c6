"""The user's settings of the control, kept in the settings file."""

from __future__ import annotations

import msgspec

from app.control.actions import ControlAction
from app.control.bindings import DEFAULTS, NO_BINDING, Binding
from app.control.profiles import CLICKER, PROFILES, Profile

LONGEST_TIME_S = 60.0

USUAL_COOL_DOWN_S = 0.6
COOL_DOWNS_S = {
    # Starting, ending and blackening are seldom meant twice; volume changes in many small steps.
    ControlAction.START: 2.0,
    ControlAction.END: 2.0,
    ControlAction.BLACK: 1.5,
    ControlAction.VOLUME_UP: 0.2,
    ControlAction.VOLUME_DOWN: 0.2,
}
"""Time after an action before it may happen again, in seconds, where it differs from the usual."""


class ControlSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything about the control that is remembered. Whether it is armed is not.

    Attributes:
        profile: Name of the profile whose keys are sent.
        bindings: What gestures do, by label; a label that is missing does what `DEFAULTS` says.
        cool_down_s: Time after an action before it may happen again, in seconds, where it differs
            from the default.
        arm_gesture: Label that arms and disarms when it is held, and does nothing else; empty for
            none.
        arm_hold_s: Time for which it must be held, in seconds.
        arm_above: Probability that it must have all that time, above 0, at most 1.
        disarm_on_focus_loss: Disarm when the keyboard focus leaves the controlled program.
    """

    profile: str = CLICKER
    bindings: dict[str, Binding] = {}
    cool_down_s: dict[ControlAction, float] = {}
    arm_gesture: str = ""
    arm_hold_s: float = 1.5
    arm_above: float = 0.6
    disarm_on_focus_loss: bool = True

    def __post_init__(self) -> None:
        """Reject values that cannot work."""
        if self.profile not in PROFILES:
            raise ValueError(f"profile must be one of {', '.join(PROFILES)}, not '{self.profile}'")
        if not 0 < self.arm_above <= 1:
            raise ValueError(f"arm_above must be above 0 and at most 1, not {self.arm_above}")
        times = {"arm_hold_s": self.arm_hold_s} | {
            f"cool_down_s of {action}": value for action, value in self.cool_down_s.items()
        }
        for name, value in times.items():
            if not 0 <= value <= LONGEST_TIME_S:
                raise ValueError(f"{name} must be 0 to {LONGEST_TIME_S:.0f} seconds, not {value}")

    @property
    def keys(self) -> Profile:
        """The profile that `profile` names."""
        return PROFILES[self.profile]

    def binding_for(self, label: str) -> Binding:
        """Return what a gesture does."""
        return self.bindings.get(label) or DEFAULTS.get(label, NO_BINDING)

    def cool_down_s_for(self, action: ControlAction) -> float:
        """Return the time after `action` before it may happen again, in seconds."""
        return self.cool_down_s.get(action, COOL_DOWNS_S.get(action, USUAL_COOL_DOWN_S))
