"""Colors what the ray caster found: the light half of the renderer.

Light is linear RGB. A sky and a ground tint everything, one key light (window or lamp) models the
shapes, a weak light at the camera stands for the screen, and nearby depth edges darken what lies
behind them, which is what sets a hand off against the face it passes.
"""

import math
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from training.performer.arrays import Floats
from training.performer.primitives import Material
from training.performer.raycast import FAR_M, GeometryBuffers

# Columns of a material table row.
COLOR = 0
SECOND_COLOR = 3
PATTERN = 6
PATTERN_SCALE = 7
SPECULAR = 8
GLOSS = 9
MATERIAL_COLUMNS = 10

_HAND = int(Material.HAND)
_SECOND_HAND = int(Material.SECOND_HAND)
_OCCLUSION_RANGE_M = 0.10


class Pattern(IntEnum):
    """How a material's second color is spread over it."""

    PLAIN = 0
    STRIPES = 1
    CHECKS = 2
    MOTTLED = 3
    PRINT = 4
    PALM = 5
    STRANDS = 6
    UPRIGHT_STRIPES = 7


_STRIPES = int(Pattern.STRIPES)
_CHECKS = int(Pattern.CHECKS)
_MOTTLED = int(Pattern.MOTTLED)
_PRINT = int(Pattern.PRINT)
_PALM = int(Pattern.PALM)
_STRANDS = int(Pattern.STRANDS)
_UPRIGHT_STRIPES = int(Pattern.UPRIGHT_STRIPES)


class Light(NamedTuple):
    """The light of a room; colors are linear RGB of shape (3,), directions are unit vectors."""

    sky: Floats
    ground: Floats
    key_direction: Floats
    key: Floats
    screen: Floats
    wrap: float
    edge_shade: float
    occlusion: float


@njit(cache=True, nogil=True, fastmath=True)
def _lattice(i: int, j: int) -> float:
    """Return a fixed pseudo-random value in [0, 1] for a lattice point."""
    n = (i * 374761393 + j * 668265263) & 0x7FFFFFFF
    n = ((n ^ (n >> 13)) * 1274126177) & 0x7FFFFFFF
    return float((n ^ (n >> 16)) & 0xFFFF) / 65535.0


@njit(cache=True, nogil=True, fastmath=True)
def _smooth_noise(x: float, y: float) -> float:
    """Return value noise in [0, 1] with a period of about one unit."""
    i, j = math.floor(x), math.floor(y)
    u, v = x - i, y - j
    u, v = u * u * (3.0 - 2.0 * u), v * v * (3.0 - 2.0 * v)
    top = _lattice(i, j) * (1.0 - u) + _lattice(i + 1, j) * u
    bottom = _lattice(i, j + 1) * (1.0 - u) + _lattice(i + 1, j + 1) * u
    return top * (1.0 - v) + bottom * v


@njit(cache=True, nogil=True, fastmath=True)
def _second_share(pattern: int, scale: float, x: float, y: float, palmward: float) -> float:
    """Return how much of the second color shows, 0 to 1, at a place on the body (meters)."""
    if pattern == _STRIPES:
        return 1.0 if math.sin(y * scale) > 0.0 else 0.0
    if pattern == _UPRIGHT_STRIPES:
        return 1.0 if math.sin(x * scale) > 0.0 else 0.0
    if pattern == _CHECKS:
        across = 0.5 if math.sin(x * scale) > 0.0 else 0.0
        return across + (0.5 if math.sin(y * scale) > 0.0 else 0.0)
    if pattern == _MOTTLED:
        return _smooth_noise(x * scale * 0.4 + 50.0, y * scale * 0.4 + 50.0)
    if pattern == _STRANDS:
        return _smooth_noise(x * scale + 50.0, y * scale * 0.15 + 50.0)
    if pattern == _PRINT:
        inside = abs(x) < 0.07 and -0.33 < y < -0.22
        return 1.0 if inside and _smooth_noise(x * 110.0 + 70.0, y * 90.0 + 90.0) > 0.5 else 0.0
    if pattern == _PALM:
        return min(1.0, max(0.0, 0.4 + 1.5 * palmward))
    return 0.0


