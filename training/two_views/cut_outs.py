"""Puts a real hand, cut out of a picture, before another picture: held still, or moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from training.data.clip import Image
from training.performer.actor import SKIN_TONES
from training.performer.arrays import Floats, Picture
from training.performer.collage.compositing import Shadow, composite
from training.performer.collage.cutout import CutOut
from training.performer.collage.sprite import Finish, PlacedSprite, hand_sprite
from training.performer.color import LINEAR_LEVELS, linear
from training.two_views.joints import stand_in_joints

_TURN_DEGREES = 12.0
# Length of a hand in heights of the picture.
_HELD_LENGTHS, _MOVED_LENGTHS = (0.1, 0.85), (0.1, 0.42)
# Of a stroke: how long it takes, its third axis, the growth of a hand that comes nearer, the way
# across in shares of what fits, and how far the hand turns meanwhile, in radians.
_STROKE_FRAMES = (2.2, 5.0)
_NEARER = 2
_GROWTHS, _REACHES = (1.5, 2.4), (0.45, 0.95)
_SWING = 0.25


@dataclass(frozen=True)
class Placement:
    """Where a hand is in a picture.

    Attributes:
        middle: About the middle of its palm, in pixels.
        length: Of the stretched hand, in pixels.
        angle: By how much it is turned from upright, clockwise, in radians.
    """

    middle: Floats
    length: float
    angle: float


class PaintedHand(NamedTuple):
    """A hand before a picture.

    Attributes:
        images: BGR, one for each placement.
        joints: Of the hand, in their pixels, of shape (T, 21, 2).
        stands_in: Whether these only stand for its box.
    """

    images: list[Image]
    joints: Floats
    stands_in: bool


def box_size(hand: CutOut, length: float) -> float:
    """Return the size of the box around a cut-out of that length, if its joints are not known."""
    return length * max(0.9, 1.05 * hand.wrist[1] / hand.hand_px)


def held(image: Image, hand: CutOut, rng: np.random.Generator) -> Placement:
    """Draw where a hand is held, of any size, mostly inside the picture."""
    height, width = image.shape[:2]
    length = height * np.exp(rng.uniform(*np.log(_HELD_LENGTHS)))
    middle = np.zeros(2)
    for axis, side in enumerate((width, height)):
        margin = min(0.45 * box_size(hand, length), side / 2)
        middle[axis] = rng.uniform(margin, side - margin)
    return Placement(middle, length, np.radians(rng.normal(0.0, _TURN_DEGREES)))


def stroke(image: Image, frames: int, rng: np.random.Generator) -> list[Placement]:
    """Draw a hand's way across the picture, up or down, toward the camera or away from it.

    Args:
        image: What it moves before.
        frames: T; the stroke begins and ends within them, or nearly so.
        rng: Source of chance.
    """
    height, width = image.shape[:2]
    length = height * np.exp(rng.uniform(*np.log(_MOVED_LENGTHS)))
    duration, middle = rng.uniform(*_STROKE_FRAMES), rng.uniform(0.31, 0.6) * frames
    time = np.clip((np.arange(frames) - middle) / duration + 0.5, 0.0, 1.0)
    done = time**3 * (time * (6 * time - 15) + 10)  # as in a reach of least jerk
    offset, scale = np.zeros((frames, 2)), np.ones(frames)
    axis = int(rng.integers(3))
    way = 1 if rng.random() < 0.5 else -1
    if axis == _NEARER:
        growth = rng.uniform(*_GROWTHS)
        scale = growth ** (way * (done - 0.5))
        offset[:, 1] = rng.normal(0.0, 0.055 * height) * (done - 0.5)
    else:
        reach = rng.uniform(*_REACHES) * (0.75 * width, 0.67 * height)[axis]
        offset[:, axis] = way * reach * (done - 0.5)
        offset[:, 1 - axis] = rng.normal(0.0, 0.045 * height) * np.sin(np.pi * done)
    center = rng.uniform((0.375, 0.39), (0.625, 0.64)) * (width, height)
    turn = np.radians(rng.normal(0.0, _TURN_DEGREES)) + rng.normal(0.0, _SWING) * (done - 0.5)
    return [
        Placement(center + by, length * grown, angle)
        for by, grown, angle in zip(offset, scale, turn, strict=True)
    ]


def paint_hand(
    image: Image, hand: CutOut, placements: Sequence[Placement], rng: np.random.Generator
) -> PaintedHand:
    """Put a hand before a picture, in its light.

    Args:
        image: BGR.
        hand: The hand.
        placements: Where it is, frame by frame; equal ones share a picture.
        rng: Draws skin, light, and from which side the hand is seen.
    """
    light = np.asarray(cv2.LUT(np.ascontiguousarray(image[..., ::-1]), LINEAR_LEVELS), np.float32)
    finish = _finish(light, max(place.length for place in placements), rng)
    sprite = hand_sprite(hand, finish)
    side = 1 if rng.random() < 0.5 else -1
    opacity = float(rng.uniform(0.0, 0.3))
    shown: dict[int, Image] = {}
    images, joints = [], []
    for place in placements:
        wrist, axes = _carried(hand, place, side)
        if id(place) not in shown:
            shown[id(place)] = _developed(light, sprite.placed(wrist, axes), place.length, opacity)
        images.append(shown[id(place)])
        joints.append(_joints(hand, place, wrist, axes, finish.squeeze))
    return PaintedHand(images, np.stack(joints), hand.joints is None)


def _carried(hand: CutOut, place: Placement, side: int) -> tuple[Floats, Floats]:
    """Return the wrist, of shape (2,), and the hand's axes as columns, of shape (2, 2)."""
    up = np.array([np.sin(place.angle), -np.cos(place.angle)])
    across = np.array([np.cos(place.angle), np.sin(place.angle)]) * side
    # As `hand_boxes` places the middle of a hand of that length, seen from its palm's side.
    wrist = place.middle - up * place.length * (0.2 + 0.25 * hand.wrist[1] / hand.hand_px)
    return wrist, place.length * np.stack([across, up], axis=1)


def _joints(hand: CutOut, place: Placement, wrist: Floats, axes: Floats, squeeze: float) -> Floats:
    """Return where the joints are, or what stands for them, of shape (21, 2)."""
    if hand.joints is None:
        return stand_in_joints(np.array([*place.middle, box_size(hand, place.length)]))
    own = (hand.joints - hand.wrist) * (squeeze, -1.0) / hand.hand_px
    joints: Floats = wrist + own @ axes.T
    return joints


def _finish(behind: Picture, length: float, rng: np.random.Generator) -> Finish:
    """Draw skin in a light as bright as the picture."""
    mean = float(behind.mean()) + 0.01
    brightness = np.clip((mean / 0.25) ** 0.7, 0.25, 1.8) * rng.uniform(0.7, 1.3)
    tone = linear(SKIN_TONES[int(rng.integers(len(SKIN_TONES)))]) * brightness
    return Finish(tone, rng.normal(0.0, 0.15, 2), rng.uniform(0.9, 1.1), 0.0, length)


def _developed(light: Picture, sprite: PlacedSprite, length: float, opacity: float) -> Image:
    shadow = Shadow(opacity, max(0.05 * length, 0.5), round(0.05 * length))
    shown = composite(light, [[sprite]], shadow)
    levels = np.clip(shown, 0.0, 1.0) ** (1 / 2.2) * 255.0
    return np.ascontiguousarray(levels[..., ::-1].astype(np.uint8))
