"""A small data set in the Jester layout: a bright bar that moves to one side or the other."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

LABELS = ("Swiping Left", "Swiping Right")


def write_jester(root: Path, clips: int, frames: int = 12) -> Path:
    """Write `clips` clips and `labels.csv`, and return the folder."""
    lines = []
    for clip in range(clips):
        label = LABELS[clip % 2]
        folder = root / str(100 + clip)
        folder.mkdir(parents=True)
        for frame in range(frames):
            image = np.full((40, 60, 3), 30 + clip, np.uint8)
            # As a camera sees it, a swipe to one's own left goes to the right of the image.
            place = frame if label == "Swiping Left" else frames - 1 - frame
            column = round(place * 50 / (frames - 1))
            image[5:35, column : column + 10] = 220
            cv2.imwrite(str(folder / f"{frame + 1:05d}.jpg"), image)
        lines.append(f"{100 + clip};{label}\n")
    (root / "labels.csv").write_text("".join(lines))
    return root
