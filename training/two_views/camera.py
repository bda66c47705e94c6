"""A camera that looks at a recorded clip anew: closer or farther, elsewhere, a little tilted.

What does not define a label, such as place and size of the hand in the picture, is drawn afresh for
every sample. All matrices are affine, of shape (2, 3), from source pixels to view pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.performer.arrays import Floats

Affine = NDArray[np.float64]

_STRETCH = 0.12
_TILT_DEGREES = 6.0
_LEAST_MARGIN, _MOST_MARGIN = 0.15, 0.5
# Of the margin around a hand that fills the view.
_NEAR_MARGIN = 0.3
_PLAIN_ZOOM = 1.15
_WIDEST = 1.05
# How often a camera before a still hand is at rest, and how else it moves, in heights of the view.
_AT_REST, _DRIFTING, _SWELLING, _TREMBLING = 0.3, 0.6, 0.5, 0.5
_DRIFT, _SWELL, _TREMBLE_PX = 0.012, 0.012, 0.4
# Below this scale a Gaussian takes out what the smaller picture cannot show.
_BLUR_BELOW = 0.75
_BLUR_PER_SCALE = 0.42


@dataclass(frozen=True)
class CameraRange:
    """How far a simulated camera may go.

    Attributes:
        least_share: Least share of the view's height that a hand fills.
        most_share: Largest share.
        plain: Probability of the whole picture instead of a closer look.
        near: Probability, of a closer look, of a hand that fills the view or more.
        near_shares: Least and largest share of the view's height that such a hand fills.
    """

    least_share: float = 0.12
    most_share: float = 0.85
    plain: float = 0.3
    near: float = 0.0
    near_shares: tuple[float, float] = (0.8, 1.35)


STILL_RANGE = CameraRange(most_share=1.05, plain=0.2)
"""For hands that are held still, which may fill the view."""


def sample_camera(
    rng: np.random.Generator,
    source: tuple[int, int],
    view: tuple[int, int],
    boxes: Floats,
    limits: CameraRange,
) -> Affine:
    """Draw a camera that keeps the hand's path in view, as far as the picture goes.

    Args:
        rng: Source of chance.
        source: Height and width of the recorded picture, in pixels.
        view: Height and width of the whole view.
        boxes: The main hand's boxes in source pixels where it shows, of shape (N, 3).
        limits: How far it may go.
    """
    if len(boxes) == 0 or rng.random() < limits.plain:
        scale, middle = _plain(rng, source, view)
    else:
        scale, middle = _closer(rng, source, view, boxes, limits)
    return _matrix(rng, view, scale, middle)


def _plain(
    rng: np.random.Generator, source: tuple[int, int], view: tuple[int, int]
) -> tuple[float, Floats]:
    scale = max(v / s for v, s in zip(view, source, strict=True)) * rng.uniform(1.0, _PLAIN_ZOOM)
    size = np.array(source[::-1], float)
    slack = np.maximum(size - np.array(view[::-1]) / scale, 0.0)
    return scale, size / 2 + rng.uniform(-0.5, 0.5, 2) * slack


def _closer(
    rng: np.random.Generator,
    source: tuple[int, int],
    view: tuple[int, int],
    boxes: Floats,
    limits: CameraRange,
) -> tuple[float, Floats]:
    hand = float(np.median(boxes[:, 2]))
    low, high = boxes[:, :2].min(axis=0), boxes[:, :2].max(axis=0)
    margin = 2 * hand * rng.uniform(_LEAST_MARGIN, _MOST_MARGIN)
    share = np.exp(rng.uniform(np.log(limits.least_share), np.log(limits.most_share)))
    if rng.random() < limits.near:
        share = rng.uniform(*limits.near_shares)
    if share >= limits.near_shares[0]:
        margin *= _NEAR_MARGIN
    width, height = high - low + margin
    shown = max(hand / share, height, width * view[0] / view[1])
    shown = min(shown, _WIDEST * min(s * view[0] / v for s, v in zip(source, view, strict=True)))
    scale = view[0] / shown
    span = np.array(view[::-1]) / scale
    slack = np.maximum(span - (high - low) - margin, 0.0)
    middle = (low + high) / 2 + rng.uniform(-0.5, 0.5, 2) * slack
    size = np.array(source[::-1], float)
    inner = np.minimum(span, size) / 2
    return scale, np.clip(middle, inner, size - inner)


def _matrix(
    rng: np.random.Generator, view: tuple[int, int], scale: float, middle: Floats
) -> Affine:
    """Return the map with a little tilt and stretch that puts `middle` in the view's middle."""
    angle = np.radians(rng.normal(0.0, _TILT_DEGREES))
    stretch = np.exp(0.5 * rng.uniform(-_STRETCH, _STRETCH))
    across, down = scale * stretch, scale / stretch
    turn = np.array(
        [
            [across * np.cos(angle), -across * np.sin(angle)],
            [down * np.sin(angle), down * np.cos(angle)],
        ]
    )
    target = np.array(view[::-1]) / 2
    return np.hstack([turn, (target - turn @ middle)[:, None]])


def trembling(
    rng: np.random.Generator, camera: Affine, view: tuple[int, int], frames: int
) -> list[Affine]:
    """Return a camera that is not quite at rest, frame by frame.

    Args:
        rng: Source of chance.
        camera: The camera at rest.
        view: Height and width of the whole view.
        frames: How many.
    """
    if rng.random() < _AT_REST:
        return [camera] * frames
    height, width = view
    drift = rng.normal(0.0, _DRIFT * height, 2) * (rng.random() < _DRIFTING)
    swell = np.exp(rng.normal(0.0, _SWELL) * (rng.random() < _SWELLING))
    tremble = rng.uniform(0.0, _TREMBLE_PX) * (rng.random() < _TREMBLING)
    middle = np.array([width / 2, height / 2])
    result = []
    for time in np.linspace(-1.0, 1.0, frames):
        zoom = swell**time
        shift = (1 - zoom) * middle + drift * time + rng.normal(0.0, 1.0, 2) * tremble
        result.append(after(np.hstack([zoom * np.eye(2), shift[:, None]]), camera))
    return result


def after(second: Affine, first: Affine) -> Affine:
    """Return the map that applies `first`, then `second`."""
    turn = second[:, :2] @ first[:, :2]
    return np.hstack([turn, (second[:, :2] @ first[:, 2] + second[:, 2])[:, None]])


def moved(points: Floats, matrix: Affine) -> Floats:
    """Return points of shape (..., 2) where the map puts them."""
    result: Floats = points @ matrix[:, :2].T + matrix[:, 2]
    return result


def seen_through(
    image: NDArray[np.uint8], matrix: Affine, height: int, width: int
) -> NDArray[np.uint8]:
    """Return what the map shows of a picture, of shape (height, width, 3)."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if scale < _BLUR_BELOW:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), _BLUR_PER_SCALE / scale), np.uint8)
    shown = cv2.warpAffine(
        image,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(shown, np.uint8)
