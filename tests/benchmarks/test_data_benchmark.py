"""The comparison is fair only if both ways make the same clips."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from benchmarks.data.folder import FRAMES, HEIGHT, WIDTH, write_folder
from benchmarks.data.measure import measure_data
from benchmarks.data.plain import PlainClips
from benchmarks.errors import BenchmarkError
from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data.clip import Size
from training.data.dataset import TrainingClips
from training.data.index import open_dataset
from training.data.layouts import Layout
from training.data.loader import collate
from training.data.normalization import normalize_batch
from training.data.sampling import UniformSegments
from training.data.transforms import MultiScaleCrop
from training.labels import JESTER_LABELS

LEVEL = 1 / (255 * min(IMAGENET_STD))


def test_the_made_folder_is_like_jester(tmp_path: Path) -> None:
    write_folder(tmp_path, 3)
    clips = open_dataset(Layout.JESTER, tmp_path, tmp_path / "labels.csv", JESTER_LABELS)
    assert len(clips) == 3
    frames = sorted((tmp_path / "2").iterdir())
    assert len(frames) == FRAMES
    image = cv2.imread(str(frames[5]))
    assert image is not None
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert 3000 < np.mean([frame.stat().st_size for frame in frames]) < 8000


@pytest.mark.parametrize(
    ("size", "mean", "most"),
    [
        (224, 0.5, 2.1),  # enlarged: both are bilinear, and round differently
        (48, 2, 30),  # shrunk: averages of areas here, a triangle's weights there
    ],
)
@pytest.mark.parametrize("flip", [0, 1])
def test_both_ways_make_the_same_clips(
    tmp_path: Path, size: int, mean: float, most: float, flip: int
) -> None:
    write_folder(tmp_path, 4)
    clips = open_dataset(Layout.JESTER, tmp_path, tmp_path / "labels.csv", JESTER_LABELS)
    crop = MultiScaleCrop(flip_probability=flip)
    options = (clips, JESTER_LABELS, UniformSegments(), Size(size, size), crop)
    plain, fast = PlainClips(*options), TrainingClips(*options)
    for index, clip in enumerate(clips):
        expected, label = plain[index]
        batch = collate([fast[0, 0, index]])
        found = normalize_batch(batch.clips, IMAGENET_MEAN, IMAGENET_STD)[0]
        assert int(batch.labels[0]) == label
        sideways = JESTER_LABELS[clip.label] in ("Swiping Left", "Swiping Right")
        assert (label != clip.label) == (sideways and flip == 1)
        difference = (found - expected).abs() / LEVEL
        assert float(difference.mean()) < mean
        assert float(difference.max()) < most
        # Neither mirrored nor cut elsewhere:
        assert float((found.flip(-1) - expected).abs().mean()) > 3 * mean * LEVEL


def test_every_way_reads_every_clip(tmp_path: Path) -> None:
    threads = torch.get_num_threads(), cv2.getNumThreads()
    write_folder(tmp_path, 5)
    figures = measure_data(tmp_path, None, clips=3, size=32, batch_size=2, workers=0, rounds=1)
    assert figures["clips"] == 3
    rates = figures["clips_per_second"]
    assert isinstance(rates, dict)
    assert min(rates["plain"], rates["adafuse"]) > 0
    assert figures["speedup"] == pytest.approx(rates["adafuse"] / rates["plain"], rel=0.02)
    assert (torch.get_num_threads(), cv2.getNumThreads()) == threads


def test_data_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="cannot be read"):
        measure_data(tmp_path, None, clips=1, size=32, batch_size=1, workers=0, rounds=1)


def test_a_damaged_frame_is_named(tmp_path: Path) -> None:
    write_folder(tmp_path, 3)
    for path in tmp_path.glob("*/*.jpg"):
        path.write_bytes(b"")
    with pytest.raises(BenchmarkError, match=r"\.jpg is missing or damaged"):
        measure_data(tmp_path, None, clips=3, size=32, batch_size=2, workers=0, rounds=1)
