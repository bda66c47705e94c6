"""Scenes out of pictures: real hands over rooms and people, people, and what is no hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from models.two_views.joints import hand_boxes
from training.data.clip import Image
from training.performer.arrays import Floats
from training.performer.collage.hands_table import KnownHands
from training.performer.collage.shapes import HandShape
from training.performer.collage.texture_library import Library
from training.two_views.cut_outs import held, paint_hand, stroke
from training.two_views.distance import farther_away
from training.two_views.faces import Face, LaidFace, lay_face, no_faces
from training.two_views.joints import joints_or_stand_ins
from training.two_views.people import KnownPerson
from training.two_views.scene import HANDS, UNLABELED, Scene, still_scene

_PERSON_SHARE = 0.25
# Open palms, which hold and swipe, are nearly half of what hands show.
_PALM_SHARE = 0.45
_SHAPES = tuple(HandShape)
_TWO_FINGERS_SHARE = 0.35
# How often none, one and two faces are behind a cut-out, and one where there is no hand, or where
# the hand is elsewhere.
_FACES_BEHIND = (0.25, 0.55, 0.2)
_FACE_BUT_NO_HAND, _FACE_BESIDE_HAND = 0.6, 0.7
# Sizes of heads in those of hands, and of what is taken for a hand in heights of the picture.
_HEADS_PER_HAND, _HEADS_PER_DECOY = (0.7, 2.2), (1.0, 1.65)
_HEADS_BESIDE = (0.6, 1.8)
_DECOYS = (0.12, 0.7)
_USUAL_HAND = 0.3
_NO_HAND_ROOM_SHARE = 0.4
# The upper part of a picture, where people have their heads, and hardly ever their hands.
_HEADS = 0.45
_NO_HANDS = KnownHands(np.zeros((0, 3)), np.zeros((0, 21, 2)))
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _Backdrop:
    """A picture, BGR, the hands in it, and boxes of the faces in it, of shape (N, 3)."""

    image: Image
    hands: KnownHands = _NO_HANDS
    faces: Floats = field(default_factory=no_faces)


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
        faces: To lay over pictures, as what is no hand.
    """

    def __init__(
        self,
        library: Library,
        people: Sequence[KnownPerson],
        no_gesture: int,
        frames: int,
        *,
        trusts_quiet: bool,
        faces: Sequence[Face] = (),
    ) -> None:
        self._library, self._frames, self._no_gesture = library, frames, no_gesture
        self._faces = faces
        self._people = [_Backdrop(person.image, person.hands, person.faces) for person in people]
        self._facing = [
            person for person in self._people if len(person.faces) and len(person.hands.boxes)
        ]
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

    @property
    def has_faces_with_hands(self) -> bool:
        """Whether any of these people's faces are known, too."""
        return bool(self._facing)

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
        place = held(backdrop.image, hand, rng)
        image = backdrop.image
        for _ in range(int(rng.choice(len(_FACES_BEHIND), p=_FACES_BEHIND))):
            image = self._behind(image, place.length, _HEADS_PER_HAND, backdrop.hands.boxes, rng)
        (image,), joints, stands_in = paint_hand(image, hand, [place], rng)
        behind_it, stand_ins = joints_or_stand_ins(backdrop.hands)
        return still_scene(
            image,
            np.concatenate([joints, behind_it]),
            UNLABELED,
            self._frames,
            stand_ins=(stands_in, *stand_ins),
        )

    def cut_moving(self, rng: np.random.Generator) -> Scene:
        """Return a real palm, or two fingers, that moves before a room; it teaches no label."""
        image = _one_of(self._rooms, rng).image
        two = rng.random() < _TWO_FINGERS_SHARE
        hand = self._library.hand(HandShape.TWO_FINGERS if two else HandShape.OPEN_PALM, rng)
        painted = paint_hand(image, hand, stroke(image, self._frames, rng), rng)
        joints = np.full((self._frames, HANDS, *painted.joints.shape[1:]), np.nan)
        joints[:, 0] = painted.joints
        return Scene(painted.images, joints, UNLABELED, (painted.stands_in, False))

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
        """Return a room or a person, and something in it that is taken for a hand.

        It is "No gesture", but teaches no label where the person shows hands.
        """
        people = self._people or self._heads
        room = not people or rng.random() < _NO_HAND_ROOM_SHARE
        chosen = _one_of(self._rooms if room else people, rng)
        joints, stand_ins = joints_or_stand_ins(chosen.hands)
        label = UNLABELED if len(joints) else self._no_gesture
        height, width = chosen.image.shape[:2]
        size = height * np.exp(rng.uniform(*np.log(_DECOYS)))
        decoy = np.array([rng.uniform(0.0, width), rng.uniform(0.1, 1.0) * height, size])
        image = chosen.image
        if rng.random() < _FACE_BUT_NO_HAND:
            image = self._behind(image, size, _HEADS_PER_DECOY, chosen.hands.boxes, rng)
        return still_scene(image, joints, label, self._frames, stand_ins=stand_ins, decoy=decoy)

    def astray_at_person(self, rng: np.random.Generator) -> Scene:
        """Return a person whose face is taken for a hand, and who shows hands; see `astray`."""
        person = _one_of(self._facing, rng)
        joints, stand_ins = joints_or_stand_ins(person.hands)
        decoy = _about(_one_of(list(person.faces), rng), rng)
        return still_scene(
            person.image, joints, UNLABELED, self._frames, stand_ins=stand_ins, decoy=decoy
        )

    def astray(self, scene: Scene, rng: np.random.Generator) -> Scene:
        """Return a scene in which a face, or something else, is taken for the hand.

        It teaches no label, but that the hand is elsewhere, or just where it is.
        """
        laid = None
        if rng.random() < _FACE_BESIDE_HAND:
            laid = self._beside_hands(scene, _HEADS_BESIDE, rng)
        if laid is not None:
            scene, box = _covered(scene, laid), laid.box
        else:
            height, width = scene.images[0].shape[:2]
            middle = rng.uniform((0.2, 0.05), (0.8, 0.7)) * (width, height)
            size = _hand_size(scene) * np.exp(rng.uniform(*np.log(_HEADS_BESIDE)))
            box = np.array([*middle, size])
        return replace(scene, label=UNLABELED, decoy=_about(box, rng))

    def with_face(self, scene: Scene, rng: np.random.Generator) -> Scene:
        """Return a scene with a real face in all pictures, away from the hands, if it fits."""
        laid = self._beside_hands(scene, _HEADS_BESIDE, rng)
        return scene if laid is None else _covered(scene, laid)

    def _beside_hands(
        self, scene: Scene, heads: tuple[float, float], rng: np.random.Generator
    ) -> LaidFace | None:
        """Draw a face away from all hands of a scene, its size in those of the hand."""
        if not self._faces:
            return None
        size = _hand_size(scene) * np.exp(rng.uniform(*np.log(heads)))
        height, width = scene.images[0].shape[:2]
        hands = hand_boxes(scene.joints).reshape(-1, 3)
        return lay_face(self._faces, size, height, width, hands, rng)

    def _behind(
        self,
        image: Image,
        length: float,
        heads: tuple[float, float],
        away_from: Floats,
        rng: np.random.Generator,
    ) -> Image:
        """Return a picture with a face, whose size is drawn in lengths of a hand."""
        if not self._faces:
            return image
        size = length * np.exp(rng.uniform(*np.log(heads)))
        height, width = image.shape[:2]
        laid = lay_face(self._faces, size, height, width, away_from, rng)
        return image if laid is None else laid.over(image)

    def distant(self, scene: Scene, rng: np.random.Generator) -> Scene:
        """Return the first picture of a scene, smaller, over a room: somebody far away."""
        room = _one_of(self._rooms, rng).image
        image, joints = farther_away(scene.images[0], scene.joints[0], room, rng)
        return still_scene(image, joints, scene.label, self._frames, stand_ins=scene.stand_ins)


def _one_of(items: Sequence[_Item], rng: np.random.Generator) -> _Item:
    return items[int(rng.integers(len(items)))]


def _bgr(picture: Image) -> Image:
    return np.ascontiguousarray(picture[..., ::-1])


def _hand_size(scene: Scene) -> float:
    """Return the usual size of the main hand in a scene, in pixels."""
    sizes = hand_boxes(scene.joints[:, 0])[:, 2]
    known = sizes[np.isfinite(sizes)]
    return float(np.median(known)) if len(known) else _USUAL_HAND * scene.images[0].shape[0]


def _about(box: Floats, rng: np.random.Generator) -> Floats:
    """Return where a locator that takes something for a hand might see it, of shape (3,)."""
    x, y, size = box
    return np.array([x, y + size * rng.normal(0.0, 0.15), size * np.exp(rng.normal(0.05, 0.3))])


def _covered(scene: Scene, laid: LaidFace) -> Scene:
    """Return a scene with a face over all of its pictures."""
    done = {id(image): laid.over(image) for image in {id(i): i for i in scene.images}.values()}
    return replace(scene, images=[done[id(image)] for image in scene.images])
