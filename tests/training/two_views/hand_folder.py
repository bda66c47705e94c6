"""A small folder in the Jester layout with `hands.npz`: a bright hand that moves to one side."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.performer.hand_truth import HandTruth, write_clip_hands

LABELS = ("Swiping Left", "Swiping Right", "Thumb Up", "No gesture", "Doing other things")
HEIGHT, WIDTH, FRAMES = 48, 64, 10


def hand_shape() -> NDArray[np.float64]:
    """Return 21 joints of a hand about 16 pixels high around zero."""
    return np.random.default_rng(0).uniform(-8.0, 8.0, (21, 2))


def truth_of(joints: NDArray[np.float64]) -> HandTruth:
    """Return what `hands.npz` holds of joints in pixels, of shape (N, 2, 21, 2)."""
    shares = joints / (WIDTH, HEIGHT)
    boxes = np.concatenate([shares.min(axis=2), shares.max(axis=2)], axis=-1)
    seen = np.isfinite(shares).all(axis=(2, 3)).astype(np.float16)
    half = (np.asarray(values, np.float16) for values in (boxes, seen, shares, seen))
    return HandTruth(*half)


def write_hands(root: Path, clips: int, frames: int = FRAMES) -> Path:
    """Write clips of all labels in turn, `labels.csv` and `hands.npz`; return the folder."""
    lines, hands = [], []
    for clip in range(clips):
        label = LABELS[clip % len(LABELS)]
        folder = root / str(100 + clip)
        folder.mkdir(parents=True)
        joints = np.full((frames, 2, 21, 2), np.nan)
        for frame in range(frames):
            image = np.full((HEIGHT, WIDTH, 3), 40 + clip, np.uint8)
            if label != "No gesture":
                way = {"Swiping Left": 1, "Swiping Right": -1}.get(label, 0)
                middle = np.array([WIDTH / 2 + way * 4 * (frame - frames / 2), HEIGHT / 2])
                joints[frame, 0] = hand_shape() + middle
                for x, y in joints[frame, 0]:
                    cv2.circle(image, (round(x), round(y)), 2, (220, 220, 220), -1)
            cv2.imwrite(str(folder / f"{frame + 1:05d}.jpg"), image)
        lines.append(f"{100 + clip};{label}\n")
        hands.append((100 + clip, truth_of(joints)))
    (root / "labels.csv").write_text("".join(lines))
    write_clip_hands(root / "hands.npz", hands)
    return root
