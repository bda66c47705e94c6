from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.data.clip import Size
from training.data.errors import DataError, UnreadableClipError
from training.data.frames import FrameFolder, FramePattern, jpeg_size


def write_frames(folder: Path, count: int, name: str = "{:05d}.jpg", side: int = 64) -> Path:
    folder.mkdir()
    for number in range(1, count + 1):
        image = np.full((side, side * 3 // 2, 3), 8 * number, np.uint8)
        cv2.imwrite(str(folder / name.format(number)), image)
    return folder


def levels(clip: FrameFolder, *indices: int) -> list[int]:
    return [round(float(image.mean()) / 8) for image in clip.read(lambda _: np.asarray(indices))]


@pytest.mark.parametrize("name", ["{:05d}.jpg", "img_{:05d}.jpg", "{:06d}.png"])
def test_frames_count_from_one_and_are_named_by_a_pattern(tmp_path: Path, name: str) -> None:
    clip = FrameFolder(write_frames(tmp_path / "7", 12, name), 0, pattern=FramePattern(name))
    (tmp_path / "7" / "notes.txt").write_text("no frame")
    assert clip.length() == 12
    assert levels(clip, 0, 4, 4, 11) == [1, 5, 5, 12]


@pytest.mark.parametrize("frames", [None, 12])
def test_frames_that_count_from_zero_lose_none(tmp_path: Path, frames: int | None) -> None:
    folder = write_frames(tmp_path / "7", 12)
    for number in range(1, 13):
        (folder / f"{number:05d}.jpg").rename(folder / f"{number - 1:05d}.jpg")
    clip = FrameFolder(folder, 0, frames)
    assert clip.length() == 12
    assert levels(clip, 0, 4, 11) == [1, 5, 12]


def test_a_clip_of_no_frames_is_unreadable(tmp_path: Path) -> None:
    clip = FrameFolder(write_frames(tmp_path / "7", 3), 0, frames=0)
    with pytest.raises(UnreadableClipError, match="7 has 0 frames"):
        clip.read(np.arange)


@pytest.mark.parametrize(
    "pattern",
    ["{:05d", "00001.jpg", "{name}.jpg", "{:d}/{:d}.jpg", "%05d.jpg", "{:999999999d}.jpg"],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(DataError, match="not a pattern"):
        FramePattern(pattern)


@pytest.mark.parametrize(
    ("names", "first"),
    [("img_{:05d}.jpg", "img_00001.jpg"), ("{:d}.jpg", "1.jpg"), ("{:04d}.jpg", "0001.jpg")],
)
def test_other_names_are_told_with_an_example(tmp_path: Path, names: str, first: str) -> None:
    clip = FrameFolder(write_frames(tmp_path / "7", 3, names), 0)
    with pytest.raises(UnreadableClipError, match=f"like 00001.jpg; it holds {first}"):
        clip.length()


def test_the_annotations_number_of_frames_counts(tmp_path: Path) -> None:
    clip = FrameFolder(write_frames(tmp_path / "7", 6), 0, frames=9)
    assert clip.length() == 9
    with pytest.raises(UnreadableClipError, match=r"00009\.jpg is missing"):
        levels(clip, 8)


def test_a_gap_is_no_shorter_clip(tmp_path: Path) -> None:
    clip = FrameFolder(write_frames(tmp_path / "7", 6), 0)
    (clip.path / "00003.jpg").unlink()
    assert clip.length() == 6
    assert levels(clip, 5) == [6]
    with pytest.raises(UnreadableClipError, match=r"00003\.jpg is missing"):
        levels(clip, 2)


def test_a_jpeg_that_was_cut_off_is_damaged_although_decoders_fill_it_with_grey(
    tmp_path: Path,
) -> None:
    clip = FrameFolder(tmp_path, 0)
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "00001.jpg"), image)
    content = (tmp_path / "00001.jpg").read_bytes()
    (tmp_path / "00001.jpg").write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableClipError, match=r"00001\.jpg is damaged: it is cut off"):
        levels(clip, 0)


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_what_is_no_picture_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "00001.jpg").write_bytes(content)
    with pytest.raises(UnreadableClipError, match="missing or damaged"):
        levels(FrameFolder(tmp_path, 0), 0)


def test_frames_of_two_sizes_are_no_clip(tmp_path: Path) -> None:
    clip = FrameFolder(write_frames(tmp_path / "7", 2), 0)
    cv2.imwrite(str(clip.path / "00002.jpg"), np.zeros((10, 10, 3), np.uint8))
    with pytest.raises(UnreadableClipError, match="differ in size"):
        levels(clip, 0, 1)


@pytest.mark.parametrize(
    ("smallest", "sides"),
    [
        (None, (200, 300)),
        (Size(200, 300), (200, 300)),
        (Size(101, 10), (200, 300)),
        (Size(100, 150), (100, 150)),
        (Size(50, 60), (50, 75)),
        (Size(1, 1), (25, 38)),
    ],
)
def test_pictures_are_decoded_as_small_as_they_may_be(
    tmp_path: Path, smallest: Size | None, sides: tuple[int, int]
) -> None:
    clip = FrameFolder(write_frames(tmp_path / "7", 2, side=200), 0)
    images = clip.read(lambda _: np.asarray([0, 1]), smallest)
    assert [image.shape[:2] for image in images] == [sides, sides]
    assert [round(float(image.mean()) / 8) for image in images] == [1, 2]


@pytest.mark.parametrize("progressive", [0, 1])
def test_the_size_of_a_jpeg_is_read_from_its_header(progressive: int) -> None:
    flags = [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive]
    data = cv2.imencode(".jpg", np.zeros((30, 50, 3), np.uint8), flags)[1].tobytes()
    assert jpeg_size(data) == Size(30, 50)
    assert jpeg_size(data[:20]) is None
    assert jpeg_size(b"\x89PNG") is None
