"""Things that a hand may carry before the camera."""

from enum import Enum

import numpy as np

from training.performer.arrays import Floats
from training.performer.primitives import Material, PrimitiveList


class HeldThing(Enum):
    """What a hand carries."""

    CUP = "a cup"
    PEN = "a pen"
    TELEPHONE = "a telephone"


def add_held_thing(parts: PrimitiveList, thing: HeldThing, wrist: Floats, rotation: Floats) -> None:
    """Put a thing into a hand.

    Args:
        parts: Where it is added, in camera space.
        thing: What it is.
        wrist: Where the wrist is, shape (3,), meters.
        rotation: The hand's orientation, shape (3, 3).
    """

    def place(x: float, y: float, z: float) -> Floats:
        offset: Floats = rotation @ np.array([x, y, z])
        return wrist + offset

    if thing is HeldThing.CUP:
        held = place(0.0, 0.08, 0.04)
        rim, foot = held + np.array([0.0, 0.04, 0.0]), held - np.array([0.0, 0.05, 0.0])
        parts.cone(Material.PROP, rim, foot, 0.032, 0.028)
    elif thing is HeldThing.PEN:
        parts.cone(Material.PROP, place(0.05, 0.15, 0.05), place(-0.01, 0.04, 0.035), 0.004, 0.005)
    else:
        for x in (-0.022, 0.0, 0.022):
            parts.cone(Material.DARK, place(x, 0.03, 0.03), place(x, 0.16, 0.03), 0.013, 0.013)
