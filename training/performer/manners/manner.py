"""A manner: one of the ways in which people do a gesture, and how often they do it so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.performer.gesture import Draw, Gesture

Composer = Callable[[Draw, str], Gesture]


@dataclass(frozen=True)
class Manner:
    """One way of doing a gesture.

    Attributes:
        name: What it is called, unique among the manners of a label.
        share: How often it is chosen, relative to the others.
        compose: Builds a gesture from the person's choices and the label.
    """

    name: str
    share: float
    compose: Composer


Manners = tuple[Manner, ...]
"""All manners of a label; the first one shows the gesture most plainly."""


def composer(manners: Manners) -> Composer:
    """Return what does a gesture in one of several manners, chosen by their shares.

    Someone who shows a gesture to others (`Draw.plain`) always does it in the first manner.
    """

    def compose(draw: Draw, label: str) -> Gesture:
        return chosen(draw, manners).compose(draw, label)

    return compose


def chosen(draw: Draw, manners: Manners) -> Manner:
    """Draw one of the manners."""
    if draw.plain:
        return manners[0]
    total = sum(manner.share for manner in manners)
    number = int(draw.rng.choice(len(manners), p=[manner.share / total for manner in manners]))
    return manners[number]
