from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.sources.base import Frame, SourceError, UnusableSourceError
from app.sources.image_folder import ImageFolder, natural_key


def play(path: Path) -> list[Frame]:
    source = ImageFolder(path)
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def test_images_come_in_natural_order_at_jesters_rate(image_folder: Path) -> None:
    frames = play(image_folder)
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [n * 10 for n in range(1, 13)]
    assert [frame.time_s for frame in frames] == pytest.approx([n / 12 for n in range(12)])
    assert [frame.index for frame in frames] == list(range(12))


def test_names_are_sorted_as_people_count() -> None:
    names = ["img10.jpg", "IMG2.jpg", "img1.jpg", "a3b11.png", "a3b2.png", "00007.jpg"]
    expected = ["00007.jpg", "a3b2.png", "a3b11.png", "img1.jpg", "IMG2.jpg", "img10.jpg"]
    assert sorted(names, key=natural_key) == expected


def test_grey_alpha_deep_and_odd_sized_images_are_fine(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.full((5, 7), 9, np.uint8))
    cv2.imwrite(str(tmp_path / "2.png"), np.full((9, 3, 4), 9, np.uint8))
    cv2.imwrite(str(tmp_path / "3.png"), np.full((1, 1, 3), 9 * 257, np.uint16))
    frames = play(tmp_path)
    assert [frame.image.shape for frame in frames] == [(5, 7, 3), (9, 3, 3), (1, 1, 3)]
    assert {int(frame.image[0, 0, 0]) for frame in frames} == {9}


def test_other_files_hidden_files_and_folders_do_not_count(image_folder: Path) -> None:
    (image_folder / "labels.csv").write_text("1;Thumb Up\n")
    (image_folder / "._1.png").write_bytes(b"left by a Mac")
    (image_folder / "inner.png").mkdir()
    assert len(play(image_folder)) == 12


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n cut off"])
def test_a_damaged_image_in_the_middle_is_named(image_folder: Path, content: bytes) -> None:
    (image_folder / "5.png").write_bytes(content)
    source = ImageFolder(image_folder)
    for _ in range(4):
        assert source.read() is not None
    with pytest.raises(SourceError, match=r"5\.png cannot be read"):
        source.read()


def test_a_damaged_first_image_is_found_at_once(image_folder: Path) -> None:
    (image_folder / "1.png").write_bytes(b"")
    with pytest.raises(UnusableSourceError, match=r"1\.png cannot be read"):
        ImageFolder(image_folder)


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    with pytest.raises(UnusableSourceError, match="no images in the folder"):
        ImageFolder(tmp_path)
