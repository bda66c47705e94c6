"""The 27 Jester labels in this project's order, and what a mirror does to a label.

Every data set, model and tool that uses Jester's classes takes the order from here, so that a
class index means the same thing everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

JESTER_LABELS: tuple[str, ...] = (
    "Swiping Left",
    "Swiping Right",
    "Swiping Down",
    "Swiping Up",
    "Pushing Hand Away",
    "Pulling Hand In",
    "Sliding Two Fingers Left",
    "Sliding Two Fingers Right",
    "Sliding Two Fingers Down",
    "Sliding Two Fingers Up",
    "Pushing Two Fingers Away",
    "Pulling Two Fingers In",
    "Rolling Hand Forward",
    "Rolling Hand Backward",
    "Turning Hand Clockwise",
    "Turning Hand Counterclockwise",
    "Zooming In With Full Hand",
    "Zooming Out With Full Hand",
    "Zooming In With Two Fingers",
    "Zooming Out With Two Fingers",
    "Thumb Up",
    "Thumb Down",
    "Shaking Hand",
    "Stop Sign",
    "Drumming Fingers",
    "No gesture",
    "Doing other things",
)

NO_GESTURE, OTHER_THINGS = "No gesture", "Doing other things"
SILENT_LABELS: tuple[str, ...] = (NO_GESTURE, OTHER_THINGS)
"""Labels that ask for nothing; an app never acts on them."""

OPPOSITE_WORDS: dict[str, str] = {
    "left": "right",
    "right": "left",
    "clockwise": "counterclockwise",
    "counterclockwise": "clockwise",
}

_WORDS = re.compile(rf"\b({'|'.join(OPPOSITE_WORDS)})\b", re.IGNORECASE)


def mirrored_label(label: str) -> str:
    """Return the label of the gesture that a horizontally flipped clip shows.

    A flip swaps left and right of swipes and slides, and the sense of a turning hand; every other
    gesture keeps its name.

    Args:
        label: A label of `JESTER_LABELS`.

    Returns:
        The label of the flipped clip, itself one of `JESTER_LABELS`.

    Raises:
        ValueError: If `label` is not a Jester label.
    """
    if label not in JESTER_LABELS:
        raise ValueError(f"'{label}' is not a Jester label.")
    return mirrored_name(label)


def mirrored_name(label: str) -> str:
    """Return the label of any data set for what a horizontally flipped clip shows.

    Swaps left and right, and the sense of a turning hand, wherever the label mentions them:
    "Swiping Left", "Pushing something from left to right".
    """

    def opposite(match: re.Match[str]) -> str:
        word = OPPOSITE_WORDS[match.group().lower()]
        return word.capitalize() if match.group()[0].isupper() else word

    return _WORDS.sub(opposite, label)


def mirrored_indices(labels: Sequence[str]) -> tuple[int | None, ...]:
    """Return the index of each label's mirror image.

    It is None where the mirror image is not a label: clips of that label must not be flipped.
    """
    index = {label: number for number, label in enumerate(labels)}
    return tuple(index.get(mirrored_name(label)) for label in labels)
