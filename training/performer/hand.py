"""The articulated hand: joint angles in, rounded cones out.

The hand's own space is a right hand's: x toward the thumb's side, y along the stretched fingers,
z out of the palm, the origin at the wrist, meters.
"""

import math

import numpy as np
from numba import njit

from training.performer.arrays import Floats
from training.performer.primitives import (
    AXES,
    COLUMNS,
    CONE,
    ELLIPSOID,
    KIND,
    MATERIAL,
    POINT_A,
    POINT_B,
    RADIUS_A,
    RADIUS_B,
    Material,
    placed,
)

# A pose is a vector of 21 angles in radians: three bends per finger (index to little finger), four
# sideways spreads (positive toward the thumb), and five for the thumb: azimuth (0 along the
# fingers, 90 degrees to the thumb's side) and elevation (toward the palm's side) of its metacarpal,
# the same two of its phalanges, and the bend of its tip.
POSE_SIZE = 21
BENDS = slice(0, 12)
SPREADS = slice(12, 16)
THUMB = slice(16, 21)

HAND_LENGTH_M = 0.19
HAND_CENTER_M = 0.085

_KNUCKLES = np.array(
    [[0.029, 0.092, 0.0], [0.007, 0.097, 0.0], [-0.015, 0.091, 0.0], [-0.035, 0.080, 0.0]]
)
_CARPALS = np.array(
    [[0.016, 0.012, 0.0], [0.005, 0.010, 0.0], [-0.006, 0.010, 0.0], [-0.016, 0.012, 0.0]]
)
_PHALANX_LENGTHS = np.array(
    [[0.041, 0.025, 0.020], [0.045, 0.028, 0.021], [0.042, 0.026, 0.020], [0.033, 0.019, 0.018]]
)
_FINGER_RADII = np.array([0.0098, 0.0100, 0.0095, 0.0085])
_TAPER = np.array([1.08, 0.97, 0.90, 0.78])
_THUMB_BASE = np.array([0.014, 0.016, 0.006])
_THUMB_LENGTHS = np.array([0.042, 0.033, 0.028])
_THUMB_RADII = np.array([0.0170, 0.0130, 0.0118, 0.0098])
_PALM_FILL = np.array(
    [
        # Between the knuckles, across the middle of the palm, and the ball below the little finger.
        [0.027, 0.086, 0.0, 0.007, 0.090, 0.0, 0.0125, 0.0125],
        [0.007, 0.090, 0.0, -0.014, 0.085, 0.0, 0.0125, 0.0125],
        [-0.014, 0.085, 0.0, -0.033, 0.074, 0.0, 0.0125, 0.0120],
        [0.018, 0.055, 0.0, 0.004, 0.058, 0.0, 0.0145, 0.0145],
        [0.004, 0.058, 0.0, -0.010, 0.055, 0.0, 0.0145, 0.0145],
        [-0.010, 0.055, 0.0, -0.022, 0.048, 0.0, 0.0145, 0.0135],
        [-0.012, 0.020, 0.004, -0.028, 0.060, 0.005, 0.0165, 0.0135],
    ]
)

HAND_PRIMITIVES = 4 * 5 + 7 + 5
JOINTS = 21
_HAND_MATERIAL = float(Material.HAND)
_NAIL_MATERIAL = float(Material.NAIL)


@njit(cache=True, nogil=True)
def _set_cone(row: Floats, a: Floats, b: Floats, radius_a: float, radius_b: float) -> None:
    """Fill one primitive row, still in the hand's own space and at its own size."""
    row[KIND], row[MATERIAL] = CONE, _HAND_MATERIAL
    row[POINT_A : POINT_A + 3] = a
    row[POINT_B : POINT_B + 3] = b
    row[RADIUS_A], row[RADIUS_B] = radius_a, radius_b


@njit(cache=True, nogil=True)
def _set_nail(row: Floats, tip: Floats, along: Floats, back: Floats, radius: float) -> None:
    """Fill one row with a nail: a flat ellipsoid on the back of a finger's last bone."""
    row[KIND], row[MATERIAL] = ELLIPSOID, _NAIL_MATERIAL
    row[POINT_A : POINT_A + 3] = tip - along * 0.003 + back * radius * 0.80
    row[POINT_B], row[POINT_B + 1], row[POINT_B + 2] = radius * 0.72, radius * 0.95, radius * 0.34
    row[AXES : AXES + 3] = np.cross(along, back)
    row[AXES + 3 : AXES + 6] = along
    row[AXES + 6 : AXES + 9] = back


