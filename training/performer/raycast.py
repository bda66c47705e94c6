"""Finds, for every pixel, the nearest primitive: the geometry half of the renderer.

Each primitive visits only the pixels its bounding sphere may cover, so the cost follows the area
that is drawn. The kernels hold no state and release the GIL.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.performer.arrays import Floats
from training.performer.primitives import AXES, KIND, MATERIAL, POINT_A, POINT_B, RADIUS_A, RADIUS_B

NO_MATERIAL = -1
FAR_M = 1.0e6
_NEAR_M = 0.06


class GeometryBuffers(NamedTuple):
    """Per-pixel results: ray length in meters, outward unit normal, material (or -1)."""

    depth: NDArray[np.float32]
    normal: NDArray[np.float32]
    material: NDArray[np.int8]


def new_buffers(height: int, width: int) -> GeometryBuffers:
    """Return empty buffers: nothing hit anywhere."""
    return GeometryBuffers(
        np.full((height, width), FAR_M, np.float32),
        np.zeros((height, width, 3), np.float32),
        np.full((height, width), NO_MATERIAL, np.int8),
    )


@njit(cache=True, nogil=True, fastmath=True)
def _sphere_hit(cx: float, cy: float, cz: float, r: float, rx: float, ry: float, rz: float) -> Any:
    """Return the ray length to a sphere, or -1."""
    along = cx * rx + cy * ry + cz * rz
    root = along * along - (cx * cx + cy * cy + cz * cz) + r * r
    if root <= 0.0:
        return -1.0
    return along - math.sqrt(root)


@njit(cache=True, nogil=True, fastmath=True)
def _cone_hit(p: Floats, rx: float, ry: float, rz: float) -> Any:
    """Return (ray length or -1, normal x, y, z) for a rounded cone; the normal is unscaled."""
    ax, ay, az = p[POINT_A], p[POINT_A + 1], p[POINT_A + 2]
    bx, by, bz = p[POINT_B], p[POINT_B + 1], p[POINT_B + 2]
    ra, rb = p[RADIUS_A], p[RADIUS_B]
    ex, ey, ez = bx - ax, by - ay, bz - az
    taper = ra - rb
    length2 = ex * ex + ey * ey + ez * ez
    side2 = length2 - taper * taper
    if side2 > 1e-10:
        # The side: project everything on the axis and solve the quadratic of an infinite cone.
        axis_origin = -(ex * ax + ey * ay + ez * az)
        axis_ray = ex * rx + ey * ry + ez * rz
        ray_origin = -(rx * ax + ry * ay + rz * az)
        origin2 = ax * ax + ay * ay + az * az
        k2 = side2 - axis_ray * axis_ray
        k1 = side2 * ray_origin - axis_origin * axis_ray + axis_ray * taper * ra
        k0 = side2 * origin2 - axis_origin * axis_origin
        k0 += 2.0 * axis_origin * taper * ra - length2 * ra * ra
        root = k1 * k1 - k0 * k2
        if root >= 0.0 and abs(k2) > 1e-12:
            t = (-math.sqrt(root) - k1) / k2
            y = axis_origin - ra * taper + t * axis_ray
            if t > 0.0 and 0.0 < y < side2:
                nx = side2 * (t * rx - ax) - ex * y
                ny = side2 * (t * ry - ay) - ey * y
                return t, nx, ny, side2 * (t * rz - az) - ez * y
    first = _sphere_hit(ax, ay, az, ra, rx, ry, rz)
    second = _sphere_hit(bx, by, bz, rb, rx, ry, rz)
    if first > 0.0 and (second <= 0.0 or first < second):
        return first, first * rx - ax, first * ry - ay, first * rz - az
    return second, second * rx - bx, second * ry - by, second * rz - bz


@njit(cache=True, nogil=True, fastmath=True)
def _ellipsoid_hit(p: Floats, rx: float, ry: float, rz: float) -> Any:
    """Return (ray length or -1, normal x, y, z) for an ellipsoid; the normal is unscaled."""
    a = b = 0.0
    c = -1.0
    for axis in range(3):
        inverse = 1.0 / p[POINT_B + axis]
        wx, wy, wz = p[AXES + 3 * axis], p[AXES + 3 * axis + 1], p[AXES + 3 * axis + 2]
        o = -(wx * p[POINT_A] + wy * p[POINT_A + 1] + wz * p[POINT_A + 2]) * inverse
        q = (wx * rx + wy * ry + wz * rz) * inverse
        a, b, c = a + q * q, b + o * q, c + o * o
    root = b * b - a * c
    if root <= 0.0:
        return -1.0, 0.0, 0.0, 0.0
    t = (-b - math.sqrt(root)) / a
    nx = ny = nz = 0.0
    for axis in range(3):
        inverse = 1.0 / p[POINT_B + axis]
        wx, wy, wz = p[AXES + 3 * axis], p[AXES + 3 * axis + 1], p[AXES + 3 * axis + 2]
        dx, dy, dz = t * rx - p[POINT_A], t * ry - p[POINT_A + 1], t * rz - p[POINT_A + 2]
        local = (wx * dx + wy * dy + wz * dz) * inverse * inverse
        nx, ny, nz = nx + wx * local, ny + wy * local, nz + wz * local
    return t, nx, ny, nz


@njit(cache=True, nogil=True, fastmath=True)
def _image_bounds(p: Floats, tangent: float, height: int, width: int) -> Any:
    """Return (x0, y0, x1, y1), the half-open pixel box a primitive may cover; empty if unseen."""
    low_x = low_y = 1.0e9
    high_x = high_y = -1.0e9
    ends = 2 if p[KIND] < 0.5 else 1
    for end in range(ends):
        radius = p[RADIUS_A + end]
        if ends == 1:
            radius = max(p[POINT_B], p[POINT_B + 1], p[POINT_B + 2])
        point = POINT_A if end == 0 else POINT_B
        distance = -p[point + 2]
        if distance - radius < _NEAR_M:
            return 0, 0, 0, 0
        scale = 0.5 * height / (tangent * distance)
        # A sphere off the axis projects to an ellipse; 1.15 covers its stretch at these angles.
        reach = 1.15 * 0.5 * height * radius / (tangent * (distance - radius)) + 1.5
        x = 0.5 * width + p[point] * scale
        y = 0.5 * height - p[point + 1] * scale
        low_x, high_x = min(low_x, x - reach), max(high_x, x + reach)
        low_y, high_y = min(low_y, y - reach), max(high_y, y + reach)
    x0, x1 = max(0.0, low_x), min(float(width), high_x + 1.0)
    y0, y1 = max(0.0, low_y), min(float(height), high_y + 1.0)
    return int(x0), int(y0), int(max(x0, x1)), int(max(y0, y1))


@njit(cache=True, nogil=True, fastmath=True)
def cast_primitives(
    primitives: Floats, tangent: float, jitter_x: float, jitter_y: float, buffers: GeometryBuffers
) -> Any:
    """Draw primitives into the buffers, keeping the nearest surface of each pixel.

    Args:
        primitives: Table of primitives, shape (count, columns).
        tangent: Tangent of half the vertical field of view.
        jitter_x: Offset of the sample from the pixel's center, in pixels, to the right.
        jitter_y: The same, downward.
        buffers: Changed in place.

    Returns:
        (x0, y0, x1, y1): the half-open box of pixels that may have changed.
    """
    height, width = buffers.depth.shape
    pixel = 2.0 * tangent / height
    box_x0, box_y0, box_x1, box_y1 = width, height, 0, 0
    for index in range(primitives.shape[0]):
        p = primitives[index]
        x0, y0, x1, y1 = _image_bounds(p, tangent, height, width)
        if x0 >= x1 or y0 >= y1:
            continue
        box_x0, box_y0 = min(box_x0, x0), min(box_y0, y0)
        box_x1, box_y1 = max(box_x1, x1), max(box_y1, y1)
        for row in range(y0, y1):
            dy = (0.5 * height - row - 0.5 - jitter_y) * pixel
            for column in range(x0, x1):
                dx = (column + 0.5 + jitter_x - 0.5 * width) * pixel
                norm = 1.0 / math.sqrt(dx * dx + dy * dy + 1.0)
                if p[KIND] < 0.5:
                    t, nx, ny, nz = _cone_hit(p, dx * norm, dy * norm, -norm)
                else:
                    t, nx, ny, nz = _ellipsoid_hit(p, dx * norm, dy * norm, -norm)
                if 0.0 < t < buffers.depth[row, column]:
                    length = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz + 1e-24)
                    buffers.depth[row, column] = t
                    buffers.normal[row, column, 0] = nx * length
                    buffers.normal[row, column, 1] = ny * length
                    buffers.normal[row, column, 2] = nz * length
                    buffers.material[row, column] = int(p[MATERIAL])
    return box_x0, box_y0, box_x1, box_y1
