"""One training sample of two views: as a stream would see it, with boxes a little off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.two_views.box import Box, Followed, Located, follow, init_box_state, place_values
from models.two_views.cropping import OUTSIDE_BGR
from models.two_views.joints import hand_boxes
from models.two_views.spec import TwoViewSpec
from training.performer.arrays import Floats
from training.two_views.box_noise import BoxNoise, located_boxes
from training.two_views.camera import (
    STILL_RANGE,
    Affine,
    CameraRange,
    after,
    moved,
    sample_camera,
    seen_through,
    trembling,
)
from training.two_views.joints import in_view
from training.two_views.scene import Scene
from training.two_views.views import Views

_LEAST_PIXELS = 4.0


@dataclass(frozen=True)
class TwoViewSample:
    """Both views of T frames, or one of them: a view that is not drawn has sides of 0 pixels.

    Attributes:
        whole: BGR of shape (T, H, W, 3).
        squares: BGR of shape (T, S, S, 3).
        places: Place values of each frame, float32 of shape (T, 4).
        boxes: Where the hands are, the main one first, in heights of the view, float32 of shape
            (T, 2, 3); NaN where none shows.
        joints: Where their joints are, in the same units, float32 of shape (T, 2, 21, 2); NaN where
            no hand shows or its joints are not known.
        aspect: Width of the whole view over its height.
    """

    whole: NDArray[np.uint8]
    squares: NDArray[np.uint8]
    places: NDArray[np.float32]
    boxes: NDArray[np.float32]
    joints: NDArray[np.float32]
    aspect: float

    def flipped(self) -> TwoViewSample:
        """Return the sample mirrored from left to right; its label changes with it."""
        places, boxes, joints = self.places.copy(), self.boxes.copy(), self.joints.copy()
        places[:, 0] *= -1.0
        for points in (boxes, joints):
            points[..., 0] = self.aspect - points[..., 0]
        whole, squares = self.whole[:, :, ::-1], self.squares[:, :, ::-1]
        return TwoViewSample(whole, squares, places, boxes, joints, self.aspect)


def sample_views(
    rng: np.random.Generator,
    scene: Scene,
    spec: TwoViewSpec,
    *,
    views: Views = Views.BOTH,
    noise: BoxNoise | None = None,
    near: float = 0.0,
) -> TwoViewSample:
    """Make one sample out of a scene.

    Args:
        rng: Source of chance.
        scene: What is before the camera.
        spec: The network that will see it.
        views: Which views to draw.
        noise: How far boxes are off; `BoxNoise()` by default.
        near: Probability of a camera so near that the hand fills the view or more.
    """
    view = (spec.whole.input_height, spec.whole.input_width)
    cameras = _cameras(rng, scene, view, near)
    seen = np.stack([moved(*pair) for pair in zip(scene.joints, cameras, strict=True)]) / view[0]
    boxes = _visible_boxes(seen, view)
    learned = np.isfinite(boxes[..., 0]) & ~np.array(scene.stand_ins)
    joints = np.where(learned[..., None, None], seen, np.nan)
    whole = squares = np.zeros((len(cameras), 0, 0, 3), np.uint8)
    if views.whole:
        shown = [seen_through(*pair, *view) for pair in zip(scene.images, cameras, strict=True)]
        whole = np.stack(shown)
    found = boxes[:, 0] if scene.decoy is None else _decoys(scene.decoy, cameras, view[0])
    located = located_boxes(rng, found, spec.aspect, noise or BoxNoise())
    followed = list(_followed(located, spec))
    places = [place_values(at.box, seen=at.seen, aspect=spec.aspect) for at in followed]
    if views.square:
        cut = zip(scene.images, cameras, followed, strict=True)
        squares = np.stack(
            [_square(image, camera, at.box, view, spec) for image, camera, at in cut]
        )
    hands = (boxes.astype(np.float32), joints.astype(np.float32))
    return TwoViewSample(whole, squares, np.stack(places), *hands, spec.aspect)


def _cameras(
    rng: np.random.Generator, scene: Scene, view: tuple[int, int], near: float
) -> list[Affine]:
    """Draw a camera for every frame: it moves, a little, only before what does not.

    It looks for the main hand, or for what is taken for one.
    """
    height, width = scene.images[0].shape[:2]
    main = hand_boxes(scene.joints[:, 0])
    inside = in_view(scene.joints[:, 0] / height, width / height)
    sought = main[inside] if scene.decoy is None else scene.decoy[None]
    limits = replace(STILL_RANGE if scene.still else CameraRange(), near=near)
    camera = sample_camera(rng, (height, width), view, sought, limits)
    frames = len(scene.images)
    return trembling(rng, camera, view, frames) if scene.still else [camera] * frames


def _decoys(decoy: Floats, cameras: Sequence[Affine], view_height: int) -> Floats:
    """Return where cameras see what is taken for a hand, in heights of the view, (T, 3)."""
    middles = [moved(decoy[:2], camera) for camera in cameras]
    sizes = [decoy[2] * np.sqrt(abs(np.linalg.det(camera[:, :2]))) for camera in cameras]
    boxes: Floats = np.column_stack([middles, sizes]) / view_height
    return boxes


def _followed(located: Sequence[Located], spec: TwoViewSpec) -> Iterator[Followed]:
    """Yield the box of every frame, as a stream's follows what is located."""
    state = init_box_state(spec.history)
    for found in located:
        followed = follow(found, state, spec.aspect, spec.box)
        state = followed.state
        yield followed


def _visible_boxes(joints: Floats, view: tuple[int, int]) -> Floats:
    """Return boxes in heights of the view, of shape (T, 2, 3), NaN where a hand does not show."""
    boxes = hand_boxes(joints)
    shows = in_view(joints, view[1] / view[0]) & (boxes[..., 2] * view[0] > _LEAST_PIXELS)
    return np.where(shows[..., None], boxes, np.nan)


def _square(
    image: NDArray[np.uint8], matrix: Affine, box: Box, view: tuple[int, int], spec: TwoViewSpec
) -> NDArray[np.uint8]:
    """Cut the square out of the source itself, gray where the view shows nothing."""
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
