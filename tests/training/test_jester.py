from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.jester_folder import write_jester
from training.data.errors import DataError
from training.data.jester import ClipDataset, read_jester
from training.data.sampling import DenseWindow
from training.data.transforms import Augmentation
from training.labels import JESTER_LABELS, MIRRORED_INDEX

MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)


def dataset(root: Path, augmentation: Augmentation | None = None) -> ClipDataset:
    clips = read_jester(root, root / "labels.csv", JESTER_LABELS)
    return ClipDataset(
        clips,
        DenseWindow(8),
        32,
        48,
        MEAN,
        STD,
        augmentation=augmentation,
        mirrored_label=MIRRORED_INDEX.__getitem__,
    )


def motion(clip: torch.Tensor) -> float:
    """Say how far the bright bar moves to the right of the image, in columns."""
    profile = (clip[:, 0].mean(1) > 0).float()
    columns = torch.arange(profile.shape[1]).float()
    centres = (profile * columns).sum(1) / profile.sum(1).clamp(min=1)
    return float(centres[-1] - centres[0])


def test_a_clip_comes_with_its_label_and_moves_as_filmed(tmp_path: Path) -> None:
    data = dataset(write_jester(tmp_path, 2))
    (left, left_label), (right, right_label) = data[0], data[1]
    assert left.shape == (8, 3, 32, 48)
    assert [JESTER_LABELS[i] for i in (left_label, right_label)] == [
        "Swiping Left",
        "Swiping Right",
    ]
    assert motion(left) > 10
    assert motion(right) < -10


def test_a_flipped_clip_gets_the_mirrored_label(tmp_path: Path) -> None:
    always = Augmentation(min_scale=1, max_aspect=1, brightness=0, contrast=0, flip_probability=1)
    clip, label = dataset(write_jester(tmp_path, 1), always)[0]
    assert JESTER_LABELS[label] == "Swiping Right"
    assert motion(clip) < -10


def test_augmented_clips_differ_and_repeat_by_seed(tmp_path: Path) -> None:
    data = dataset(write_jester(tmp_path, 1), Augmentation())
    torch.manual_seed(3)
    first, second = data[0][0], data[0][0]
    torch.manual_seed(3)
    assert torch.equal(first, data[0][0])
    assert not torch.equal(first, second)


def test_all_frames_of_a_clip_are_varied_alike(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 1)
    frame = (root / "100" / "00001.jpg").read_bytes()
    for path in (root / "100").iterdir():
        path.write_bytes(frame)
    clip, _ = dataset(root, Augmentation())[0]
    assert np.all(clip.numpy() == clip[0].numpy())


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("100;Waving Goodbye", "unknown label 'Waving Goodbye'"),
        ("100", "not 'id;label'"),
        ("999;Swiping Left", "has no frames"),
        ("", "name no clip"),
    ],
)
def test_wrong_annotations_are_told_by_line(tmp_path: Path, line: str, complaint: str) -> None:
    root = write_jester(tmp_path, 1)
    (root / "labels.csv").write_text(line + "\n")
    with pytest.raises(DataError, match=complaint):
        read_jester(root, root / "labels.csv", JESTER_LABELS)


def test_missing_annotations_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_jester(tmp_path, tmp_path / "labels.csv", JESTER_LABELS)


def test_a_damaged_frame_is_never_replaced_in_silence(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 1)
    (root / "100" / "00006.jpg").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"00006\.jpg is missing or damaged"):
        dataset(root)[0]
