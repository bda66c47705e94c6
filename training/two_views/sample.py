"""One training sample of two views: as a stream would see it, with boxes a little off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.two_views.box import Box, Located, follow, init_box_state, place_values
from models.two_views.cropping import OUTSIDE_BGR
from models.two_views.spec import TwoViewSpec
from training.performer.arrays import Floats
from training.two_views.camera import (
    Affine,
    CameraRange,
    after,
    moved,
    sample_camera,
    seen_through,
)
from training.two_views.joints import hand_boxes, in_view

_LEAST_PIXELS = 4.0


@dataclass(frozen=True)
class BoxNoise:
    """How far the boxes of training are from the hands, as a locator's are.

    Attributes:
        place: Spread of the middle in sizes of the hand: of a whole sample, and of each frame.
        size: Spread of the logarithm of the size, likewise.
        missed: Probability that a hand is not found in a frame.
        strengths: One of these multiplies both spreads of a sample.
    """

    place: tuple[float, float] = (0.05, 0.06)
    size: tuple[float, float] = (0.10, 0.07)
    missed: float = 0.05
    strengths: tuple[float, ...] = (0.5, 1.0, 1.6)


@dataclass(frozen=True)
class TwoViewSample:
    """Both views of T frames.

    Attributes:
        whole: BGR of shape (T, H, W, 3).
        squares: BGR of shape (T, S, S, 3).
        places: Place values of each frame, float32 of shape (T, 4).
        boxes: Where the hands are, the main one first, in heights of the view, float32 of shape
            (T, 2, 3); NaN where none shows. Targets of the locator.
    """

    whole: NDArray[np.uint8]
    squares: NDArray[np.uint8]
    places: NDArray[np.float32]
    boxes: NDArray[np.float32]

    def flipped(self) -> TwoViewSample:
        """Return the sample mirrored from left to right; its label changes with it."""
        places, boxes = self.places.copy(), self.boxes.copy()
        places[:, 0] *= -1.0
        boxes[..., 0] = self.whole.shape[2] / self.whole.shape[1] - boxes[..., 0]
        return TwoViewSample(self.whole[:, :, ::-1], self.squares[:, :, ::-1], places, boxes)


def sample_views(
    rng: np.random.Generator,
    images: Sequence[NDArray[np.uint8]],
    joints: Floats,
    spec: TwoViewSpec,
    *,
    camera: CameraRange | None = None,
    noise: BoxNoise | None = None,
) -> TwoViewSample:
    """Make one sample out of the frames of a clip.

    Args:
        rng: Source of chance.
        images: T pictures of one size, BGR.
        joints: In pixels of these, the main hand first, of shape (T, 2, 21, 2); NaN where a hand
            is not used.
        spec: The network that will see them.
        camera: How far the camera may go; `CameraRange()` by default.
        noise: How far boxes are off; `BoxNoise()` by default.
    """
    view = (spec.whole.input_height, spec.whole.input_width)
    source = images[0].shape[:2]
    main = hand_boxes(joints[:, 0])
    inside = in_view(joints[:, 0] / source[0], source[1] / source[0])
    limits = camera or CameraRange()
    matrix = sample_camera(rng, (source[0], source[1]), view, main[inside], limits)
    boxes = _visible_boxes(moved(joints, matrix) / view[0], view)
    located = _noisy(rng, boxes[:, 0], noise or BoxNoise())
    state, squares, places = init_box_state(spec.history), [], []
    for image, found in zip(images, located, strict=True):
        followed = follow(found, state, spec.aspect, spec.box)
        state = followed.state
        squares.append(_square(image, matrix, followed.box, view, spec))
        places.append(place_values(followed.box, seen=followed.seen, aspect=spec.aspect))
    whole = [seen_through(image, matrix, *view) for image in images]
    return TwoViewSample(
        np.stack(whole), np.stack(squares), np.stack(places), boxes.astype(np.float32)
    )


def _visible_boxes(joints: Floats, view: tuple[int, int]) -> Floats:
    """Return boxes in heights of the view, of shape (T, 2, 3), NaN where a hand does not show."""
    boxes = hand_boxes(joints)
    shows = in_view(joints, view[1] / view[0]) & (boxes[..., 2] * view[0] > _LEAST_PIXELS)
    return np.where(shows[..., None], boxes, np.nan)


def _noisy(rng: np.random.Generator, boxes: Floats, noise: BoxNoise) -> list[Located]:
    """Return what a locator might say, for the main hand's boxes of shape (T, 3)."""
    count, strength = len(boxes), rng.choice(noise.strengths)
    drift = rng.normal(0.0, noise.place[0], 2) + rng.normal(0.0, noise.place[1], (count, 2))
    swell = rng.normal(0.0, noise.size[0]) + rng.normal(0.0, noise.size[1], count)
    missed = rng.random(count) < noise.missed
    result = []
    for box, off, log_size, miss in zip(boxes, drift, swell, missed, strict=True):
        if miss or not np.isfinite(box).all():
            result.append(Located(Box(0.0, 0.0, 1.0), presence=0.0))
            continue
        x, y = box[:2] + strength * off * box[2]
        size = float(box[2] * np.exp(strength * log_size))
        result.append(Located(Box(float(x), float(y), size), presence=1.0))
    return result


def _square(
    image: NDArray[np.uint8], matrix: Affine, box: Box, view: tuple[int, int], spec: TwoViewSpec
) -> NDArray[np.uint8]:
    """Cut the square out of the source itself, grey where the view shows nothing."""
    side, height = spec.crop.input_height, view[0]
    scale = spec.box.hand_share * side / (box.size * height)
    corner = side / 2 - scale * height * np.array([box.x, box.y])
    cut = np.hstack([scale * np.eye(2), corner[:, None]])
    square = seen_through(image, after(cut, matrix), side, side)
    left, top = np.clip(np.round(corner), 0, side).astype(int)
    right, bottom = np.clip(np.round(corner + scale * np.array(view[::-1])), 0, side).astype(int)
    shown = np.full_like(square, OUTSIDE_BGR)
    shown[top:bottom, left:right] = square[top:bottom, left:right]
    return shown
