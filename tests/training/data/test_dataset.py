from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models.preprocess import cover_crop
from tests.training.jester_folder import write_jester
from training.data.clip import Size
from training.data.dataset import EvaluationClips, Sample, TrainingClips
from training.data.index import open_dataset
from training.data.layouts import Layout
from training.data.loader import collate
from training.data.sampling import DenseWindow, UniformSegments
from training.data.transforms import Augmentation, MultiScaleCrop, RandomTransform
from training.labels import JESTER_LABELS

SIZE = Size(32, 48)
STILL = Augmentation(min_scale=1, max_aspect=1, brightness=0, contrast=0, hue_shift=0)


def training_clips(
    root: Path, vary: RandomTransform, labels: tuple[str, ...] = JESTER_LABELS
) -> TrainingClips:
    clips = open_dataset(Layout.JESTER, root, root / "labels.csv", labels)
    return TrainingClips(clips, labels, DenseWindow(8), SIZE, vary)


def evaluation_clips(root: Path) -> EvaluationClips:
    clips = open_dataset(Layout.JESTER, root, root / "labels.csv", JESTER_LABELS)
    return EvaluationClips(clips, DenseWindow(8), SIZE)


def pixels(sample: Sample) -> torch.Tensor:
    assert isinstance(sample.pixels, torch.Tensor)
    return sample.pixels


def motion(sample: Sample) -> float:
    """Say how far the bright bar moves to the right of the image, in columns."""
    profile = (pixels(sample)[..., 0].float().mean(1) > 128).float()
    columns = torch.arange(profile.shape[1]).float()
    centers = (profile * columns).sum(1) / profile.sum(1).clamp(min=1)
    return float(centers[-1] - centers[0])


def damage(root: Path, clip: str) -> None:
    for frame in (root / clip).iterdir():
        frame.write_bytes(b"no image")


def test_a_clip_comes_with_its_label_and_moves_as_filmed(tmp_path: Path) -> None:
    data = evaluation_clips(write_jester(tmp_path, 2))
    left, right = data[0], data[1]
    assert pixels(left).shape == (8, 32, 48, 3)
    assert pixels(left).dtype == torch.uint8
    assert [JESTER_LABELS[sample.label] for sample in (left, right)] == [
        "Swiping Left",
        "Swiping Right",
    ]
    assert motion(left) > 10
    assert motion(right) < -10


def test_evaluation_sees_what_the_app_sees(tmp_path: Path) -> None:
    data = evaluation_clips(write_jester(tmp_path, 1))
    images = data.clips[0].read(lambda length: DenseWindow(8).indices(length, None))
    expected = [cover_crop(image, SIZE.height, SIZE.width)[..., ::-1] for image in images]
    np.testing.assert_array_equal(pixels(data[0]).numpy(), np.stack(expected))


@pytest.mark.parametrize("vary", [STILL, MultiScaleCrop(scales=(1.0,))])
def test_a_flipped_clip_gets_the_mirrored_label(tmp_path: Path, vary: RandomTransform) -> None:
    data = training_clips(write_jester(tmp_path, 1), vary)
    seen = set()
    for epoch in range(20):
        sample = data[0, epoch, 0]
        label = JESTER_LABELS[sample.label]
        assert (motion(sample) > 0) == (label == "Swiping Left")
        seen.add(label)
    assert seen == {"Swiping Left", "Swiping Right"}


def test_a_clip_whose_mirror_image_has_no_label_is_never_flipped(tmp_path: Path) -> None:
    data = training_clips(write_jester(tmp_path, 1), STILL, labels=("Swiping Left", "Thumb Up"))
    assert all(motion(data[0, epoch, 0]) > 0 for epoch in range(20))


def test_a_sample_depends_on_its_key_and_on_nothing_else(tmp_path: Path) -> None:
    data = training_clips(write_jester(tmp_path, 2), Augmentation())
    first = pixels(data[5, 3, 1])
    torch.manual_seed(1)
    np.random.seed(1)
    assert torch.equal(first, pixels(data[5, 3, 1]))
    for other in ((6, 3, 1), (5, 4, 1), (5, 3, 0)):
        assert not torch.equal(first, pixels(data[other]))


def test_without_a_key_clips_differ_and_repeat_by_pytorchs_seed(tmp_path: Path) -> None:
    data = training_clips(write_jester(tmp_path, 1), Augmentation())
    torch.manual_seed(3)
    first, second = pixels(data[0]), pixels(data[0])
    torch.manual_seed(3)
    assert torch.equal(first, pixels(data[0]))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("vary", [Augmentation(), MultiScaleCrop()])
def test_all_frames_of_a_clip_are_varied_alike(tmp_path: Path, vary: RandomTransform) -> None:
    root = write_jester(tmp_path, 1)
    frame = (root / "100" / "00001.jpg").read_bytes()
    for path in (root / "100").iterdir():
        path.write_bytes(frame)
    clip = pixels(training_clips(root, vary)[0])
    assert torch.all(clip == clip[0])


def test_in_training_another_clip_comes_in_place_of_a_damaged_one_and_it_is_said(
    tmp_path: Path,
) -> None:
    root = write_jester(tmp_path, 4)
    damage(root, "102")
    data = training_clips(root, STILL)
    for epoch in range(10):
        sample = data[0, epoch, 2]
        assert {found.name for found in sample.unreadable} == {str(root / "102")}
        assert abs(motion(sample)) > 10
        assert torch.equal(pixels(sample), pixels(data[0, epoch, 2]))
    assert not data[0, 0, 1].unreadable


def test_in_evaluation_a_damaged_clip_is_left_out_and_it_is_said(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 4)
    (root / "101" / "00006.jpg").unlink()
    data = evaluation_clips(root)
    batch = collate([data[index] for index in range(4)])
    assert len(batch.clips) == len(batch.labels) == 3
    assert [found.name for found in batch.unreadable] == [str(root / "101")]
    assert "00006.jpg is missing or damaged" in batch.unreadable[0].reason


def test_where_nothing_can_be_read_the_sample_is_given_up(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 2)
    data = training_clips(root, STILL)
    damage(root, "100")
    damage(root, "101")
    batch = collate([data[0], data[1]])
    assert len(batch.labels) == 0
    assert {found.name for found in batch.unreadable} == {str(root / "100"), str(root / "101")}


def test_uniform_segments_span_the_video(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 1, frames=24)
    clips = open_dataset(Layout.JESTER, root, root / "labels.csv", JESTER_LABELS)
    spread = EvaluationClips(clips, UniformSegments(8), SIZE)[0]
    window = EvaluationClips(clips, DenseWindow(8), SIZE)[0]
    assert motion(spread) > 2 * motion(window)
