"""Scenes out of pictures: real hands over rooms and people, people, and what is no hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from training.data.clip import Image
from training.performer.collage.cutout import CutOut
from training.performer.collage.hands_table import KnownHands
from training.performer.collage.shapes import HandShape
from training.performer.collage.texture_library import Library
from training.two_views.cut_outs import Placement, box_size, paint_hand
from training.two_views.distance import farther_away
from training.two_views.joints import joints_or_stand_ins
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
_NO_HANDS = KnownHands(np.zeros((0, 3)), np.zeros((0, 21, 2)))
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Backdrop:
    """A picture, BGR, and the hands in it."""

    image: Image
    hands: KnownHands = _NO_HANDS


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
        self._people = [_Backdrop(person.image, person.hands) for person in people]
        self._rooms = [_Backdrop(_bgr(room)) for room in library.rooms]
        quiet = [scene for chosen in library.quiet_people for scene in chosen if trusts_quiet]
        self._unknown = [_Backdrop(_bgr(scene)) for scene in quiet]
        self._heads = [
            _Backdrop(person.image[: round(_HEADS * len(person.image))]) for person in self._unknown
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
        hand = self._library.hand(shape, rng)
        place = _somewhere(backdrop.image, hand, rng)
        (image,), joints, stands_in = paint_hand(backdrop.image, hand, [place], rng)
        behind_it, stand_ins = joints_or_stand_ins(backdrop.hands)
        return still_scene(
            image,
            np.concatenate([joints, behind_it]),
            UNLABELED,
            self._frames,
            stand_ins=(stands_in, *stand_ins),
        )

    def person(self, rng: np.random.Generator) -> Scene:
        """Return a person whose hands are known, near or far; it teaches no label."""
        person = _one_of(self._people, rng)
        joints, stand_ins = joints_or_stand_ins(person.hands)
        order = rng.permutation(len(joints))
        scene = still_scene(
            person.image, joints[order], UNLABELED, self._frames, stand_ins=stand_ins[order]
        )
        return self.distant(scene, rng) if self._rooms and rng.random() < 0.5 else scene

    def no_hand(self, rng: np.random.Generator) -> Scene:
        """Return a room or a person of whom something else is taken for a hand.

        It is "No gesture", but teaches no label where the person shows hands.
        """
        people = self._people or self._heads
        room = not people or rng.random() < _NO_HAND_ROOM_SHARE
        chosen = _one_of(self._rooms if room else people, rng)
        joints, stand_ins = joints_or_stand_ins(chosen.hands)
        label = UNLABELED if len(joints) else self._no_gesture
        return still_scene(
            chosen.image, joints, label, self._frames, stand_ins=stand_ins, mistaken=True
        )

    def distant(self, scene: Scene, rng: np.random.Generator) -> Scene:
        """Return the first picture of a scene, smaller, over a room: somebody far away."""
        room = _one_of(self._rooms, rng).image
        image, joints = farther_away(scene.images[0], scene.joints[0], room, rng)
        return still_scene(image, joints, scene.label, self._frames, stand_ins=scene.stand_ins)


def _one_of(items: Sequence[_Item], rng: np.random.Generator) -> _Item:
    return items[int(rng.integers(len(items)))]


def _bgr(picture: Image) -> Image:
    return np.ascontiguousarray(picture[..., ::-1])


def _somewhere(image: Image, hand: CutOut, rng: np.random.Generator) -> Placement:
    """Draw where a hand is held, of any size, mostly inside the picture."""
    height, width = image.shape[:2]
    length = height * np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST)))
    middle = np.zeros(2)
    for axis, side in enumerate((width, height)):
        margin = min(0.45 * box_size(hand, length), side / 2)
        middle[axis] = rng.uniform(margin, side - margin)
    return Placement(middle, length, np.radians(rng.normal(0.0, _TURN_DEGREES)))
