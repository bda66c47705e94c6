"""Puts a person's hands where the performer's movement has them."""

from dataclasses import dataclass

import numpy as np

from training.performer.arm import arm_joints
from training.performer.arrays import Floats
from training.performer.collage.act import Act
from training.performer.collage.backdrop import Person
from training.performer.collage.library import Library
from training.performer.collage.sprite import (
    ArmLook,
    Finish,
    PlacedSprite,
    Sprite,
    arm_sprite,
    hand_sprite,
)
from training.performer.framing import Framing
from training.performer.hand import HAND_LENGTH_M
from training.performer.motion import HandState

# A hand is never thinner than this share of its width, from whatever side one sees it.
_THINNEST = 0.34
_ELBOW_WIDTH_M = 0.088
_UPPER_ARM_WIDTH_M = 0.11
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
    """

    act: Act
    person: Person
    main: tuple[Sprite, ...]
    second: Sprite | None
    forearm: Sprite
    upper_arm: Sprite

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
            arm = self._arm_and_hand(state, mirrored, ((self.second, 1.0, 1.0),))
            placed += [_mirrored(sprite, self.person.framing.width) for sprite in arm]
        state = performance.main.at(time_s)
        shown = self._shown(self.act.change_at(time_s))
        return placed + self._arm_and_hand(state, self.person.shoulder, shown)

    def _shown(self, change: float) -> tuple[tuple[Sprite, float, float], ...]:
        """Return which shapes show: sprite, size along and size across."""
        if len(self.main) == 1:
            return ((self.main[0], 1.0, 1.0),)
        opening = self.act.opens
        if change <= 0.5 - 0.5 * _CROSSING:
            return ((self.main[0], *_size(change, opening=opening, first=True)),)
        if change >= 0.5 + 0.5 * _CROSSING:
            return ((self.main[1], *_size(change, opening=opening, first=False)),)
        # Both at once stand for fingers on their way: what a camera's blur would show.
        return (
            (self.main[0], *_size(change, opening=opening, first=True)),
            (self.main[1], *_size(change, opening=opening, first=False)),
        )

    def _arm_and_hand(
        self,
        state: HandState,
        shoulder: Floats,
        shown: tuple[tuple[Sprite, float, float], ...],
    ) -> list[PlacedSprite]:
        """Place one arm and its hand."""
        framing = self.person.framing
        wrist, elbow, _ = arm_joints(state, shoulder, framing, 1.0)
        wrist_px, elbow_px = _pixel(framing, wrist), _pixel(framing, elbow)
        shoulder_px = _pixel(framing, shoulder)
        placed = [
            _limb(
                self.upper_arm, elbow_px, shoulder_px, _UPPER_ARM_WIDTH_M * _scale(framing, elbow)
            ),
            _limb(self.forearm, wrist_px, elbow_px, _ELBOW_WIDTH_M * _scale(framing, elbow)),
        ]
        axes = _thickened(state.rotation[:2, :2])
        length_px = HAND_LENGTH_M * _scale(framing, wrist)
        across, along = axes[:, 0] * (1.0, -1.0), axes[:, 1] * (1.0, -1.0)
        for sprite, size_along, size_across in shown:
            placed.append(
                sprite.placed(
                    wrist_px, across * length_px * size_across, along * length_px * size_along
                )
            )
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
    tone = person.skin * rng.uniform(0.85, 1.2)
    finish = Finish(
        tone,
        np.array([rng.uniform(-0.5, 0.5), rng.uniform(-0.3, 0.5)]),
        squeeze=1.0 if rng.random() < 0.5 else float(rng.uniform(0.75, 1.1)),
        slant=float(rng.uniform(-0.12, 0.2)),
        largest_px=float(min(largest_px, 1.2 * framing.height)),
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
    )


def _size(change: float, *, opening: bool, first: bool) -> tuple[float, float]:
    """Return a shape's size (along, across) while one shape turns into the other."""
    open_share = change if opening else 1.0 - change
    if opening == first:
        # The closed shape swells a little before it gives way.
        return 1.0 + 0.15 * open_share, 1.0 + 0.1 * open_share
    grown = np.clip((open_share - 0.4) / 0.6, 0.0, 1.0)
    return float(0.72 + 0.28 * grown), float(0.6 + 0.4 * grown)


def _scale(framing: Framing, point: Floats) -> float:
    """Return pixels per metre at a camera-space point's distance."""
    return framing.height / (2.0 * framing.tangent * max(0.14, -float(point[2])))


def _pixel(framing: Framing, point: Floats) -> Floats:
    """Return where a camera-space point appears, shape (2,)."""
    scale = _scale(framing, point)
    centre = np.array([0.5 * framing.width, 0.5 * framing.height])
    return centre + scale * point[:2] * (1.0, -1.0)


def _limb(sprite: Sprite, start: Floats, end: Floats, width_px: float) -> PlacedSprite:
    """Place an arm's sprite between two points."""
    along = end - start
    length = float(np.hypot(along[0], along[1])) + 1e-6
    across = np.array([-along[1], along[0]]) * (0.5 * width_px / length)
    return sprite.placed(start, across, along)


def _thickened(axes: Floats) -> Floats:
    """Return a (2, 2) view of the hand that is nowhere thinner than a hand."""
    left, sizes, right = np.linalg.svd(axes)
    return np.asarray((left * np.maximum(sizes, _THINNEST)) @ right)


def _mirrored(sprite: PlacedSprite, width: int) -> PlacedSprite:
    """Return the sprite where a mirrored frame shows it."""
    matrix = sprite.matrix.copy()
    matrix[0] *= -1.0
    matrix[0, 2] += width
    return PlacedSprite(sprite.picture, matrix)
