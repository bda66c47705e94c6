"""What the joints of a hand look like to the reader: elsewhere, misread, taken for something else.

All arrays are of B clips of N frames: joints from the middle of the view, in its heights, of shape
(B, N, 21, 2), and whether a hand is seen, of shape (B, N).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.two_views.joints import hand_boxes
from training.performer.arrays import Floats

Seen = NDArray[np.bool_]

_LEAST_SIZE = 0.02
_GHOST_PLACES = ((-0.5, -0.4), (0.5, 0.4))


@dataclass(frozen=True)
class JointVariation:
    """How far joints are varied and misread.

    Probabilities and factors are drawn for every clip. Spreads of joints are in sizes of the hand.

    Attributes:
        zoom: Least and largest natural logarithm of the camera's factor.
        stretch: Spread of the logarithm by which it differs across.
        tilt_degrees: Spread of its tilt.
        shift: Spread of where it looks, in heights of the view.
        strengths: One of these multiplies what follows, up to `swell`.
        strength_shares: Their probabilities.
        joint: Spread of each joint's place, in the whole clip.
        joint_frame: The same, in each frame.
        hand_frame: Spread of the whole hand's place in each frame.
        swell: Spread of the logarithm of its size in each frame.
        blend: Largest share of the way to the mean pose, by which a network that is not sure errs.
        blended: Probability of that.
        lost: Probability of a clip in which the hand is not seen in some frames.
        lost_frame: Probability of each of these frames.
        ghost: Probability of something that is taken for a hand where none is.
        ghost_sizes: Least and largest logarithm of its size over that of a hand.
        astray: Probability of a clip in which it is taken for the hand in some frames.
        astray_frame: Probability of each of these frames.
    """

    zoom: tuple[float, float] = (-0.5, 0.8)
    stretch: float = 0.07
    tilt_degrees: float = 8.0
    shift: float = 0.12
    strengths: tuple[float, ...] = (0.3, 1.0, 2.0, 3.0)
    strength_shares: tuple[float, ...] = (0.2, 0.35, 0.3, 0.15)
    joint: float = 0.03
    joint_frame: float = 0.025
    hand_frame: float = 0.025
    swell: float = 0.04
    blend: float = 0.35
    blended: float = 0.5
    lost: float = 0.35
    lost_frame: float = 0.2
    ghost: float = 0.18
    ghost_sizes: tuple[float, float] = (-0.7, 0.9)
    astray: float = 0.08
    astray_frame: float = 0.2

    def without_errors(self) -> JointVariation:
        """Return the same cameras, for joints that a network has misread already."""
        exact = replace(self, strengths=(0.0,), strength_shares=(1.0,), blended=0.0)
        return replace(exact, lost=0.0, ghost=0.0, astray=0.0)


def through_camera(rng: np.random.Generator, joints: Floats, variation: JointVariation) -> Floats:
    """Return joints as another camera sees them, the same in all frames of a clip."""
    batch = len(joints)
    down = np.exp(rng.uniform(*variation.zoom, batch))
    across = down * np.exp(rng.normal(0.0, variation.stretch, batch))
    angle = np.radians(rng.normal(0.0, variation.tilt_degrees, batch))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    scaled = joints * np.stack([across, down], axis=-1)[:, None, None]
    shift = rng.normal(0.0, variation.shift, (batch, 1, 1, 2))
    seen: Floats = np.einsum("bnji,ikb->bnjk", scaled, turn) + shift
    return seen


def with_ghosts(
    rng: np.random.Generator,
    joints: Floats,
    seen: Seen,
    begun: Seen,
    hands: NDArray[np.float32],
    variation: JointVariation,
) -> tuple[Floats, Seen]:
    """Return joints and where hands are seen, once something else is taken for one now and then.

    Args:
        rng: Source of chance.
        joints: The hand's.
        seen: Whether it is seen.
        begun: Whether the stream has begun, of shape (B, N).
        hands: What ghosts look like, of shape (M, 21, 2).
        variation: How often, and how large.
    """
    batch, frames = len(seen), seen.shape[1]
    ghosts = _ghosts(rng, batch, frames, hands, variation)
    haunted = (rng.random(batch) < variation.ghost)[:, None] & ~seen & begun
    strays = (rng.random(batch) < variation.astray)[:, None] & seen
    strays &= rng.random(seen.shape) < variation.astray_frame
    return np.where((haunted | strays)[..., None, None], ghosts, joints), seen | haunted


def _ghosts(
    rng: np.random.Generator,
    batch: int,
    frames: int,
    hands: NDArray[np.float32],
    variation: JointVariation,
) -> Floats:
    """Return a hand for every clip that stays about where it is, wherever that is."""
    shapes = hands[rng.integers(len(hands), size=batch)].astype(np.float64)
    shapes -= shapes.mean(axis=1, keepdims=True)
    sizes = np.exp(rng.uniform(*variation.ghost_sizes, batch))[:, None, None]
    places = rng.uniform(*_GHOST_PLACES, (batch, 2))[:, None]
    tremble = rng.normal(0.0, 0.01, (batch, frames, 1, 2))
    ghosts: Floats = (sizes * shapes + places)[:, None] + tremble
    return ghosts


def misread(
    rng: np.random.Generator, joints: Floats, mean_pose: Floats, variation: JointVariation
) -> Floats:
    """Return joints as a network says them that errs.

    Args:
        rng: Source of chance.
        joints: The hand's, or anything finite.
        mean_pose: From `mean_pose_of`.
        variation: How far it errs.
    """
    batch, frames = len(joints), joints.shape[1]
    boxes = hand_boxes(joints)[..., None, :]
    middle, size = boxes[..., :2], np.maximum(boxes[..., 2:], _LEAST_SIZE)
    strength = rng.choice(variation.strengths, batch, p=variation.strength_shares)
    strength = strength[:, None, None, None]
    unsure = rng.uniform(0.0, variation.blend, batch) * (rng.random(batch) < variation.blended)
    said = joints + unsure[:, None, None, None] * (middle + size * mean_pose - joints)
    off = rng.normal(0.0, variation.joint, (batch, 1, *joints.shape[2:]))
    off = off + rng.normal(0.0, variation.joint_frame, joints.shape)
    off = off + rng.normal(0.0, variation.hand_frame, (batch, frames, 1, 2))
    swell = np.exp(strength * rng.normal(0.0, variation.swell, (batch, frames, 1, 1)))
    erring: Floats = middle + swell * (said + size * strength * off - middle)
    return erring


def lose(rng: np.random.Generator, seen: Seen, variation: JointVariation) -> Seen:
    """Return in which frames the hand is still seen where a network misses some."""
    missed = (rng.random(len(seen)) < variation.lost)[:, None]
    return seen & ~(missed & (rng.random(seen.shape) < variation.lost_frame))


def mean_pose_of(hands: NDArray[np.float32]) -> Floats:
    """Return the mean of hands from the middle of their boxes, in their sizes, of shape (21, 2).

    Args:
        hands: Of shape (M, 21, 2).
    """
    boxes = hand_boxes(hands)
    sizes = np.maximum(boxes[:, None, 2:], _LEAST_SIZE)
    mean: Floats = ((hands - boxes[:, None, :2]) / sizes).mean(axis=0)
    return mean
