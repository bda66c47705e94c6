"""Colors, light and sharpness of a camera, drawn once for all frames and both views of a sample."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from training.two_views.sample import TwoViewSample

_WHOLE_BLUR = 0.6
_LEAST_BLUR_PX, _MOST_BLUR_PX = 0.3, 1.2
_GLARE = (1.2, 2.0)
_LEAST_DETAIL, _MOST_DETAIL = 0.4, 0.85


@dataclass(frozen=True)
class ColorRange:
    """How far a simulated camera's picture may differ.

    Attributes:
        gamma: Largest logarithm of the exponent of all levels.
        darker: Largest fall of the logarithm of the contrast.
        brighter: Its largest rise.
        glaring: Probability of a contrast that is 1.2 to 2 times as high, so that light burns out.
        lift: Largest shift of all levels, of 1.
        tint: Largest change of each channel's gain.
        noise: Largest spread of the sensor's noise, of 1.
        noisy: Probability of noise.
        blurred: Probability of a picture out of focus.
        coarse: Probability of a square from a picture of few pixels.
        gray: Probability of a picture without colors.
    """

    gamma: float = 0.34
    darker: float = 0.4
    brighter: float = 0.24
    glaring: float = 0.12
    lift: float = 0.12
    tint: float = 0.16
    noise: float = 0.032
    noisy: float = 0.7
    blurred: float = 0.3
    coarse: float = 0.3
    gray: float = 0.08


def vary_colors(
    rng: np.random.Generator, sample: TwoViewSample, limits: ColorRange
) -> TwoViewSample:
    """Return the sample as another camera would show it.

    Args:
        rng: Source of chance.
        sample: What is seen.
        limits: How far the camera may differ.
    """
    table = _levels(rng, limits)
    gray = rng.random() < limits.gray
    blur = rng.uniform(_LEAST_BLUR_PX, _MOST_BLUR_PX) * (rng.random() < limits.blurred)
    noise = rng.uniform(0.0, limits.noise) * (rng.random() < limits.noisy)
    coarse = rng.random() < limits.coarse
    detail = rng.uniform(_LEAST_DETAIL, _MOST_DETAIL) if coarse else 1.0

    def developed(pictures: NDArray[np.uint8], blur_px: float, share: float) -> NDArray[np.uint8]:
        if not pictures.size:
            return pictures
        shown = [_developed(picture, table, blur_px, share, gray=gray) for picture in pictures]
        light = np.stack(shown)
        if noise > 0.0:
            light += rng.standard_normal(light.shape, np.float32) * np.float32(noise)
        return np.asarray(np.clip(light, 0.0, 1.0) * 255.0, np.uint8)

    whole = developed(sample.whole, _WHOLE_BLUR * blur, 1.0)
    return replace(sample, whole=whole, squares=developed(sample.squares, blur, detail))


def _levels(rng: np.random.Generator, limits: ColorRange) -> NDArray[np.float32]:
    """Draw the light of each 8-bit level and channel, of shape (1, 256, 3)."""
    gamma = np.exp(rng.uniform(-limits.gamma, limits.gamma))
    contrast = np.exp(rng.uniform(-limits.darker, limits.brighter))
    if rng.random() < limits.glaring:
        contrast *= rng.uniform(*_GLARE)
    lift = rng.uniform(-limits.lift, limits.lift)
    tint = 1.0 + rng.uniform(-limits.tint, limits.tint, 3)
    levels = np.linspace(0.0, 1.0, 256) ** gamma
    shown = np.clip((levels - 0.5) * contrast + 0.5 + lift, 0.0, 1.3)
    return np.asarray(shown[None, :, None] * tint, np.float32)


def _developed(
    picture: NDArray[np.uint8],
    table: NDArray[np.float32],
    blur_px: float,
    detail: float,
    *,
    gray: bool,
) -> NDArray[np.float32]:
    """Return one picture as light, of shape (H, W, 3)."""
    if gray:
        one = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2GRAY)
        picture = np.asarray(cv2.cvtColor(one, cv2.COLOR_GRAY2BGR), np.uint8)
    light = cv2.LUT(np.ascontiguousarray(picture), table)
    if detail < 1.0:
        small = cv2.resize(light, None, fx=detail, fy=detail, interpolation=cv2.INTER_AREA)
        light = cv2.resize(small, picture.shape[1::-1])
    if blur_px > 0.0:
        light = cv2.GaussianBlur(light, (0, 0), blur_px)
    return np.asarray(light, np.float32)
