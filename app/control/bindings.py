"""Which gesture triggers which action: as the user chose, or by default."""

from __future__ import annotations

import msgspec

from app.control.actions import ControlAction
from app.control.keys import KeyStroke
from app.control.profiles import Profile


class Binding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one gesture does.

    Attributes:
        action: The action that it triggers.
        key: The key that it sends; only for `ControlAction.CUSTOM`, otherwise the profile's.
    """

    action: ControlAction
    key: str = ""

    def __post_init__(self) -> None:
        """Reject a key that does not exist."""
        if self.action is ControlAction.CUSTOM or self.key:
            KeyStroke.parse(self.key)

    def stroke(self, profile: Profile) -> KeyStroke | None:
        """Return the key to send; None if there is none for this action."""
        if self.action is ControlAction.CUSTOM:
            return KeyStroke.parse(self.key)
        return profile.keys.get(self.action)


NO_BINDING = Binding(ControlAction.NONE)

DEFAULTS = {
    # Like turning a page, or swiping on a phone: what has been read goes to the left.
    "Swiping Left": Binding(ControlAction.NEXT),
    "Swiping Right": Binding(ControlAction.PREVIOUS),
    # A swipe that is mistaken for its two-finger variant still has the same effect.
    "Sliding Two Fingers Left": Binding(ControlAction.NEXT),
    "Sliding Two Fingers Right": Binding(ControlAction.PREVIOUS),
    "Pushing Hand Away": Binding(ControlAction.BLACK),
    "Sliding Two Fingers Up": Binding(ControlAction.VOLUME_UP),
    "Sliding Two Fingers Down": Binding(ControlAction.VOLUME_DOWN),
}
"""For the labels of Jester. Starting, ending and jumping have no default gesture."""
