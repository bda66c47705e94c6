"""A data set to measure with where none is given: frames like Jester's, cut from the demo clip."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from app.sources.factory import DEMO, open_file
from training.labels import JESTER_LABELS

HEIGHT, WIDTH, FRAMES = 100, 176, 37
"""What most clips of Jester have."""

STRIDE = 7
"""Frames from the start of one clip to the start of the next."""

QUALITY = 90
"""JPEG quality that gives 4 to 5 kB a frame, as in Jester."""


def write_folder(root: Path, clips: int) -> None:
    """Write clips and `labels.csv` in the Jester layout, cut from the demo clip.

    Args:
        root: Folder to write to.
        clips: Number of clips; each starts `STRIDE` frames later, and the demo clip repeats.
    """
    with closing(open_file(DEMO)) as video:
        images: list[bytes] = []
        needed = clips * STRIDE + FRAMES
        while len(images) < needed and (taken := video.read()) is not None:
            scaled = cv2.resize(taken.image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            encoded = cv2.imencode(".jpg", scaled, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
            images.append(np.asarray(encoded).tobytes())
    lines = []
    for clip in range(clips):
        folder = root / str(clip + 1)
        folder.mkdir()
        for frame in range(FRAMES):
            content = images[(clip * STRIDE + frame) % len(images)]
            (folder / f"{frame + 1:05d}.jpg").write_bytes(content)
        lines.append(f"{clip + 1};{JESTER_LABELS[clip % len(JESTER_LABELS)]}\n")
    (root / "labels.csv").write_text("".join(lines))
