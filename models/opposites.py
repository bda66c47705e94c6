"""Gestures that reverse each other: a hand that returns from a swipe does not swipe back."""

from __future__ import annotations

from functools import cache

_HANDS = ("Hand", "Two Fingers")
_SWEEPS = ("Swiping", "Sliding Two Fingers")
_ZOOMS = ("With Full Hand", "With Two Fingers")

_WAYS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (
        frozenset(f"{sweep} Left" for sweep in _SWEEPS),
        frozenset(f"{sweep} Right" for sweep in _SWEEPS),
    ),
    (
        frozenset(f"{sweep} Up" for sweep in _SWEEPS),
        frozenset(f"{sweep} Down" for sweep in _SWEEPS),
    ),
    (
        frozenset(f"Pushing {hand} Away" for hand in _HANDS),
        frozenset(f"Pulling {hand} In" for hand in _HANDS),
    ),
    (frozenset({"Rolling Hand Forward"}), frozenset({"Rolling Hand Backward"})),
    (frozenset({"Turning Hand Clockwise"}), frozenset({"Turning Hand Counterclockwise"})),
    (
        frozenset(f"Zooming In {zoom}" for zoom in _ZOOMS),
        frozenset(f"Zooming Out {zoom}" for zoom in _ZOOMS),
    ),
)
"""Jester's movements and their opposites. A hand may swipe with all fingers and return with two.

Thumbs are not among them: a thumb that was up does not pass through "Thumb Down" on its way back.
"""


@cache
def opposites(label: str) -> frozenset[str]:
    """Return the labels that move the opposite way; empty for a label that is not a movement."""
    for there, back in _WAYS:
        if label in there:
            return back
        if label in back:
            return there
    return frozenset()
