from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.training.video_files import HEIGHT, WIDTH, number_of, turn, write_video
from training.data.errors import UnreadableClipError
from training.data.videos import VideoFile


def frames_of(path: Path, *indices: int) -> list[int]:
    images = VideoFile(path, 0).read(lambda _: np.asarray(indices, np.intp))
    return [number_of(image) for image in images]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_exactly_the_frames_that_were_asked_for_come_back(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"clip{suffix}", 30)
    assert VideoFile(path, 0).length() == 30
    assert frames_of(path, *range(30)) == list(range(30))
    assert frames_of(path, 3, 3, 9, 10, 29) == [3, 3, 9, 10, 29]
    assert frames_of(path, 25) == [25]


def test_frames_that_others_build_on_and_frames_that_none_does_are_right(tmp_path: Path) -> None:
    # One group of pictures with B-frames: most of it is skipped, none of it may come out wrong.
    path = write_video(tmp_path / "clip.mp4", 36, keyframe_every=100)
    for wanted in range(36):
        assert frames_of(path, wanted) == [wanted]
    assert frames_of(path, 1, 8, 20, 35) == [1, 8, 20, 35]


def test_where_the_frame_rate_varies_equal_steps_stay_equal_in_time(tmp_path: Path) -> None:
    times_ms = [
        *range(0, 1000, 100),
        1000,
        1500,
    ]  # and the last one lasts for a twelfth of a second
    path = write_video(tmp_path / "clip.webm", times_ms=times_ms)
    assert VideoFile(path, 0).length() == 12
    even_ms = (np.arange(12) + 0.5) * 1583 / 12
    on_show = [max(n for n, time in enumerate(times_ms) if time <= even) for even in even_ms]
    assert frames_of(path, *range(12)) == on_show
    assert on_show.count(10) == 3


def test_a_video_of_a_turned_telephone_is_upright(tmp_path: Path) -> None:
    path = turn(write_video(tmp_path / "clip.mp4", 4))
    (image,) = VideoFile(path, 0).read(lambda _: np.asarray([2]))
    assert image.shape == (WIDTH, HEIGHT, 3)
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)  # what the app shows
    for _ in range(3):
        _, expected = capture.read()
    capture.release()
    np.testing.assert_allclose(image.astype(int), expected, atol=3)


def test_a_missing_video_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableClipError, match=r"nowhere\.mp4 cannot be read \(No such file"):
        frames_of(tmp_path / "nowhere.mp4", 0)


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_what_is_no_video_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "clip.webm").write_bytes(content)
    with pytest.raises(UnreadableClipError, match=r"clip\.webm cannot be read"):
        frames_of(tmp_path / "clip.webm", 0)


def test_a_picture_that_is_named_like_a_video_is_none(tmp_path: Path) -> None:
    encoded = cv2.imencode(".jpg", np.zeros((24, 32, 3), np.uint8))[1]
    (tmp_path / "clip.webm").write_bytes(encoded.tobytes())
    with pytest.raises(UnreadableClipError, match=r"clip\.webm is a single picture"):
        frames_of(tmp_path / "clip.webm", 0)


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_video_that_breaks_off_is_told_even_where_its_beginning_is_asked_for(
    tmp_path: Path, suffix: str
) -> None:
    path = write_video(tmp_path / f"clip{suffix}", 36)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(UnreadableClipError, match=r"The video .*clip"):
        frames_of(path, 0)


def test_damaged_frames_are_never_handed_out(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", 30, keyframe_every=30)
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 900
    content[start:] = bytes(len(content) - start)
    path.write_bytes(content)
    with pytest.raises(UnreadableClipError, match=r"damaged|cannot be read"):
        frames_of(path, 29)


def test_sound_without_pictures_is_told(tmp_path: Path) -> None:
    import av

    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 16000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(UnreadableClipError, match="holds no pictures"):
        frames_of(path, 0)
