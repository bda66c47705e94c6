"""Writes the small clips that tests play."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

CLIP_FPS = 25.0
CLIP_FRAMES = 50


def write_clip(path: Path, codec: str, frames: int = CLIP_FRAMES, fps: float = CLIP_FPS) -> Path:
    """Write a clip in which a bright square moves to the right."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, (64, 48))
    assert writer.isOpened()
    noise = np.random.default_rng(0)
    for index in range(frames):
        image = noise.integers(0, 60, (48, 64, 3), np.uint8)
        image[16:32, index % 48 : index % 48 + 16] = 255
        writer.write(image)
    writer.release()
    return path
