"""The two kinds of pictures in a recording: small previews for people, lossless samples."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

PREVIEW_WIDTH = 640
"""Maximum width of a preview, in pixels: enough to see a hand, small on disk."""

JPEG_QUALITY = 80
PNG_COMPRESSION = 1
"""The lowest level that compresses at all: it is fast, and noise gains nothing from more."""


def encode_preview(image: NDArray[np.uint8]) -> bytes:
    """Return a BGR picture as JPEG, scaled down to `PREVIEW_WIDTH`."""
    height, width = image.shape[:2]
    if width > PREVIEW_WIDTH:
        size = (PREVIEW_WIDTH, max(1, round(height * PREVIEW_WIDTH / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _encode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


def encode_sample(image: NDArray[np.uint8]) -> bytes:
    """Return a BGR picture as PNG, which is lossless."""
    return _encode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, PNG_COMPRESSION])


def decode(content: bytes) -> NDArray[np.uint8]:
    """Return a JPEG or PNG as BGR.

    Raises:
        ValueError: It is damaged.
    """
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if image is None:
        raise ValueError("a picture cannot be decoded")
    return np.asarray(image, np.uint8)


def _encode(suffix: str, image: NDArray[np.uint8], parameters: list[int]) -> bytes:
    done, content = cv2.imencode(suffix, image, parameters)
    if not done:
        raise ValueError(f"a picture of shape {image.shape} cannot be encoded")
    return bytes(content)
