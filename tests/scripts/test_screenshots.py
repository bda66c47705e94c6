"""The pictures of the documentation: the script takes every one that the texts show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.e2e.scripted_app import brightness_of

ROOT = Path(__file__).parents[2]
FPS = 25


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "gestures.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (96, 96))
    for label in ("No gesture", "Stop Sign", "No gesture"):
        for _ in range(FPS):
            writer.write(np.full((96, 96, 3), brightness_of(label), np.uint8))
    writer.release()
    return path


def take(*options: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tests/scripts/brief_screenshots.py", *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        check=False,
        text=True,
        timeout=90,
    )


def test_every_picture_of_the_window_in_the_texts_is_taken(video: Path, tmp_path: Path) -> None:
    done = take("--source", video, "--out", tmp_path / "pictures", "--size", "1000x600")

    assert done.returncode == 0, done.stderr
    pictures = (tmp_path / "pictures").iterdir()
    taken = {path.name: np.asarray(cv2.imread(str(path))) for path in pictures}
    assert taken["window.jpg"].shape == taken["recording.jpg"].shape == (600, 1000, 3)
    assert all(picture.std() > 5 for picture in taken.values())
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for text in texts for name in re.findall(r"images/(\w+\.jpg)", text.read_text())}
    assert shown - set(taken) == {"collage.jpg", "performer.jpg"}  # of the performer, not the app
    assert set(taken) <= shown


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--source", "missing.mp4"], 1, "missing.mp4"),
        (["--size", "wide"], 2, "1280x800"),
        (["--out", "README.md"], 2, "README.md is a file"),
    ],
)
def test_what_cannot_be_taken_is_told_in_one_sentence(
    options: list[str], code: int, said: str
) -> None:
    done = take(*options)

    assert done.returncode == code
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
