"""From a camera's frame to the network's input, the same in training and in the app."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.spec import ModelSpec


def as_bgr(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return `image` as BGR of shape (H, W, 3), from gray, BGR or BGR with alpha.

    Raises:
        ValueError: The array is not an 8-bit image with one, three or four channels, or it is
            empty.
    """
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0:
        raise ValueError(
            f"a frame must be a non-empty 8-bit image, not {image.dtype} of shape {image.shape}"
        )
    channels = 1 if image.ndim == 2 else image.shape[2]
    if channels == 1:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if channels == 3:
        return image
    if channels == 4:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2BGR), np.uint8)
    raise ValueError(f"a frame must have 1, 3 or 4 channels, not {channels}")


def cover_crop(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Scale `image` until it covers (height, width), keeping its proportions, and crop the center.

    The crop is taken before the resize, so that no pixel is scaled only to be thrown away.
    """
    source_height, source_width = image.shape[:2]
    scale = max(height / source_height, width / source_width)
    crop_height = min(source_height, max(1, round(height / scale)))
    crop_width = min(source_width, max(1, round(width / scale)))
    top = (source_height - crop_height) // 2
    left = (source_width - crop_width) // 2
    crop = image[top : top + crop_height, left : left + crop_width]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, (width, height), interpolation=interpolation), np.uint8)


def normalize(
    images: NDArray[np.uint8], mean: tuple[float, ...], std: tuple[float, ...]
) -> NDArray[np.float32]:
    """Turn BGR images of shape (..., H, W, 3) into normalized RGB of shape (..., 3, H, W).

    Args:
        images: 8-bit BGR images.
        mean: RGB mean in [0, 1].
        std: RGB standard deviation in [0, 1].
    """
    scale = 1.0 / (255.0 * np.asarray(std, np.float32))
    offset = np.asarray(mean, np.float32) / np.asarray(std, np.float32)
    rgb = images[..., ::-1].astype(np.float32) * scale.astype(np.float32) - offset
    return np.ascontiguousarray(np.moveaxis(rgb, -1, -3))


def network_picture(image: NDArray[np.uint8], spec: ModelSpec) -> NDArray[np.uint8]:
    """Return what the network that `spec` describes sees of a camera frame.

    Args:
        image: 8-bit frame of any size: gray (H, W), BGR (H, W, 3) or BGRA (H, W, 4). Not mirrored.
        spec: The model.

    Returns:
        BGR of shape (input_height, input_width, 3).

    Raises:
        ValueError: `image` is not such a frame.
    """
    return cover_crop(as_bgr(image), spec.input_height, spec.input_width)


def network_input(image: NDArray[np.uint8], spec: ModelSpec) -> NDArray[np.float32]:
    """Turn one camera frame into the input of the network that `spec` describes.

    Args:
        image: 8-bit frame of any size: gray (H, W), BGR (H, W, 3) or BGRA (H, W, 4). Not mirrored.
        spec: The model.

    Returns:
        float32 of shape (3, input_height, input_width).

    Raises:
        ValueError: `image` is not such a frame.
    """
    return normalize(network_picture(image, spec), spec.mean, spec.std)
