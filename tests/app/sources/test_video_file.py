from __future__ import annotations

import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.sources.base import Frame, SourceError, UnusableSourceError
from app.sources.video_file import VideoFile
from tests.app.fakes import make_frame


def play(path: Path) -> list[Frame]:
    source = VideoFile(path)
    frames = []
    try:
        while (frame := source.read()) is not None:
            frames.append(frame)
    finally:
        source.close()
    return frames


def test_every_frame_comes_with_its_media_time(clip: Path) -> None:
    frames = play(clip)
    assert [frame.index for frame in frames] == list(range(50))
    assert [frame.time_s for frame in frames] == pytest.approx([n / 25 for n in range(50)])
    assert frames[0].image.shape == (48, 64, 3)
    assert frames[0].image.dtype == np.uint8


def test_the_frames_come_in_order(clip: Path) -> None:
    images = [frame.image[24, :, 0] for frame in play(clip)[:48]]
    centers = [float(np.flatnonzero(row > 128).mean()) for row in images]
    assert centers == sorted(centers)


def test_the_source_knows_itself(clip: Path) -> None:
    source = VideoFile(clip)
    assert (source.name, source.live, source.fps) == ("clip.mp4", False, 25.0)
    source.close()
    source.close()


def test_after_the_end_there_is_nothing(clip: Path) -> None:
    source = VideoFile(clip)
    while source.read() is not None:
        pass
    assert source.read() is None
    source.close()


def test_a_file_that_breaks_off_plays_what_there_is_and_says_so(
    avi_clip: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.avi"
    content = avi_clip.read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    source = VideoFile(broken)
    frames: list[Frame | None] = []
    with pytest.raises(SourceError, match=r"breaks off after \d\.\d of 2\.0 seconds") as caught:
        frames.extend(iter(source.read, None))
    source.close()
    assert 10 < len(frames) < 30
    assert caught.value.exit_code == 1


def test_names_with_spaces_umlauts_and_percent_signs_are_just_names(
    clip: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "my gesté %03d:clip.mp4"
    odd.write_bytes(clip.read_bytes())
    assert len(play(odd)) == 50


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.mp4", b"", "is empty"),
        ("text.mp4", b"This is no video.\n" * 500, "cannot be played"),
        ("page.txt", b"This is no video.\n" * 500, "cannot be played"),
        ("noise.avi", bytes(range(256)) * 100, "cannot be played"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n", "cannot be played"),
    ],
)
def test_what_is_no_video_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnusableSourceError, match=sentence) as caught:
        VideoFile(path)
    assert name in str(caught.value)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names may be any bytes there")
def test_a_name_that_is_no_text_is_refused(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"odd\xff.mp4")
    path.write_bytes(clip.read_bytes())
    with pytest.raises(UnusableSourceError, match="is not valid UTF-8; rename it"):
        VideoFile(path)


def test_a_truncated_mp4_is_refused(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.mp4"
    path.write_bytes(clip.read_bytes()[:3000])
    with pytest.raises(UnusableSourceError, match="cut off or damaged"):
        VideoFile(path)


def test_a_single_picture_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "picture.JPG"
    cv2.imwrite(str(path), make_frame(0).image)
    with pytest.raises(UnusableSourceError, match="single picture"):
        VideoFile(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableSourceError, match=r"no file or folder .*gone\.mp4"):
        VideoFile(tmp_path / "gone.mp4")


class FakeCapture:
    """Gives images with the time stamps that it is told."""

    def __init__(
        self, stamps_s: list[float], fps: float, shape: tuple[int, ...] = (4, 4, 3)
    ) -> None:
        self._stamps_s, self._fps, self._shape = stamps_s, fps, shape
        self._position = -1

    def read(self) -> tuple[bool, np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None]:
        self._position += 1
        if self._position >= len(self._stamps_s):
            return False, None
        return True, np.zeros(self._shape, np.uint8)

    def get(self, field: int) -> float:
        if field == cv2.CAP_PROP_POS_MSEC:
            return self._stamps_s[min(self._position, len(self._stamps_s) - 1)] * 1000
        return self._fps if field == cv2.CAP_PROP_FPS else -1.0

    def release(self) -> None:
        pass


@pytest.mark.parametrize(
    ("stamps_s", "fps", "expected_s"),
    [
        ([0.0, 0.1, 0.3], 25.0, [0.0, 0.1, 0.3]),
        ([3.0, 3.1, 3.3], 25.0, [0.0, 0.1, 0.3]),
        ([0.0, 0.0, 0.0], 10.0, [0.0, 0.1, 0.2]),
        ([0.0, 0.0, 0.0], float("nan"), [0.0, 0.04, 0.08]),
        ([0.0, 0.2, 0.1], 10.0, [0.0, 0.2, 0.3]),
    ],
    ids=["uneven", "starts late", "none", "none, and no rate", "backwards"],
)
def test_time_always_grows_whatever_the_stamps(
    clip: Path,
    monkeypatch: pytest.MonkeyPatch,
    stamps_s: list[float],
    fps: float,
    expected_s: list[float],
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: FakeCapture(stamps_s, fps))
    assert [frame.time_s for frame in play(clip)] == pytest.approx(expected_s)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 4), (1, 1, 3)])
def test_grey_alpha_and_odd_sizes_become_bgr(
    clip: Path, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...]
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: FakeCapture([0.0], 25.0, shape))
    assert play(clip)[0].image.shape == (*shape[:2], 3)


def test_a_decoder_that_gives_up_ends_the_file(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class GivesUp(FakeCapture):
        def read(self) -> tuple[bool, np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None]:
            if self._position == 1:
                raise cv2.error("OpenCV(4.13) (-215:Assertion failed) in function 'retrieve'")
            return super().read()

        def get(self, field: int) -> float:
            return 100.0 if field == cv2.CAP_PROP_FRAME_COUNT else super().get(field)

    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: GivesUp([0.0, 0.1, 0.2, 0.3], 10.0))
    with pytest.raises(SourceError, match=r"breaks off after 0\.2 of 10\.0 seconds"):
        play(clip)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_at_once_even_if_nobody_writes_to_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    with pytest.raises(UnusableSourceError, match="is a pipe or the like, which cannot be played"):
        VideoFile(pipe)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs devices as files")
def test_a_device_is_refused_with_a_hint_to_the_camera() -> None:
    with pytest.raises(UnusableSourceError, match=r"is a device, .* --camera N"):
        VideoFile(Path("/dev/zero"))
