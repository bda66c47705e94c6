"""Rotations: hand orientations from two directions, and smooth turning between them."""

import math

import numpy as np
from numpy.typing import ArrayLike

from training.performer.arrays import Floats

_IDENTITY = np.eye(3)


def unit(vector: ArrayLike) -> Floats:
    """Return the vector at length one."""
    values = np.asarray(vector, dtype=np.float64)
    length = math.sqrt(float(values @ values)) + 1e-12
    return np.asarray(values / length)


def hand_basis(fingers: ArrayLike, palm: ArrayLike) -> Floats:
    """Build a right hand's orientation from where its fingers and its palm point.

    Args:
        fingers: Direction of the stretched fingers; kept exactly.
        palm: Direction the palm faces; made perpendicular to `fingers`.

    Returns:
        Shape (3, 3); columns are the thumb's side (x), the fingers (y) and the palm (z).
    """
    along = unit(fingers)
    facing = np.asarray(palm, dtype=np.float64)
    normal = unit(facing - (facing @ along) * along)
    return np.stack([np.cross(along, normal), along, normal], axis=1)


def axis_rotation(axis: ArrayLike, angle: float) -> Floats:
    """Return the (3, 3) rotation by `angle` radians about `axis`, counterclockwise seen from it."""
    x, y, z = unit(axis)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, rest = math.sin(angle), 1.0 - math.cos(angle)
    matrix: Floats = _IDENTITY + sine * cross + rest * (cross @ cross)
    return matrix


def quaternion_from_matrix(matrix: Floats) -> Floats:
    """Return the unit quaternion (w, x, y, z) of a (3, 3) rotation."""
    trace = float(matrix[0, 0] + matrix[1, 1] + matrix[2, 2])
    if trace > 0.0:
        scale = 2.0 * math.sqrt(trace + 1.0)
        skew = (
            matrix[2, 1] - matrix[1, 2],
            matrix[0, 2] - matrix[2, 0],
            matrix[1, 0] - matrix[0, 1],
        )
        return np.array([0.25 * scale, *(part / scale for part in skew)])
    i = int(np.argmax(np.diag(matrix)))
    j, k = (i + 1) % 3, (i + 2) % 3
    scale = 2.0 * math.sqrt(max(1e-12, 1.0 + matrix[i, i] - matrix[j, j] - matrix[k, k]))
    quaternion = np.zeros(4)
    quaternion[0] = (matrix[k, j] - matrix[j, k]) / scale
    quaternion[1 + i] = 0.25 * scale
    quaternion[1 + j] = (matrix[j, i] + matrix[i, j]) / scale
    quaternion[1 + k] = (matrix[k, i] + matrix[i, k]) / scale
    return quaternion


def matrix_from_quaternion(quaternion: Floats) -> Floats:
    """Return the (3, 3) rotation of a quaternion (w, x, y, z) of any length but zero."""
    w, x, y, z = unit(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def slerp(start: Floats, end: Floats, fraction: float) -> Floats:
    """Turn from one unit quaternion to another by the shorter way, `fraction` from 0 to 1."""
    cosine = float(start @ end)
    if cosine < 0.0:
        end, cosine = -end, -cosine
    if cosine > 0.9995:
        return start + (end - start) * fraction
    angle = math.acos(cosine)
    weight_start, weight_end = math.sin((1 - fraction) * angle), math.sin(fraction * angle)
    return (weight_start * start + weight_end * end) / math.sin(angle)