@njit(cache=True, nogil=True, fastmath=True)
def _occlusion(depth: NDArray[np.float32], row: int, column: int, reach: int) -> float:
    """Return 0 (open) to 1: how closely the neighboring pixels crowd in front of this one."""
    height, width = depth.shape
    here = depth[row, column]
    total = 0.0
    for step_y in range(-1, 2):
        for step_x in range(-1, 2):
            y = min(height - 1, max(0, row + step_y * reach))
            x = min(width - 1, max(0, column + step_x * reach))
            gap = here - depth[y, x]
            if 0.0 < gap < _OCCLUSION_RANGE_M:
                total += min(1.0, gap / 0.008) * (1.0 - gap / _OCCLUSION_RANGE_M)
    return total / 8.0


@njit(cache=True, nogil=True, fastmath=True)
def _shade_pixel(
    material: Floats,
    share: float,
    normal: NDArray[np.float32],
    ray: Any,
    distance: float,
    light: Light,
    color: NDArray[np.float32],
) -> None:
    """Write the linear RGB light that one surface point sends to the camera."""
    nx, ny, nz = normal[0], normal[1], normal[2]
    rx, ry, rz = ray
    facing = max(0.0, -(nx * rx + ny * ry + nz * rz))
    lx, ly, lz = light.key_direction[0], light.key_direction[1], light.key_direction[2]
    key = max(0.0, (nx * lx + ny * ly + nz * lz + light.wrap) / (1.0 + light.wrap))
    edge = 1.0 - light.edge_shade + light.edge_shade * facing
    near = min(2.5, 0.2 / (distance * distance + 0.05))
    gleam = 0.0
    if material[SPECULAR] > 0.0:
        hx, hy, hz = lx - rx, ly - ry, lz - rz
        length = math.sqrt(hx * hx + hy * hy + hz * hz + 1e-9)
        gleam = max(0.0, (nx * hx + ny * hy + nz * hz) / length)
        gleam = material[SPECULAR] * gleam ** material[GLOSS]
    for channel in range(3):
        albedo = material[COLOR + channel] * (1.0 - share)
        albedo += material[SECOND_COLOR + channel] * share
        upward = 0.5 + 0.5 * ny
        around = light.ground[channel] * (1.0 - upward) + light.sky[channel] * upward
        lit = around * edge + light.key[channel] * key + light.screen[channel] * facing * near
        color[channel] = albedo * lit + gleam * light.key[channel]


@njit(cache=True, nogil=True, fastmath=True)
def shade_box(
    buffers: GeometryBuffers,
    box: Any,
    tangent: float,
    light: Light,
    materials: Floats,
    origin: Floats,
    palms: Floats,
    color: NDArray[np.float32],
) -> None:
    """Color the pixels of a box that were hit, and darken those close behind something.

    Args:
        buffers: What the ray caster found; pixels of no material keep the color they have.
        box: (x0, y0, x1, y1), half-open, in pixels.
        tangent: Tangent of half the vertical field of view.
        light: The room's light.
        materials: Table of materials, shape (count, `MATERIAL_COLUMNS`).
        origin: Point of the body that its patterns move with, shape (3,), meters.
        palms: Directions of the right and the left palm, shape (2, 3).
        color: Linear RGB, shape (H, W, 3); changed in place.
    """
    height, width = buffers.depth.shape
    pixel = 2.0 * tangent / height
    reach = max(1, int(0.022 * height))
    for row in range(box[1], box[3]):
        dy = (0.5 * height - row - 0.5) * pixel
        for column in range(box[0], box[2]):
            depth = buffers.depth[row, column]
            index = buffers.material[row, column]
            if index >= 0:
                dx = (column + 0.5 - 0.5 * width) * pixel
                norm = 1.0 / math.sqrt(dx * dx + dy * dy + 1.0)
                ray = (dx * norm, dy * norm, -norm)
                normal = buffers.normal[row, column]
                palmward = 0.0
                if index in (_HAND, _SECOND_HAND):
                    palm = palms[1 if index == _SECOND_HAND else 0]
                    palmward = normal[0] * palm[0] + normal[1] * palm[1] + normal[2] * palm[2]
                material = materials[index]
                x, y = ray[0] * depth - origin[0], ray[1] * depth - origin[1]
                scale = material[PATTERN_SCALE]
                share = _second_share(int(material[PATTERN]), scale, x, y, palmward)
                _shade_pixel(material, share, normal, ray, depth, light, color[row, column])
            if depth > 0.5 * FAR_M:  # the room is behind everything, and nothing close to it
                continue
            open_share = 1.0 - light.occlusion * _occlusion(buffers.depth, row, column, reach)
            for channel in range(3):
                color[row, column, channel] *= open_share
