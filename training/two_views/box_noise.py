"""What a locator says in training: boxes off as a locator's are, before there is a locator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.two_views.box import Box, Located
from training.performer.arrays import Floats

_LEAST_Y = 0.1
_TREMBLE = 0.02


@dataclass(frozen=True)
class BoxNoise:
    """How far the boxes of training are from the hands.

    Spreads of places are in sizes of the hand, those of sizes are of their natural logarithm.

    Attributes:
        place: Spread of the middle, of a whole sample and of each frame.
        size: Spread of the size, likewise.
        strengths: One of these multiplies these spreads in a sample; with the largest, sizes are
            also off by up to `wide`, in one direction for the whole sample.
        wide: Least and largest logarithm of such a size.
        wide_share: Probability of such a size with the other strengths.
        new: Probability that the box has just been found, and is worse in the first frames.
        new_place: Spread of the middle in these frames, the same in all of them.
        new_size: Spread of the size in these frames.
        late: Probability that boxes lag behind the hand.
        lag: Least and largest share of the last frame's movement by which they do.
        missed: Probability that a hand is not found in a frame.
        mistaken: Probability that, where no hand shows, something else is taken for one.
        mistaken_size: Least and largest size of that, in heights of the view.
    """

    place: tuple[float, float] = (0.06, 0.05)
    size: tuple[float, float] = (0.14, 0.06)
    strengths: tuple[float, ...] = (0.6, 1.0, 1.8)
    wide: tuple[float, float] = (-0.4, 0.5)
    wide_share: float = 0.0
    new: float = 0.5
    new_place: float = 0.2
    new_size: float = 0.3
    late: float = 0.25
    lag: tuple[float, float] = (0.2, 0.6)
    missed: float = 0.04
    mistaken: float = 0.24
    mistaken_size: tuple[float, float] = (0.12, 0.65)


EXACT = BoxNoise(strengths=(0.0,), wide=(0.0, 0.0), new=0.0, late=0.0, missed=0.0, mistaken=0.0)
"""Boxes where the hands are."""


def located_boxes(
    rng: np.random.Generator,
    boxes: Floats,
    aspect: float,
    noise: BoxNoise,
) -> list[Located]:
    """Return what a locator might say of a clip.

    Args:
        rng: Source of chance.
        boxes: The main hand's, in heights of the view, of shape (T, 3); NaN where none shows.
        aspect: Width of the view over its height.
        noise: How far they are off.
    """
    shows = np.asarray(np.isfinite(boxes).all(axis=1))
    found = shows & (rng.random(len(boxes)) >= noise.missed)
    said = _disturbed(rng, boxes, shows, noise)
    if not shows.all() and rng.random() < noise.mistaken:
        said[~shows] = _something_else(rng, len(boxes), aspect, noise)[~shows]
        found |= ~shows
    return [_located(box) if seen else _NOWHERE for box, seen in zip(said, found, strict=True)]


_NOWHERE = Located(Box(0.0, 0.0, 1.0), presence=0.0)


def _located(box: Floats) -> Located:
    x, y, size = (float(value) for value in box)
    return Located(Box(x, y, size), presence=1.0)


def _disturbed(
    rng: np.random.Generator, boxes: Floats, shows: NDArray[np.bool_], noise: BoxNoise
) -> Floats:
    """Return boxes that are off, of shape (T, 3)."""
    count, sizes = len(boxes), boxes[:, 2:]
    level = int(rng.integers(len(noise.strengths)))
    strength = noise.strengths[level]
    off = strength * _whole_and_each(rng, noise.place, count, 2)
    swell = strength * _whole_and_each(rng, noise.size, count, 1)
    if level == len(noise.strengths) - 1 or (noise.wide_share and rng.random() < noise.wide_share):
        swell = swell + rng.uniform(*noise.wide)
    if rng.random() < noise.new:
        first = int(rng.integers(1, 4))
        off[:first] += rng.normal(0.0, noise.new_place, 2)
        swell[:first] += rng.normal(0.0, noise.new_size)
    said: Floats = np.concatenate([boxes[:, :2] + off * sizes, sizes * np.exp(swell)], axis=1)
    if rng.random() < noise.late:
        both = shows[1:] & shows[:-1]
        said[1:, :2][both] += rng.uniform(*noise.lag) * (boxes[:-1, :2] - boxes[1:, :2])[both]
    return said


def _whole_and_each(
    rng: np.random.Generator, spreads: tuple[float, float], count: int, values: int
) -> Floats:
    """Return an error of the whole sample and of each frame, of shape (count, values)."""
    return rng.normal(0.0, spreads[0], values) + rng.normal(0.0, spreads[1], (count, values))


def _something_else(rng: np.random.Generator, count: int, aspect: float, noise: BoxNoise) -> Floats:
    """Return boxes, of shape (count, 3), that stay about where they are, wherever that is."""
    size = np.exp(rng.uniform(*np.log(noise.mistaken_size)))
    box = np.array([rng.uniform(0.0, aspect), rng.uniform(_LEAST_Y, 1.0), size])
    tremble = rng.normal(0.0, _TREMBLE, (count, 3)) * (1.0, 1.0, 0.0)
    result: Floats = box + tremble
    return result
