"""Scenes out of pictures: real hands over rooms and people, people, and what is no hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from training.data.clip import Image
from training.performer.actor import SKIN_TONES
from training.performer.arrays import Floats, Picture
from training.performer.collage.compositing import Shadow, composite
from training.performer.collage.cutout import CutOut
from training.performer.collage.shapes import HandShape
from training.performer.collage.sprite import Finish, PlacedSprite, hand_sprite
from training.performer.collage.texture_library import Library
from training.performer.color import LINEAR_LEVELS, linear
from training.two_views.distance import farther_away
from training.two_views.joints import stand_in_joints
from training.two_views.people import KnownPerson
from training.two_views.scene import UNLABELED, Scene, still_scene

# Length of a hand in heights of the picture.
_SMALLEST, _LARGEST = 0.1, 0.85
_TURN_DEGREES = 12.0
_PERSON_SHARE = 0.25
# Open palms, which hold and swipe, are nearly half of what hands show.
_PALM_SHARE = 0.45
_SHAPES = tuple(HandShape)
_NO_HAND_ROOM_SHARE = 0.4
# The upper part of a picture, where people have their heads, and hardly ever their hands.
_HEADS = 0.45
_NO_BOXES = np.zeros((0, 3))
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Backdrop:
    """A picture, BGR, and boxes of the hands in it, of shape (N, 3)."""

    image: Image
    boxes: Floats


class PictureScenes:
    """Makes scenes of the pictures of a texture folder.

    Args:
        library: Cut-outs, rooms and people.
        people: People whose hands are known.
        no_gesture: Index of the label of scenes without a hand.
        frames: T.
        trusts_quiet: Whether to use people whose hands are not known, as long as they make no sign:
            as background, and their heads as what is no hand. A locator, which looks everywhere,
            must not be told that there is none.
    """

    def __init__(
        self,
        library: Library,
        people: Sequence[KnownPerson],
        no_gesture: int,
        frames: int,
        *,
        trusts_quiet: bool,
    ) -> None:
        self._library, self._frames, self._no_gesture = library, frames, no_gesture
        self._people = [_Backdrop(person.image, person.boxes) for person in people]
        self._rooms = [_Backdrop(_bgr(room), _NO_BOXES) for room in library.rooms]
        quiet = [scene for chosen in library.quiet_people for scene in chosen if trusts_quiet]
        self._unknown = [_Backdrop(_bgr(scene), _NO_BOXES) for scene in quiet]
        self._heads = [
            _Backdrop(person.image[: round(_HEADS * len(person.image))], _NO_BOXES)
            for person in self._unknown
        ]

    @property
    def has_rooms(self) -> bool:
        """Whether there is anything to put hands before."""
        return bool(self._rooms)

    @property
    def has_people(self) -> bool:
        """Whether anybody's hands are known."""
        return bool(self._people)

    def cut_out(self, rng: np.random.Generator) -> Scene:
        """Return a real hand, held still over a room or a person; it teaches no label."""
        behind = self._rooms
        others = self._people or self._unknown
        if others and rng.random() < _PERSON_SHARE:
            behind = others
        backdrop = _one_of(behind, rng)
        palm = rng.random() < _PALM_SHARE
        shape = HandShape.OPEN_PALM if palm else _one_of(_SHAPES, rng)
        image, box = _with_hand(backdrop.image, self._library.hand(shape, rng), rng)
        joints = stand_in_joints(np.concatenate([box[None], backdrop.boxes]))
        return still_scene(image, joints, UNLABELED, self._frames)

    def person(self, rng: np.random.Generator) -> Scene:
        """Return a person whose hands are known, near or far; it teaches no label."""
        person = _one_of(self._people, rng)
        boxes = rng.permutation(person.boxes)
        scene = still_scene(person.image, stand_in_joints(boxes), UNLABELED, self._frames)
        return self.distant(scene, rng) if self._rooms and rng.random() < 0.5 else scene

    def no_hand(self, rng: np.random.Generator) -> Scene:
        """Return a room or a person of whom something else is taken for a hand.

        It is "No gesture", but teaches no label where the person shows hands.
        """
        people = self._people or self._heads
        room = not people or rng.random() < _NO_HAND_ROOM_SHARE
        chosen = _one_of(self._rooms if room else people, rng)
        label = UNLABELED if len(chosen.boxes) else self._no_gesture
        joints = stand_in_joints(chosen.boxes)
        return still_scene(chosen.image, joints, label, self._frames, mistaken=True)

    def distant(self, scene: Scene, rng: np.random.Generator) -> Scene:
        """Return the first picture of a scene, smaller, over a room: somebody far away."""
        room = _one_of(self._rooms, rng).image
        image, joints = farther_away(scene.images[0], scene.joints[0], room, rng)
        return still_scene(image, joints, scene.label, self._frames)


def _one_of(items: Sequence[_Item], rng: np.random.Generator) -> _Item:
    return items[int(rng.integers(len(items)))]


def _bgr(picture: Image) -> Image:
    return np.ascontiguousarray(picture[..., ::-1])


def _with_hand(image: Image, hand: CutOut, rng: np.random.Generator) -> tuple[Image, Floats]:
    """Put a hand before a picture; return that, and the hand's box in its pixels, of shape (3,)."""
    height, width = image.shape[:2]
    length = height * np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST)))
    shown = hand.wrist[1] / hand.hand_px
    box = np.array([0.0, 0.0, length * max(0.9, 1.05 * shown)])
    for axis, side in enumerate((width, height)):
        margin = min(0.45 * box[2], side / 2)
        box[axis] = rng.uniform(margin, side - margin)
    angle = np.radians(rng.normal(0.0, _TURN_DEGREES))
    up = np.array([np.sin(angle), -np.cos(angle)])
    across = np.array([np.cos(angle), np.sin(angle)]) * (1 if rng.random() < 0.5 else -1)
    # As `hand_boxes` places the middle of a hand of that length, seen from its palm's side.
    wrist = box[:2] - up * length * (0.2 + 0.25 * shown)
    light = cv2.LUT(np.ascontiguousarray(image[..., ::-1]), LINEAR_LEVELS)
    finish = _finish(np.asarray(light, np.float32), length, rng)
    sprite = hand_sprite(hand, finish).placed(wrist, length * np.stack([across, up], axis=1))
    return _developed(np.asarray(light, np.float32), sprite, length, rng), box


def _finish(behind: Picture, length: float, rng: np.random.Generator) -> Finish:
    """Draw skin in a light as bright as the picture."""
    mean = float(behind.mean()) + 0.01
    brightness = np.clip((mean / 0.25) ** 0.7, 0.25, 1.8) * rng.uniform(0.7, 1.3)
    tone = linear(SKIN_TONES[int(rng.integers(len(SKIN_TONES)))]) * brightness
    return Finish(tone, rng.normal(0.0, 0.15, 2), rng.uniform(0.9, 1.1), 0.0, length)


def _developed(
    light: Picture, sprite: PlacedSprite, length: float, rng: np.random.Generator
) -> Image:
    shadow = Shadow(float(rng.uniform(0.0, 0.3)), max(0.05 * length, 0.5), round(0.05 * length))
    shown = composite(light, [[sprite]], shadow)
    levels = np.clip(shown, 0.0, 1.0) ** (1 / 2.2) * 255.0
    return np.ascontiguousarray(levels[..., ::-1].astype(np.uint8))
