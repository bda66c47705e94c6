"""How a clip is varied in training: one draw for all its frames, so that motion stays motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preprocess import cover_crop

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Augmentation:
    """Strength of the random changes.

    Attributes:
        min_scale: Smallest side of the random crop, as a fraction of the image.
        max_aspect: Largest factor by which the crop's proportions change.
        brightness: Largest relative change of brightness.
        contrast: Largest relative change of contrast.
        hue_shift: Largest change of each colour channel's gain.
        flip_probability: How often the clip is mirrored; its label is then mirrored too.
    """

    min_scale: float = 0.8
    max_aspect: float = 1.15
    brightness: float = 0.25
    contrast: float = 0.25
    hue_shift: float = 0.1
    flip_probability: float = 0.5


def random_crop(
    images: Sequence[Image],
    height: int,
    width: int,
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Cut one random rectangle out of all images and scale it to (T, height, width, 3)."""
    source_height, source_width = images[0].shape[:2]
    scale = rng.uniform(augmentation.min_scale, 1.0)
    aspect = np.exp(rng.uniform(-1, 1) * np.log(augmentation.max_aspect))
    cover = min(source_height / height, source_width / width)
    crop_height = min(source_height, round(height * cover * scale * np.sqrt(aspect)))
    crop_width = min(source_width, round(width * cover * scale / np.sqrt(aspect)))
    top = int(rng.integers(0, source_height - crop_height + 1))
    left = int(rng.integers(0, source_width - crop_width + 1))
    region = np.s_[top : top + crop_height, left : left + crop_width]
    resized = [
        cv2.resize(image[region], (width, height), interpolation=cv2.INTER_AREA) for image in images
    ]
    return np.stack(resized).astype(np.uint8, copy=False)


def random_colour(
    clip: NDArray[np.uint8], augmentation: Augmentation, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Change brightness, contrast and colour balance of a clip of shape (T, H, W, 3) as a whole."""
    gain = 1 + rng.uniform(-augmentation.contrast, augmentation.contrast)
    balance = 1 + rng.uniform(-augmentation.hue_shift, augmentation.hue_shift, 3)
    offset = 128 * rng.uniform(-augmentation.brightness, augmentation.brightness)
    # One table per colour channel: the whole change is a look-up of 256 values.
    levels = np.arange(256)[:, None]
    table = np.clip((levels - 128) * gain * balance + 128 + offset, 0, 255).astype(np.uint8)
    return np.stack([table[clip[..., c], c] for c in range(3)], axis=-1)


def training_clip(
    images: Sequence[Image],
    height: int,
    width: int,
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], bool]:
    """Return a varied clip of shape (T, height, width, 3) and whether it was mirrored."""
    clip = random_crop(images, height, width, augmentation, rng)
    clip = random_colour(clip, augmentation, rng)
    mirrored = bool(rng.random() < augmentation.flip_probability)
    if mirrored:
        clip = clip[:, :, ::-1]
    return clip, mirrored


def evaluation_clip(images: Sequence[Image], height: int, width: int) -> NDArray[np.uint8]:
    """Return the clip of shape (T, height, width, 3) exactly as the app would crop it."""
    return np.stack([cover_crop(image, height, width) for image in images])
