"""The shapes a performer is made of, as rows of numbers that the ray caster can read.

A row is either a rounded cone (two spheres and their hull) or an ellipsoid. Lengths are meters in
camera space: x to the image's right, y up, z toward the camera, which sits at the origin.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from training.performer.arrays import Floats

# Columns of a primitive row. `POINT_A` is a cone's first center or an ellipsoid's center, `POINT_B`
# a cone's second center or an ellipsoid's three radii; `AXES` holds an ellipsoid's axes row by row.
KIND = 0
MATERIAL = 1
POINT_A = 2
POINT_B = 5
RADIUS_A = 8
RADIUS_B = 9
AXES = 10
COLUMNS = 19

_UNTURNED = np.eye(3).ravel()

CONE = 0.0
ELLIPSOID = 1.0


class Material(IntEnum):
    """What a primitive is made of; the row of the actor's material table."""

    SKIN = 0
    HAIR = 1
    CLOTH = 2
    EYE = 3
    DARK = 4
    LIPS = 5
    HAND = 6
    SECOND_HAND = 7
    SLEEVE = 8
    BEARD = 9
    CHAIR = 10
    PROP = 11
    NAIL = 12


class PrimitiveList:
    """Collects primitives one by one; `array` turns them into the ray caster's table."""

    def __init__(self) -> None:
        self._rows: list[Floats] = []

    def cone(
        self, material: Material, a: ArrayLike, b: ArrayLike, radius_a: float, radius_b: float
    ) -> None:
        """Add a rounded cone between the points `a` and `b`."""
        row = np.zeros(COLUMNS)
        row[KIND], row[MATERIAL] = CONE, material
        row[POINT_A : POINT_A + 3], row[POINT_B : POINT_B + 3] = a, b
        row[RADIUS_A], row[RADIUS_B] = radius_a, radius_b
        row[AXES:] = _UNTURNED
        self._rows.append(row)

    def ellipsoid(self, material: Material, center: ArrayLike, radii: ArrayLike) -> None:
        """Add an ellipsoid whose axes are those of the list's own space."""
        row = np.zeros(COLUMNS)
        row[KIND], row[MATERIAL] = ELLIPSOID, material
        row[POINT_A : POINT_A + 3], row[POINT_B : POINT_B + 3] = center, radii
        row[AXES:] = _UNTURNED
        self._rows.append(row)

    def array(self) -> Floats:
        """Return the table, shape (count, `COLUMNS`)."""
        return np.stack(self._rows) if self._rows else np.zeros((0, COLUMNS))


def placed(primitives: Floats, rotation: Floats, translation: Floats) -> Floats:
    """Return a copy of the table, rotated about the origin and then moved.

    Args:
        primitives: Shape (count, `COLUMNS`).
        rotation: Shape (3, 3); columns are the images of the local axes.
        translation: Shape (3,), meters.
    """
    result = primitives.copy()
    point_a, point_b = slice(POINT_A, POINT_A + 3), slice(POINT_B, POINT_B + 3)
    is_cone = primitives[:, KIND] == CONE
    result[:, point_a] = primitives[:, point_a] @ rotation.T + translation
    result[is_cone, point_b] = primitives[is_cone, point_b] @ rotation.T + translation
    axes = primitives[:, AXES:].reshape(-1, 3, 3)
    result[:, AXES:] = (axes @ rotation.T).reshape(-1, 9)
    return result


def mirror_in_place(primitives: Floats) -> None:
    """Reflect a table at the plane x = 0: a right hand becomes a left hand."""
    is_cone = primitives[:, KIND] == CONE
    primitives[:, POINT_A] *= -1.0
    primitives[is_cone, POINT_B] *= -1.0
    primitives[:, AXES::3] *= -1.0
