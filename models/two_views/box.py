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

SQUARE_VALUES = 4
"""What the square's network says of the hand in it, behind the labels' scores: how far the hand's
middle is from the box's, in sizes of the box, x and y; the binary logarithm of its size over the
box's; and the logit of there being a hand."""

# In heights of the view. Beyond these a square would show nothing, or need any amount of memory.
_LEAST_SIZE, _LARGEST_SIZE = 1 / 64, 4.0
_FARTHEST = 8.0
_MOST_OCTAVES = 8.0
# Of a hand from one frame to the next, in octaves.
_LARGEST_GROWTH = 2.0
_MOST_REFUSED = 3


class BoxSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the box follows what the locator finds.

    Attributes:
        seen_above: Probability of a hand from which on the locator is believed.
        size_step: Share of the way that the logarithm of the size goes to what was found; the place
            follows at once.
        kept_frames: Frames for which a box stays where it was when the hand is not found.
        held_above: Probability, from the square's network, from which on the hand counts as still
            in the square.
        moved_sizes: Distance, in sizes of the hand, from which on the locator alone says where a
            hand is that the square held; nearer, the two are weighed by that distance.
        refused_frames: Frames for which the locator is believed less where the square's network
            saw no hand; 0 for none.
        resting_frames: Most frames in a row in which the whole view rests while the square holds a
            hand that hardly moves (`resting.py`); 0 if it never rests.
        resting_above: Probability of that hand, from the square's network, from which on it may.
        resting_within: Distance, in sizes of the box, that the hand may move in a frame meanwhile.
        hand_share: Share of the crop's side that the box fills.
    """

    seen_above: float = 0.5
    size_step: float = 0.5
    kept_frames: int = 2
    held_above: float = 0.5
    moved_sizes: float = 0.5
    refused_frames: int = 0
    resting_frames: int = 0
    resting_above: float = 0.8
    resting_within: float = 0.25
    hand_share: float = 0.7

    def __post_init__(self) -> None:
        """Reject values that no box can follow."""
        if not 0 < self.seen_above < 1:
            raise ValueError(f"seen_above must be between 0 and 1, not {self.seen_above}")
        if not 0 < self.size_step <= 1:
            raise ValueError(f"size_step must be above 0 and at most 1, not {self.size_step}")
        if self.kept_frames < 0:
            raise ValueError(f"kept_frames must not be negative, not {self.kept_frames}")
        if not 0 < self.held_above < 1:
            raise ValueError(f"held_above must be between 0 and 1, not {self.held_above}")
        if self.moved_sizes <= 0:
            raise ValueError(f"moved_sizes must be above 0, not {self.moved_sizes}")
        if self.refused_frames < 0:
            raise ValueError(f"refused_frames must not be negative, not {self.refused_frames}")
        if self.resting_frames < 0:
            raise ValueError(f"resting_frames must not be negative, not {self.resting_frames}")
        if not 0 < self.resting_above < 1:
            raise ValueError(f"resting_above must be between 0 and 1, not {self.resting_above}")
        if self.resting_within <= 0:
            raise ValueError(f"resting_within must be above 0, not {self.resting_within}")
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
    """What the locator, or the square's network, says of one frame.

    Attributes:
        box: Around the hand, if there is one.
        presence: Probability that there is one, 0 to 1.
    """

    box: Box
    presence: float


class Refused(NamedTuple):
    """Where the locator found a hand and the square's network none, so many frames ago."""

    box: Box
    age: int


class BoxState(NamedTuple):
    """What is remembered between two frames.

    Attributes:
        box: Where the hand was last; None before the first and after it has been gone for long.
        missed: Frames since it was found.
        held: The hand in the square, as the square's network saw it last; None before the first
            frame, and of a network that does not say.
        refused: What the square's network refused of late, the newest first.
        places: Place values of the frames before, newest first, of shape (history - 1, 4); zeros
            before the first frame.
        moved: How far the hand was from the middle of the square then, in sizes of the box.
        rested: Frames in a row, up to the last one, in which the whole view rested.
    """

    box: Box | None
    missed: int
    held: Located | None
    refused: tuple[Refused, ...]
    places: NDArray[np.float32]
    moved: float = math.inf
    rested: int = 0


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
    return BoxState(None, 0, None, (), np.zeros((history - 1, PLACE_VALUES), np.float32))


def place_values(box: Box, *, seen: bool, aspect: float) -> NDArray[np.float32]:
    """Return x and y from the middle, the logarithm of the size, and presence, shape (4,)."""
    values = (box.x - aspect / 2, box.y - 0.5, math.log(box.size), float(seen))
    return np.asarray(values, np.float32)


