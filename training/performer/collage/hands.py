"""Puts a person's hands where the performer's movement has them."""

import math
from dataclasses import dataclass

import numpy as np

from training.performer.arm import arm_joints
from training.performer.arrays import Floats
from training.performer.collage.act import Act
from training.performer.collage.backdrop import Person
from training.performer.collage.shapes import HandShape
from training.performer.collage.sprite import (
    ArmLook,
    Finish,
    PlacedSprite,
    Sprite,
    arm_sprite,
    hand_sprite,
)
from training.performer.collage.texture_library import Library
from training.performer.framing import Framing
from training.performer.hand import HAND_LENGTH_M
from training.performer.motion import HandState

# A hand is never thinner than this share of its width, from whatever side one sees it.
_THINNEST = 0.3
_THICKNESS = 0.13
_SCALES = (1.0, 1.35)
_COPIES = 3
# From y up to y down, for the rows of a matrix.
_DOWNWARD = np.array([[1.0], [-1.0]])
_ELBOW_WIDTH_M = 0.08
_UPPER_ARM_WIDTH_M = 0.095
# An elbow near the camera would hide the picture: at most so much nearer than the hand.
_NEAREST_ELBOW = 1.2
# One shape turns into the next within this part of the change, the rest is growing and shrinking.
_CROSSING = 0.16


@dataclass(frozen=True)
class Hands:
    """A person's hands and arms as sprites.

    Attributes:
        act: What they do.
        person: Whose they are.
        main: The main hand's shapes, one or two.
        second: The other hand; None if it rests.
        forearm: Drawn between wrist and elbow.
        upper_arm: Drawn between elbow and shoulder.
        scale: Size of hand and arm; 1 is a hand of 0.19 m. Larger ones stand for people who hold
            their hands closer to the camera than the performer does.
    """

    act: Act
    person: Person
    main: tuple[Sprite, ...]
    second: Sprite | None
    forearm: Sprite
    upper_arm: Sprite
    scale: float

    def at(self, time_s: float) -> list[PlacedSprite]:
        """Return what is in view at a time, the farthest first."""
        performance = self.act.performance
        if performance.main is None:
            return []
        placed = []
        if self.second is not None and performance.second is not None:
            state = performance.second.at(time_s)
            head_x = float(self.person.framing.head[0])
            shoulder = self.person.shoulder
            mirrored = np.array([shoulder[0] - 2.0 * head_x, shoulder[1], shoulder[2]])
            root = np.array([mirrored[0], *self.person.arm_root[1:]])
            arm = self._arm_and_hand(state, mirrored, root, ((self.second, 1.0, 1.0),))
            placed += [_mirrored(sprite, self.person.framing.width) for sprite in arm]
        state = performance.main.at(time_s)
        shown = self._shown(self.act.change_at(time_s))
        person = self.person
        return placed + self._arm_and_hand(state, person.shoulder, person.arm_root, shown)

    def _shown(self, change: float) -> tuple[tuple[Sprite, float, float], ...]:
        """Return which shapes show: sprite, size along and size across."""
        if len(self.main) == 1:
            return ((self.main[0], 1.0, 1.0),)
        first = (self.main[0], *self._size(change, first=True))
        second = (self.main[1], *self._size(change, first=False))
        if change <= 0.5 - 0.5 * _CROSSING:
            return (first,)
        if change >= 0.5 + 0.5 * _CROSSING:
            return (second,)
        # Both at once stand for fingers on their way: what a camera's blur would show.
        return (first, second)

    def _size(self, change: float, *, first: bool) -> tuple[float, float]:
        """Return a shape's size (along, across) while one shape turns into the other."""
        open_share = change if self.act.opens else 1.0 - change
        if self.act.opens == first:
            # The closed shape swells a little before it gives way.
            return 1.0 + 0.15 * open_share, 1.0 + 0.1 * open_share
        if HandShape.OPEN_PALM not in self.act.shapes:
            return 1.0, 1.0
        grown = float(np.clip((open_share - 0.4) / 0.6, 0.0, 1.0))
        return 0.8 + 0.2 * grown, 0.72 + 0.28 * grown

    def _arm_and_hand(
        self,
        state: HandState,
        shoulder: Floats,
        root: Floats,
        shown: tuple[tuple[Sprite, float, float], ...],
    ) -> list[PlacedSprite]:
        """Place one arm and its hand."""
        framing = self.person.framing
        wrist, elbow, _ = arm_joints(state, shoulder, framing, self.scale)
        wrist_px, elbow_px = _pixel(framing, wrist), _pixel(framing, elbow)
        root_px = _pixel(framing, root)
        wrist_scale = _scale(framing, wrist)
        elbow_scale = self.scale * min(_scale(framing, elbow), _NEAREST_ELBOW * wrist_scale)
        placed = [
            _limb(self.upper_arm, elbow_px, root_px, _UPPER_ARM_WIDTH_M * elbow_scale),
            _limb(self.forearm, wrist_px, elbow_px, _ELBOW_WIDTH_M * elbow_scale),
        ]
        rotation = state.rotation
        length_px = HAND_LENGTH_M * self.scale * wrist_scale
        axes = _thickened(rotation[:2, :2]) * _DOWNWARD * length_px
        # Seen from the side a hand is a slab: copies behind the picture fill it up.
        away = -1.0 if rotation[2, 2] > 0.0 else 1.0
        depth = away * _THICKNESS * length_px * rotation[:2, 2] * _DOWNWARD[:, 0]
        copies = int(_COPIES * float(np.hypot(rotation[0, 2], rotation[1, 2])))
        for sprite, size_along, size_across in shown:
            sized = axes * (size_across, size_along)
            placed += [
                sprite.placed(wrist_px + depth * (copy / _COPIES), sized)
                for copy in range(copies, -1, -1)
            ]
        return placed


