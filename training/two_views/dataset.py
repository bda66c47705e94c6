"""Samples of two views out of clips and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from models.two_views.spec import TwoViewSpec
from training.data.dataset import Sample, SampleKey, first_readable
from training.data.errors import DataError, UnreadableClipError
from training.data.unreadable import Unreadable
from training.labels import mirrored_indices
from training.number_types import NonNegativeFloat
from training.two_views.box_noise import BoxNoise
from training.two_views.clip_scenes import ClipScenes
from training.two_views.colors import ColorRange, vary_colors
from training.two_views.picture_scenes import PictureScenes
from training.two_views.sample import TwoViewSample, sample_views
from training.two_views.scene import UNLABELED, Scene
from training.two_views.views import Views

_VALIDATION = 1
"""Keeps what is drawn for validation apart from training."""

_AT_PERSON = 0.5
"""How often a box goes astray at a person's face, where faces of people with hands are known."""


class SampleKind(StrEnum):
    """Where a sample comes from."""

    MOVING = "moving"
    HELD = "held"
    DISTANT = "distant"
    CUT_OUT = "cut_out"
    PERSON = "person"
    NO_HAND = "no_hand"
    CUT_MOVING = "cut_moving"
    ASTRAY = "astray"


@dataclass(frozen=True)
class SampleShares:
    """How often samples come from where, relative to each other.

    What a run has no pictures for is left out.

    Attributes:
        moving: A clip.
        held: One moment of a clip.
        distant: One moment of a clip, far away in a room, without a label; needs textures.
        cut_out: A real hand over a room or a person, without a label; needs textures.
        person: A real person whose hands are known, without a label; needs textures.
        no_hand: Something that is no hand, under "No gesture"; needs textures.
        cut_moving: A real hand that moves before a room, without a label; needs textures.
        astray: A clip or a person whose face, or something else, is taken for the hand, without a
            label; needs textures.
    """

    moving: NonNegativeFloat = 0.58
    held: NonNegativeFloat = 0.24
    distant: NonNegativeFloat = 0.0
    cut_out: NonNegativeFloat = 0.12
    person: NonNegativeFloat = 0.0
    no_hand: NonNegativeFloat = 0.06
    cut_moving: NonNegativeFloat = 0.0
    astray: NonNegativeFloat = 0.0


class TwoViewPixels(NamedTuple):
    """What a network of two views sees and is asked for; see `sample.TwoViewSample`.

    Attributes:
        whole: uint8 RGB of shape (T, H, W, 3); without pixels where it is not trained.
        squares: uint8 RGB of shape (T, S, S, 3), likewise.
        places: float32 of shape (T, 4).
        boxes: float32 of shape (T, 2, 3).
        joints: float32 of shape (T, 2, 21, 2).
    """

    whole: Tensor
    squares: Tensor
    places: Tensor
    boxes: Tensor
    joints: Tensor


@dataclass(frozen=True)
class SampleOptions:
    """How scenes become samples.

    Attributes:
        pair: The network.
        views: Which views are trained.
        noise: How far boxes are off.
        colors: How far cameras differ.
        locator_frames: Frames of a scene that the whole view takes if it is trained alone.
        near_hands: Probability, of a closer look, of a hand that fills the view or more.
        faces: Probability of a real face beside the hand of a clip, if there are faces.
    """

    pair: TwoViewSpec
    views: Views
    noise: BoxNoise
    colors: ColorRange
    locator_frames: int
    near_hands: float = 0.0
    faces: float = 0.0


