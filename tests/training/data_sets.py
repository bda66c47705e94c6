"""Small data sets in the layouts of the real ones."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from tests.training.video_files import write_video

SOMETHING = (
    "Approaching something with your camera",
    "Pushing something from left to right",
    "Pushing something from right to left",
    "Putting something, something and something on the table",
    "Putting number of something onto something",
)
"""Some labels of Something-Something, one of them with commas."""


def write_frames(folder: Path, frames: int = 9, name: str = "{:05d}.jpg") -> None:
    """Write a clip of `frames` gray frames."""
    folder.mkdir(parents=True)
    for number in range(1, frames + 1):
        cv2.imwrite(str(folder / name.format(number)), np.full((20, 30, 3), 10 * number, np.uint8))


def write_something_v1(root: Path) -> tuple[Path, Path]:
    """Write frames, CSV and labels; return annotations and label file."""
    folder = root / "20bn-something-something-v1"
    write_frames(folder / "100218")
    write_frames(folder / "24413")
    labels = root / "something-something-v1-labels.csv"
    labels.write_text("".join(f"{label}\n" for label in SOMETHING))
    annotations = root / "something-something-v1-train.csv"
    annotations.write_text(f"100218;{SOMETHING[3]}\n24413;{SOMETHING[1]}\n")
    return annotations, labels


def write_something_v2(root: Path) -> tuple[Path, Path]:
    """Write videos, JSON and labels; return annotations and label file."""
    folder = root / "20bn-something-something-v2"
    for name in ("78687", "74225"):
        write_video(folder / f"{name}.webm", 9)
    labels = root / "something-something-v2-labels.json"
    labels.write_text(json.dumps({label: str(place) for place, label in enumerate(SOMETHING)}))
    elements = [
        {
            "id": "78687",
            "label": "putting 3 coins onto a box",
            "template": "Putting [number of] [something] onto [something]",
            "placeholders": ["3", "coins", "a box"],
        },
        {
            "id": "74225",
            "label": "pushing a pen from left to right",
            "template": "Pushing [something] from left to right",
            "placeholders": ["a pen"],
        },
    ]
    annotations = root / "something-something-v2-train.json"
    annotations.write_text(json.dumps(elements))
    return annotations, labels


def write_mini_kinetics(root: Path) -> tuple[Path, Path]:
    """Write videos in folders of labels, CSV and labels; return annotations and label file."""
    folder = root / "kinetics"
    write_video(folder / "air drumming" / "--nQbRBEz2s_000104_000114.mp4", 9)
    write_video(folder / "playing_guitar" / "0-zzPxx_aaQ.mp4", 9)
    labels = root / "minik_classInd.txt"
    labels.write_text("air drumming\nplaying guitar\n")
    annotations = root / "train.csv"
    annotations.write_text(
        "label,youtube_id,time_start,time_end,split,is_cc\n"
        "air drumming,--nQbRBEz2s,104,114,train,0\n"
        "abseiling,_4YTwq0-73Y,16,26,train,0\n"
        "playing guitar,0-zzPxx_aaQ,7,17,train,1\n"
    )
    return annotations, labels