def make_hands(rng: np.random.Generator, library: Library, act: Act, person: Person) -> Hands:
    """Choose and finish the sprites of a clip.

    Args:
        rng: Source of chance.
        library: Where cut-outs come from.
        act: What the hands do.
        person: Whose hands they are.
    """
    framing = person.framing
    nearest_m = min((key.state.distance for key in act.cue.gesture.keyframes), default=0.5)
    largest_px = HAND_LENGTH_M * framing.height / (2.0 * framing.tangent * nearest_m)
    scale = float(rng.uniform(*_SCALES))
    tone = person.skin * rng.uniform(0.85, 1.2)
    slimmest = 0.62 if act.shapes[0] is HandShape.TWO_FINGERS else 0.75
    finish = Finish(
        tone,
        np.array([rng.uniform(-0.5, 0.5), rng.uniform(-0.3, 0.5)]),
        squeeze=1.0 if rng.random() < 0.5 else float(rng.uniform(slimmest, 1.1)),
        slant=float(rng.uniform(-0.12, 0.2)),
        largest_px=float(min(scale * largest_px, 1.4 * framing.height)),
    )
    main = tuple(hand_sprite(library.hand(shape, rng), finish) for shape in act.shapes)
    second = None
    if act.performance.second is not None:
        second = hand_sprite(library.hand(act.second_shape, rng), finish)
    sleeve_from = person.sleeve_from + float(rng.uniform(-0.05, 0.1))
    stripes, side_light = float(rng.uniform(0.0, 0.8)), 0.7 * float(finish.light[0])
    forearm = ArmLook(0.95 * tone, person.sleeve, sleeve_from, stripes, side_light)
    upper = ArmLook(0.95 * tone, person.sleeve, -1.0, stripes, side_light)
    return Hands(
        act,
        person,
        main,
        second,
        arm_sprite(forearm, narrow=float(rng.uniform(0.62, 0.75)), rng=rng),
        arm_sprite(upper, narrow=0.9, rng=rng),
        scale,
    )


def _scale(framing: Framing, point: Floats) -> float:
    """Return pixels per meter at a camera-space point's distance."""
    return framing.height / (2.0 * framing.tangent * max(0.14, -float(point[2])))


def _pixel(framing: Framing, point: Floats) -> Floats:
    """Return where a camera-space point appears, shape (2,)."""
    scale = _scale(framing, point)
    return np.array(
        [
            0.5 * framing.width + scale * float(point[0]),
            0.5 * framing.height - scale * float(point[1]),
        ]
    )


def _limb(sprite: Sprite, start: Floats, end: Floats, width_px: float) -> PlacedSprite:
    """Place an arm's sprite between two points."""
    along = end - start
    length = float(np.hypot(along[0], along[1])) + 1e-6
    half = 0.5 * width_px / length
    axes = np.array([[-along[1] * half, along[0]], [along[0] * half, along[1]]])
    return sprite.placed(start, axes)


def _thickened(axes: Floats) -> Floats:
    """Return a (2, 2) view of the hand that is nowhere thinner than a hand."""
    (a, b), (c, d) = axes.tolist()
    smaller = abs(math.hypot(a + d, c - b) - math.hypot(a - d, c + b)) / 2.0
    if smaller >= _THINNEST:
        return axes
    left, sizes, right = np.linalg.svd(axes)
    return np.asarray((left * np.maximum(sizes, _THINNEST)) @ right)


def _mirrored(sprite: PlacedSprite, width: int) -> PlacedSprite:
    """Return the sprite where a mirrored frame shows it."""
    matrix = sprite.matrix.copy()
    matrix[0] *= -1.0
    matrix[0, 2] += width
    return PlacedSprite(sprite.picture, matrix)