class TwoViewClips(Dataset[Sample]):
    """Randomly varied samples for training, as many as there are clips.

    Args:
        clips: Where hands move.
        pictures: Real hands, rooms and people; None for none.
        shares: How often which is taken.
        options: How they become samples.

    Raises:
        DataError: Nothing is left to be taken.
    """

    def __init__(
        self,
        clips: ClipScenes,
        pictures: PictureScenes | None,
        shares: SampleShares,
        options: SampleOptions,
    ) -> None:
        self._clips, self._pictures, self._options = clips, pictures, options
        self._mirrored = mirrored_indices(options.pair.whole.labels)
        possible = _possible(clips, pictures)
        self._kinds = [kind for kind in SampleKind if kind in possible and getattr(shares, kind)]
        if not self._kinds:
            raise DataError("data.shares leaves nothing to train on; raise data.shares.moving.")
        self._limits = np.cumsum([float(getattr(shares, kind)) for kind in self._kinds])

    def __len__(self) -> int:
        """Return how many clips there are."""
        return len(self._clips.clips)

    def __getitem__(self, key: SampleKey) -> Sample:
        """Return one sample, which depends on the key alone."""
        rng = np.random.default_rng(key)
        drawn = rng.random() * self._limits[-1]
        kind = self._kinds[int(np.searchsorted(self._limits, drawn, side="right"))]
        scene, unreadable = self._scene(kind, key[-1], rng)
        if scene is None:
            return Sample(None, 0, unreadable)
        scene = _taken(scene, self._options, rng)
        beside = self._pictures if kind in (SampleKind.MOVING, SampleKind.HELD) else None
        if beside is not None and rng.random() < self._options.faces:
            scene = beside.with_face(scene, rng)
        sample = _seen(scene, self._options, rng)
        sample = vary_colors(rng, sample, self._options.colors)
        label = scene.label
        opposite = UNLABELED if label == UNLABELED else self._mirrored[label]
        if rng.random() < 0.5 and opposite is not None:
            sample, label = sample.flipped(), opposite
        return Sample(_pixels(sample), label, unreadable)

    def _scene(
        self, kind: SampleKind, index: int, rng: np.random.Generator
    ) -> tuple[Scene | None, tuple[Unreadable, ...]]:
        pictures = self._pictures
        if pictures is not None and kind in _OF_PICTURES:
            return _OF_PICTURES[kind](pictures, rng), ()
        misled = pictures if kind is SampleKind.ASTRAY else None
        if misled is not None and misled.has_faces_with_hands and rng.random() < _AT_PERSON:
            return misled.astray_at_person(rng), ()

        def read(number: int) -> Scene:
            if kind is SampleKind.HELD:
                return self._clips.held(number, rng)
            if pictures is not None and kind is SampleKind.DISTANT:
                return pictures.distant(self._clips.moment(number, rng), rng)
            scene = self._clips.moving(number, rng)
            return scene if misled is None else misled.astray(scene, rng)

        first = index
        if kind is SampleKind.HELD:
            first = self._clips.draw_held(rng)
        elif kind is SampleKind.MOVING:
            first = self._clips.draw_moving(index, rng)
        return first_readable(read, self._clips.clips, first, rng)


_OF_PICTURES: dict[SampleKind, Callable[[PictureScenes, np.random.Generator], Scene]] = {
    SampleKind.CUT_OUT: PictureScenes.cut_out,
    SampleKind.PERSON: PictureScenes.person,
    SampleKind.NO_HAND: PictureScenes.no_hand,
    SampleKind.CUT_MOVING: PictureScenes.cut_moving,
}


def _possible(clips: ClipScenes, pictures: PictureScenes | None) -> set[SampleKind]:
    """Return the kinds of samples for which there is something to make them of."""
    kinds = {SampleKind.MOVING}
    if clips.can_be_held:
        kinds.add(SampleKind.HELD)
    if pictures is not None and pictures.has_rooms:
        kinds |= {SampleKind.DISTANT, SampleKind.CUT_OUT, SampleKind.NO_HAND}
        kinds |= {SampleKind.CUT_MOVING, SampleKind.ASTRAY}
    if pictures is not None and pictures.has_people:
        kinds.add(SampleKind.PERSON)
    return kinds


class ValidationClips(Dataset[Sample]):
    """Clips in fixed samples: in their own colors, from the middle, with boxes off as in training.

    Args:
        clips: The clips.
        options: How they become samples.
    """

    def __init__(self, clips: ClipScenes, options: SampleOptions) -> None:
        self._clips, self._options = clips, options

    def __len__(self) -> int:
        """Return how many clips there are."""
        return len(self._clips.clips)

    def __getitem__(self, index: int) -> Sample:
        """Return one clip."""
        clip = self._clips.clips[index]
        try:
            scene = self._clips.moving(index, None)
        except UnreadableClipError as error:
            return Sample(None, clip.label, (Unreadable(clip.name, str(error)),))
        rng = np.random.default_rng([_VALIDATION, index])
        return Sample(_pixels(sample_of(scene, self._options, rng)), clip.label)


def sample_of(scene: Scene, options: SampleOptions, rng: np.random.Generator) -> TwoViewSample:
    """Return a sample of a scene, in its own colors."""
    return _seen(_taken(scene, options, rng), options, rng)


def _taken(scene: Scene, options: SampleOptions, rng: np.random.Generator) -> Scene:
    """Return the frames of a scene that a sample has: of a locator alone, a few."""
    if options.views is not Views.WHOLE:
        return scene
    count = min(options.locator_frames, len(scene.images))
    return scene.frames(sorted(rng.choice(len(scene.images), count, replace=False)))


def _seen(scene: Scene, options: SampleOptions, rng: np.random.Generator) -> TwoViewSample:
    return sample_views(
        rng,
        scene,
        options.pair,
        views=options.views,
        noise=options.noise,
        near=options.near_hands,
    )


def _pixels(sample: TwoViewSample) -> TwoViewPixels:
    """Return tensors, RGB."""
    whole, squares = (
        torch.from_numpy(np.ascontiguousarray(pictures[..., ::-1]))
        for pictures in (sample.whole, sample.squares)
    )
    known = (torch.from_numpy(part) for part in (sample.places, sample.boxes, sample.joints))
    return TwoViewPixels(whole, squares, *known)
