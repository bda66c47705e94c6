"""What moves behind a person: somebody who walks by, a curtain, a screen that flickers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from training.performer.arrays import Floats, Picture
from training.performer.color import random_color

_SHARE = 0.2
_FLICKERING_SHARE = 0.3
_SOFTNESS = 4.0


@dataclass(frozen=True)
class BackgroundMotion:
    """One soft thing that moves, or flickers, in front of the room and behind the person.

    Attributes:
        color: Linear RGB, shape (3,).
        radii: Half its width and height, pixels.
        place: Its center at 0 s, pixels.
        speed_px: How fast it crosses the picture, pixels a second.
        swing_px: How far it swings to and fro.
        rate_hz: How often it swings, and flickers.
        flicker: How far its light goes down at times, 0 to 1.
    """

    color: Floats
    radii: tuple[float, float]
    place: tuple[float, float]
    speed_px: float
    swing_px: float
    rate_hz: float
    flicker: float

    def drawn(self, room: Picture, time_s: float) -> Picture:
        """Return the room with the thing in it; the room itself is left alone."""
        height, width = room.shape[:2]
        beat = math.sin(2.0 * math.pi * self.rate_hz * time_s)
        x = self.place[0] + self.speed_px * time_s + self.swing_px * beat
        left, right = (int(min(max(x + s * self.radii[0], 0), width)) for s in (-1.0, 1.0))
        top, bottom = (
            int(min(max(self.place[1] + s * self.radii[1], 0), height)) for s in (-1.0, 1.0)
        )
        result = room.copy()
        if left >= right or top >= bottom:
            return result
        across = (np.arange(left, right, dtype=np.float32) - np.float32(x)) / self.radii[0]
        down = np.arange(top, bottom, dtype=np.float32) - np.float32(self.place[1])
        inside = 1.0 - across[None, :] ** 2 - (down[:, None] / self.radii[1]) ** 2
        cover = np.clip(_SOFTNESS * inside, 0.0, 1.0)[..., None].astype(np.float32)
        light = self.color * (1.0 - self.flicker * (0.5 + 0.5 * beat))
        part = result[top:bottom, left:right]
        part += cover * (light.astype(np.float32) - part)
        return result


def sample_background_motion(
    rng: np.random.Generator, height: int, width: int
) -> BackgroundMotion | None:
    """Draw what moves behind the person; None for mostly nothing.

    Args:
        rng: Source of chance.
        height: Pixels.
        width: Pixels.
    """
    if rng.random() >= _SHARE:
        return None
    flickering = bool(rng.random() < _FLICKERING_SHARE)
    size = height * rng.uniform(0.08, 0.3)
    tall = 1.0 if flickering else rng.uniform(1.0, 3.0)
    walks = not flickering and rng.random() < 0.6
    return BackgroundMotion(
        color=random_color(rng, 0.05, 1.0),
        radii=(size, size * tall),
        place=(rng.uniform(-0.3, 1.3) * width, rng.uniform(0.2, 0.9) * height),
        speed_px=rng.normal(0.0, 0.35) * width if walks else 0.0,
        swing_px=0.0 if flickering else rng.uniform(0.0, 0.06) * width,
        rate_hz=rng.uniform(0.3, 3.0),
        flicker=rng.uniform(0.3, 0.9) if flickering else 0.0,
    )
