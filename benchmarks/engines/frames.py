"""Frames to measure with: a video at a network's cadence and size."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.sources.base import Frame
from app.sources.factory import open_file
from models.cadence import Cadence
from models.preprocess import network_input
from models.spec import ModelSpec


def video_frames(source: str | Path, spec: ModelSpec, most: int) -> NDArray[np.float32]:
    """Return up to `most` frames of a video as a network sees them, of shape (T, 3, H, W).

    Raises:
        SourceError: The video cannot be read.
    """
    cadence: Cadence[Frame] = Cadence(spec.frame_interval_s)
    frames: list[NDArray[np.float32]] = []
    with closing(open_file(str(source))) as video:
        while len(frames) < most and (frame := video.read()) is not None:
            if cadence.pick(frame) is not None:
                frames.append(network_input(frame.image, spec))
    return np.stack(frames)
