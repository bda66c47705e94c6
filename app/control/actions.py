"""The actions that a gesture can trigger in the program that shows the slides."""

from __future__ import annotations

from enum import StrEnum


class ControlAction(StrEnum):
    """One action; the profile defines its key."""

    NONE = "none"
    NEXT = "next"
    PREVIOUS = "previous"
    START = "start"
    END = "end"
    BLACK = "black"
    FIRST = "first"
    LAST = "last"
    VOLUME_UP = "volume_up"
    VOLUME_DOWN = "volume_down"
    CUSTOM = "custom"

    @property
    def caption(self) -> str:
        """The text that people read."""
        return _CAPTIONS[self]


_CAPTIONS = {
    ControlAction.NONE: "Nothing",
    ControlAction.NEXT: "Next",
    ControlAction.PREVIOUS: "Previous",
    ControlAction.START: "Start show",
    ControlAction.END: "End show",
    ControlAction.BLACK: "Black screen",
    ControlAction.FIRST: "First",
    ControlAction.LAST: "Last",
    ControlAction.VOLUME_UP: "Volume up",
    ControlAction.VOLUME_DOWN: "Volume down",
    ControlAction.CUSTOM: "Own key",
}
