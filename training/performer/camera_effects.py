"""What a cheap webcam does to light: exposure, white balance, tone, blur and noise."""

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from training.performer.arrays import Image, Picture

_STEPS = 4096
_BLACK = 1e-3


@dataclass(frozen=True)
class CameraLook:
    """One camera's character.

    Attributes:
        mix: Maps linear RGB to exposed, balanced and saturated linear BGR, shape (3, 3).
        tone: 8-bit value for each of `_STEPS` linear levels from 0 to 4.
        vignette: Brightness of each pixel relative to the center, shape (H, W, 1).
        blur_px: Width of the lens blur.
        noise: Standard deviation of the grain, in 8-bit steps.
        coarse_noise: True if the grain covers two by two pixels.
    """

    mix: Picture
    tone: Picture
    vignette: Picture
    blur_px: float
    noise: float
    coarse_noise: bool

    def develop(self, frame: Picture, rng: np.random.Generator) -> Image:
        """Turn linear RGB of shape (H, W, 3) into 8-bit BGR of the same shape."""
        height, width = frame.shape[:2]
        mixed = np.asarray(cv2.transform(frame, self.mix), np.float32)
        _tone_in_place(mixed, self.vignette, self.tone)
        blurred = self.blur_px > 0.2
        toned = cv2.GaussianBlur(mixed, (0, 0), self.blur_px) if blurred else mixed
        cell = 2 if self.coarse_noise else 1
        shape = (-(-height // cell), -(-width // cell))
        grain = rng.standard_normal(shape, dtype=np.float32) * np.float32(self.noise)
        if self.coarse_noise:
            grain = grain.repeat(2, 0).repeat(2, 1)[:height, :width]
        image = np.empty((height, width, 3), np.uint8)
        _add_grain(np.asarray(toned, np.float32), grain, image)
        return image


@njit(cache=True, nogil=True)
def _tone_in_place(light: Picture, vignette: Picture, tone: Picture) -> None:
    """Turn linear light of shape (H, W, 3) into 8-bit values, as float."""
    height, width = light.shape[:2]
    steps = np.float32(_STEPS / 4.0)
    for row in range(height):
        for column in range(width):
            for channel in range(3):
                level = light[row, column, channel] * vignette[row, column, 0] * steps
                light[row, column, channel] = tone[int(min(max(level, 0.0), _STEPS - 1.0))]


@njit(cache=True, nogil=True)
def _add_grain(toned: Picture, grain: Picture, image: Image) -> None:
    """Write 8-bit values of shape (H, W, 3) with grain of shape (H, W) on them."""
    height, width = grain.shape
    for row in range(height):
        for column in range(width):
            for channel in range(3):
                value = toned[row, column, channel] + grain[row, column]
                image[row, column, channel] = np.uint8(min(max(value, 0.0), 255.0))


def sample_look(rng: np.random.Generator, metered: Picture) -> CameraLook:
    """Draw a camera and let it expose for a scene.

    Args:
        rng: Source of chance.
        metered: What the camera exposes for: linear RGB, shape (H, W, 3).
    """
    light = metered.mean(-1)
    # A room that is cut away to black is not there when the camera measures.
    lit = light[light > _BLACK]
    bright = float(np.percentile(lit if lit.size else light, rng.uniform(88.0, 98.0)))
    exposure = 0.75 / (bright + 0.05) * rng.uniform(0.6, 1.1)
    balance = np.array([rng.uniform(0.85, 1.15), 1.0, rng.uniform(0.8, 1.2)])
    saturation = rng.uniform(0.5, 1.25) if rng.random() < 0.96 else 0.0
    mix = saturation * np.eye(3) + (1.0 - saturation) / 3.0
    mix = exposure * (mix * balance)[::-1]
    return CameraLook(
        mix=mix.astype(np.float32),
        tone=_tone_curve(1.0 / rng.uniform(1.8, 2.4), rng.uniform(0.85, 1.2)),
        vignette=_vignette(metered.shape[0], metered.shape[1], rng.uniform(0.0, 0.4)),
        blur_px=float(rng.uniform(0.2, 0.7)) * metered.shape[0] / 100.0,
        noise=255.0 * float(rng.choice([0.003, 0.007, 0.015], p=[0.45, 0.4, 0.15])),
        coarse_noise=bool(rng.random() < 0.2),
    )


def _tone_curve(gamma: float, contrast: float) -> Picture:
    """Return the 8-bit value (as float) of each linear level, with a soft shoulder."""
    level = np.linspace(0.0, 4.0, _STEPS)
    level = np.clip(level / (1.0 + 0.15 * level), 0.0, 1.0) ** gamma
    return (255.0 * np.clip((level - 0.5) * contrast + 0.5, 0.0, 1.0)).astype(np.float32)


def _vignette(height: int, width: int, strength: float) -> Picture:
    """Return the brightness of each pixel relative to the center, shape (H, W, 1)."""
    down = np.linspace(-1.0, 1.0, height)[:, None]
    across = np.linspace(-1.0, 1.0, width)[None, :]
    return (1.0 - 0.5 * strength * (across**2 + down**2)).astype(np.float32)[..., None]
