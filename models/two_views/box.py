"""Where the second view looks: a box around the hand, followed from frame to frame.

Lengths are in heights of the whole view, x from its left and y from its upper edge, so that a box
means the same at every resolution. Nothing here needs PyTorch.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

PLACE_VALUES = 4
"""Numbers that tell where a box is: x and y from the middle, logarithm of the size, presence."""


class BoxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the box follows what the locator finds.

    Attributes:
        seen_above: Probability of a hand from which on the locator is believed.
        size_step: Share of the way that the logarithm of the size goes to what was found; the place
            follows at once.
        kept_frames: Frames for which a box stays where it was when the hand is not found.
        hand_share: Share of the crop's side that the box fills.
    """

    seen_above: float = 0.5
    size_step: float = 0.5
    kept_frames: int = 2
    hand_share: float = 0.7

    def __post_init__(self) -> None:
        """Reject values that no box can follow."""
        if not 0 < self.seen_above < 1:
            raise ValueError(f"seen_above must be between 0 and 1, not {self.seen_above}")
        if not 0 < self.size_step <= 1:
            raise ValueError(f"size_step must be above 0 and at most 1, not {self.size_step}")
        if self.kept_frames < 0:
            raise ValueError(f"kept_frames must not be negative, not {self.kept_frames}")
        if not 0 < self.hand_share <= 1:
            raise ValueError(f"hand_share must be above 0 and at most 1, not {self.hand_share}")


class Box(NamedTuple):
    """A square in the whole view.

    Attributes:
        x: Its middle, in heights of the view from the left edge.
        y: The same from the upper edge.
        size: Length of its sides.
    """

    x: float
    y: float
    size: float


class Located(NamedTuple):
    """What the locator says of one frame.

    Attributes:
        box: Around the hand, if there is one.
        presence: Probability that there is one, 0 to 1.
    """

    box: Box
    presence: float


class BoxState(NamedTuple):
    """What is remembered between two frames.

    Attributes:
        box: Where the hand was last; None before the first and after it has been gone for long.
        missed: Frames since it was found.
        places: Place values of the frames before, newest first, of shape (history - 1, 4); zeros
            before the first frame.
    """

    box: Box | None
    missed: int
    places: NDArray[np.float32]


class Followed(NamedTuple):
    """The box of one frame.

    Attributes:
        box: Where the second view looks.
        seen: Whether the hand was found in this frame.
        place: This frame's place values and how far those of the frames before were from them,
            float32 of shape (history * 4,): an input of the classifier.
        state: For the next frame.
    """

    box: Box
    seen: bool
    place: NDArray[np.float32]
    state: BoxState


def default_box(aspect: float, settings: BoxSettings) -> Box:
    """Return where the second view looks while there is no hand: the middle, in full height.

    Args:
        aspect: Width of the whole view over its height.
        settings: How boxes follow.
    """
    return Box(aspect / 2, 0.5, settings.hand_share)


def init_box_state(history: int) -> BoxState:
    """Return the state before the first frame.

    Args:
        history: Frames whose places the classifier sees, this one included.
    """
    return BoxState(None, 0, np.zeros((history - 1, PLACE_VALUES), np.float32))


def place_values(box: Box, *, seen: bool, aspect: float) -> NDArray[np.float32]:
    """Return x and y from the middle, the logarithm of the size, and presence, shape (4,)."""
    values = (box.x - aspect / 2, box.y - 0.5, math.log(box.size), float(seen))
    return np.asarray(values, np.float32)


def follow(located: Located, state: BoxState, aspect: float, settings: BoxSettings) -> Followed:
    """Move the box to where the hand is found; what is lost is kept for some frames.

    Args:
        located: What the locator says of this frame.
        state: From `init_box_state` or the previous frame. It is read, never written.
        aspect: Width of the whole view over its height.
        settings: How boxes follow.
    """
    seen = located.presence > settings.seen_above
    box, missed = state.box, 0
    if seen:
        size = located.box.size
        if state.box is not None and state.missed < settings.kept_frames:
            size = math.exp(
                settings.size_step * math.log(size)
                + (1 - settings.size_step) * math.log(state.box.size)
            )
        box = located.box._replace(size=size)
    else:
        missed = state.missed + 1
        if missed > settings.kept_frames:
            box = None
    shown = default_box(aspect, settings) if box is None else box
    now = place_values(shown, seen=seen, aspect=aspect)
    place = np.concatenate([now, (now - state.places).ravel()])
    places = np.concatenate([now[None], state.places])[: len(state.places)]
    return Followed(shown, seen, place, BoxState(box, missed, places))