@njit(cache=True, nogil=True)
def _write_finger(pose: Floats, finger: int, rows: Floats) -> None:
    """Fill five rows: the bone in the palm, three phalanges and the nail."""
    radius = _FINGER_RADII[finger]
    joint = _KNUCKLES[finger].copy()
    _set_cone(rows[0], _CARPALS[finger], joint, 0.0160, 0.0130 if finger < 3 else 0.0120)
    spread = pose[12 + finger]
    straight = np.array([math.sin(spread), math.cos(spread), 0.0])
    palmward = np.array([0.0, 0.0, 1.0])
    bend = 0.0
    along = straight
    for bone in range(3):
        bend += pose[3 * finger + bone]
        along = straight * math.cos(bend) + palmward * math.sin(bend)
        end = joint + along * _PHALANX_LENGTHS[finger, bone]
        _set_cone(rows[1 + bone], joint, end, radius * _TAPER[bone], radius * _TAPER[bone + 1])
        joint = end
    back = straight * math.sin(bend) - palmward * math.cos(bend)
    _set_nail(rows[4], joint, along, back, radius * _TAPER[3])


@njit(cache=True, nogil=True)
def _direction(azimuth: float, elevation: float) -> Floats:
    """Return the unit vector of a thumb bone."""
    level = math.cos(elevation)
    return np.array([math.sin(azimuth) * level, math.cos(azimuth) * level, math.sin(elevation)])


@njit(cache=True, nogil=True)
def _write_thumb(pose: Floats, rows: Floats) -> None:
    """Fill five rows: three thumb bones, the web to the index finger, and the nail."""
    first = _direction(pose[16], pose[17])
    second = _direction(pose[18], pose[19])
    # The tip bends toward the palm's middle, which lies at minus x and plus z.
    third = _direction(pose[18] - pose[20], pose[19])
    joint = _THUMB_BASE.copy()
    for bone in range(3):
        along = first if bone == 0 else (second if bone == 1 else third)
        end = joint + along * _THUMB_LENGTHS[bone]
        _set_cone(rows[bone], joint, end, _THUMB_RADII[bone], _THUMB_RADII[bone + 1])
        joint = end
    web_end = _THUMB_BASE + first * _THUMB_LENGTHS[0] * 0.75
    _set_cone(rows[3], np.array([0.022, 0.076, 0.0]), web_end, 0.0105, 0.0120)
    back = np.cross(np.array([0.35, 0.0, 0.94]), third)
    back = back / (math.sqrt(np.sum(back * back)) + 1e-9)
    _set_nail(rows[4], joint, third, back, _THUMB_RADII[3])


@njit(cache=True, nogil=True)
def _write_hand(pose: Floats, rows: Floats) -> None:
    """Fill all rows of a hand in its own space."""
    for finger in range(4):
        _write_finger(pose, finger, rows[5 * finger : 5 * finger + 5])
    for index in range(_PALM_FILL.shape[0]):
        fill = _PALM_FILL[index]
        _set_cone(rows[20 + index], fill[0:3], fill[3:6], fill[6], fill[7])
    _write_thumb(pose, rows[27:32])


def hand_primitives(pose: Floats, rotation: Floats, wrist: Floats, scale: float) -> Floats:
    """Build a right hand in camera space.

    Args:
        pose: Joint angles, shape (`POSE_SIZE`,), radians.
        rotation: The hand's orientation, shape (3, 3).
        wrist: Where the wrist is, shape (3,), meters.
        scale: Size of the hand; 1 is 0.19 m from wrist to fingertip.

    Returns:
        Primitive table, shape (`HAND_PRIMITIVES`, columns).
    """
    rows = np.zeros((HAND_PRIMITIVES, COLUMNS))
    _write_hand(pose, rows)
    rows[:, POINT_A:AXES] *= scale
    return placed(rows, rotation, wrist)


def hand_joints(rows: Floats, wrist: Floats) -> Floats:
    """Return the joints of a hand in MediaPipe's order.

    Args:
        rows: Table from `hand_primitives`, shape (`HAND_PRIMITIVES`, columns).
        wrist: Where its wrist is, shape (3,), meters.

    Returns:
        Shape (`JOINTS`, 3), meters: wrist, four of the thumb from its base to its tip, and four of
        each finger from knuckle to tip, index finger first.
    """
    starts, ends = rows[:, POINT_A : POINT_A + 3], rows[:, POINT_B : POINT_B + 3]
    joints = np.empty((JOINTS, 3))
    joints[0], joints[1], joints[2:5] = wrist, starts[27], ends[27:30]
    for finger in range(4):
        joints[5 + 4 * finger] = starts[5 * finger + 1]
        joints[6 + 4 * finger : 9 + 4 * finger] = ends[5 * finger + 1 : 5 * finger + 4]
    return joints
