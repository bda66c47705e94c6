"""Which gesture asks for which action: what people choose, and what holds until they do."""

from __future__ import annotations

import msgspec

from app.control.actions import ControlAction
from app.control.keys import KeyStroke
from app.control.profiles import Profile


class Binding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one gesture does.

    Attributes:
        action: What it asks for.
        key: The key that it sends; only for `ControlAction.CUSTOM`, otherwise the profile says.
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
    # As one turns a page, or swipes on a telephone: what is swiped to the left was read.
    "Swiping Left": Binding(ControlAction.NEXT),
    "Swiping Right": Binding(ControlAction.PREVIOUS),
    # A swipe that is taken for its two-finger sister does the same, and not nothing.
    "Sliding Two Fingers Left": Binding(ControlAction.NEXT),
    "Sliding Two Fingers Right": Binding(ControlAction.PREVIOUS),
    "Pushing Hand Away": Binding(ControlAction.BLACK),
    "Sliding Two Fingers Up": Binding(ControlAction.VOLUME_UP),
    "Sliding Two Fingers Down": Binding(ControlAction.VOLUME_DOWN),
}
"""For the labels of Jester. What starts, ends or leaps through a show is for people to choose."""
