"""What a mirror does to a label."""

from __future__ import annotations

import re
from collections.abc import Sequence

OPPOSITE_WORDS: dict[str, str] = {
    "left": "right",
    "right": "left",
    "clockwise": "counterclockwise",
    "counterclockwise": "clockwise",
}

_WORDS = re.compile(rf"\b({'|'.join(OPPOSITE_WORDS)})\b", re.IGNORECASE)


def mirrored_name(label: str) -> str:
    """Name what a horizontally flipped clip shows.

    Swaps left and right, and the sense of a turning hand, wherever the label speaks of them:
    "Swiping Left", "Pushing something from left to right".
    """

    def opposite(match: re.Match[str]) -> str:
        word = OPPOSITE_WORDS[match.group().lower()]
        return word.capitalize() if match.group()[0].isupper() else word

    return _WORDS.sub(opposite, label)


def mirrored_indices(labels: Sequence[str]) -> tuple[int | None, ...]:
    """Return for each label the index of its mirror image.

    None stands where the mirror image is no label: clips of that label must not be flipped.
    """
    index = {label: number for number, label in enumerate(labels)}
    return tuple(index.get(mirrored_name(label)) for label in labels)
