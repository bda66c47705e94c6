"""Colors as light: linear RGB, from the sRGB in which people name them."""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from training.performer.arrays import Floats


def linear(srgb: ArrayLike) -> Floats:
    """Return linear light, 0 to 1, for sRGB values from 0 to 255."""
    return (np.asarray(srgb, dtype=np.float64) / 255.0) ** 2.2


LINEAR_LEVELS = linear(np.arange(256)).astype(np.float32)
"""Linear light of each 8-bit level, to be looked up."""


def random_color(rng: np.random.Generator, darkest: float = 0.0, lightest: float = 1.0) -> Floats:
    """Return a linear RGB color; most draws are muted."""
    hue, saturation = rng.uniform(0.0, 180.0), 0.8 * rng.random() ** 2
    value = rng.uniform(darkest, lightest)
    hsv = np.array([[[hue, 255.0 * saturation, 255.0 * value]]], dtype=np.uint8)
    bgr = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0]
    return linear(bgr[::-1].astype(np.float64))