def held_box(state: BoxState, settings: BoxSettings) -> Box | None:
    """Return where the square's network saw the hand last, or None if it saw none."""
    held = state.held
    return held.box if held is not None and held.presence > settings.held_above else None


def in_square(values: NDArray[np.float32], box: Box) -> Located:
    """Return the hand that the square's network sees.

    Args:
        values: Its `SQUARE_VALUES`.
        box: The box around which the square was cut.
    """
    right, down, growth, logit = (float(value) for value in values)
    growth = _within(growth, -_LARGEST_GROWTH, _LARGEST_GROWTH)
    hand = said_box(box.x + right * box.size, box.y + down * box.size, box.size, growth)
    return Located(hand, 0.5 + 0.5 * math.tanh(0.5 * logit))


def said_box(x: float, y: float, size: float, growth: float) -> Box:
    """Return the box that a network says, finite and near the view whatever it says.

    Args:
        x: Its middle, in heights of the view from the left edge.
        y: The same from the upper edge.
        size: Length of its sides before `growth`.
        growth: How much larger it is, in octaves.
    """
    grown = size * math.exp2(_within(growth, -_MOST_OCTAVES, _MOST_OCTAVES))
    return Box(
        _within(x, -_FARTHEST, _FARTHEST),
        _within(y, -_FARTHEST, _FARTHEST),
        _within(grown, _LEAST_SIZE, _LARGEST_SIZE),
    )


def _within(value: float, low: float, high: float) -> float:
    """Return the nearest value between two others; `low` instead of NaN."""
    return min(max(low, value), high)


def judged(followed: Followed, hand: Located, settings: BoxSettings) -> BoxState:
    """Return the state after the square's network has seen the square.

    Args:
        followed: Where it looked.
        hand: What it saw there.
        settings: How boxes follow.
    """
    refused = [
        Refused(old.box, old.age + 1)
        for old in followed.state.refused
        if old.age < settings.refused_frames and not _same_place(old.box, followed.box)
    ]
    if settings.refused_frames and followed.seen and hand.presence <= settings.held_above:
        refused = [Refused(followed.box, 1), *refused][:_MOST_REFUSED]
    moved = distance(hand.box, followed.box) / followed.box.size
    return followed.state._replace(held=hand, moved=moved, refused=tuple(refused))


def _same_place(one: Box, other: Box) -> bool:
    return distance(one, other) < 0.5 * max(one.size, other.size)


def distance(one: Box, other: Box) -> float:
    """Return how far the middles of two boxes are apart, in heights of the view."""
    return math.hypot(one.x - other.x, one.y - other.y)


def follow(
    located: Located | None, state: BoxState, aspect: float, settings: BoxSettings
) -> Followed:
    """Move the box to where the hand is; what is lost is kept for some frames.

    The locator sees the whole of this frame, but coarsely; the square's network saw the hand more
    exactly, but in the frame before. So size, and the place of a hand that rests, are the latter's,
    and the place of a hand that has moved is the locator's.

    Args:
        located: What the locator says of this frame; None if the whole view rests.
        state: From `init_box_state` or the previous frame. It is read, never written.
        aspect: Width of the whole view over its height.
        settings: How boxes follow.
    """
    held = held_box(state, settings)
    found = None
    if located is not None and located.presence > settings.seen_above:
        found = located.box
    box, missed = state.box, 0
    if held is not None:
        box = held if found is None else _weighed(held, found, settings)
    elif found is not None:
        box = found._replace(size=_eased(found.size, state, settings))
    else:
        missed = state.missed + 1
        if missed > settings.kept_frames:
            box = None
    seen = missed == 0
    shown = default_box(aspect, settings) if box is None else box
    now = place_values(shown, seen=seen, aspect=aspect)
    place = np.concatenate([now, (now - state.places).ravel()])
    places = np.concatenate([now[None], state.places])[: len(state.places)]
    rested = 0 if located is not None else state.rested + 1
    after = BoxState(box, missed, None, state.refused, places, rested=rested)
    return Followed(shown, seen, place, after)


def _weighed(held: Box, found: Box, settings: BoxSettings) -> Box:
    """Return the held box, moved to where the hand was found the more the farther that is."""
    right, down = found.x - held.x, found.y - held.y
    belief = min(math.hypot(right, down) / (settings.moved_sizes * held.size), 1.0)
    return Box(held.x + belief * right, held.y + belief * down, held.size)


def _eased(size: float, state: BoxState, settings: BoxSettings) -> float:
    """Return a found size, or part of the way to it from the size of a box that is kept."""
    if state.box is None or state.missed >= settings.kept_frames:
        return size
    step = settings.size_step
    return math.exp(step * math.log(size) + (1 - step) * math.log(state.box.size))
