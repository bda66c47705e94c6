from __future__ import annotations

import os
import platform
from collections.abc import Callable

import cv2
import msgspec
import numpy as np
import pytest

from app.sources import camera as camera_module
from app.sources.base import SourceError
from app.sources.camera import Camera, camera_opener, connected_cameras
from app.sources.camera_device import CameraDevice

WEBCAM = CameraDevice("HD Webcam", 0x046D, 0x0825, index=0)
OTHER = CameraDevice("USB Camera", 1, 2, index=2)


def numbered(index: int) -> CameraDevice:
    """A camera of which only the index is known, as from the command line."""
    return CameraDevice("", index=index)


class FakeCapture:
    """A camera for OpenCV: gives `pictures` and then fails; with none it is in use elsewhere."""

    def __init__(
        self, opens: bool = True, pictures: int = 1000, shape: tuple[int, ...] = (4, 4, 3)
    ):
        self.opens, self.pictures, self.shape = opens, pictures, shape
        self.released = 0

    def isOpened(self) -> bool:
        return self.opens

    def read(self) -> tuple[bool, np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None]:
        self.pictures -= 1
        return (True, np.zeros(self.shape, np.uint8)) if self.pictures >= 0 else (False, None)

    def get(self, field: int) -> float:
        return 30.0

    def release(self) -> None:
        self.released += 1


Plug = Callable[[dict[int, FakeCapture], tuple[CameraDevice, ...]], None]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Decide which cameras there are, and what the system says about them."""
    monkeypatch.setattr(camera_module, "FIRST_IMAGE_TIMEOUT_S", 0.05)
    monkeypatch.setattr(camera_module, "LOST_AFTER_S", 0.05)

    def plug(captures: dict[int, FakeCapture], devices: tuple[CameraDevice, ...]) -> None:
        closed = FakeCapture(opens=False)
        monkeypatch.setattr(cv2, "VideoCapture", lambda index, backend: captures.get(index, closed))
        monkeypatch.setattr(camera_module, "connected_cameras", lambda: devices)

    return plug


def test_a_camera_gives_frames_with_their_times(plug: Plug) -> None:
    plug({0: FakeCapture()}, (WEBCAM,))
    source = Camera(numbered(0))
    frames = [source.read() for _ in range(3)]
    assert [frame.index for frame in frames if frame is not None] == [0, 1, 2]
    assert frames[0] is not None
    assert frames[0].time_s == 0.0
    assert (source.name, source.live, source.fps) == ("Camera 0 (HD Webcam)", True, 30.0)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 1), (5, 3, 4)])
def test_grey_and_alpha_pictures_become_bgr(plug: Plug, shape: tuple[int, ...]) -> None:
    plug({0: FakeCapture(shape=shape)}, (WEBCAM,))
    frame = Camera(numbered(0)).read()
    assert frame is not None
    assert frame.image.shape == (*shape[:2], 3)


def test_one_failed_read_is_not_the_end(plug: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = FakeCapture()
    plug({0: capture}, (WEBCAM,))
    source = Camera(numbered(0))
    source.read()
    capture.pictures = 0
    monkeypatch.setattr(camera_module, "sleep", lambda seconds: setattr(capture, "pictures", 5))
    assert source.read() is not None


@pytest.mark.parametrize(
    "failure",
    [
        cv2.error("OpenCV(4.13) (-215:Assertion failed) in function 'retrieve'"),
        (True, None),
        (True, np.empty((0, 0, 3), np.uint8)),
        (True, np.zeros((4, 4, 2), np.uint8)),
    ],
)
def test_a_read_may_fail_in_any_way(
    plug: Plug, monkeypatch: pytest.MonkeyPatch, failure: cv2.error | tuple[bool, object]
) -> None:
    capture = FakeCapture()
    plug({0: capture}, (WEBCAM,))
    source = Camera(numbered(0))
    source.read()
    fine = capture.read

    def fail_once() -> object:
        monkeypatch.setattr(capture, "read", fine)
        if isinstance(failure, cv2.error):
            raise failure
        return failure

    monkeypatch.setattr(capture, "read", fail_once)
    frame = source.read()
    assert frame is not None
    assert frame.index == 1


def test_a_camera_of_which_every_read_fails_is_gone(
    plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = FakeCapture()
    plug({0: capture}, (WEBCAM,))
    source = Camera(numbered(0))
    source.read()

    def fail() -> None:
        raise cv2.error("OpenCV(4.13) can't grab")

    monkeypatch.setattr(capture, "read", fail)
    assert source.read() is None


def test_an_unplugged_camera_ends(plug: Plug) -> None:
    plug({0: FakeCapture(pictures=2)}, (WEBCAM,))
    source = Camera(numbered(0))
    assert source.read() is not None
    assert source.read() is not None
    assert source.read() is None


def test_without_any_camera_the_sentence_says_what_to_do(plug: Plug) -> None:
    plug({}, ())
    with pytest.raises(SourceError, match=r"Camera 0 was not found, and no other .* --source FILE"):
        Camera(numbered(0))


def test_a_wrong_number_is_answered_with_the_cameras_that_there_are(plug: Plug) -> None:
    plug({0: FakeCapture()}, (WEBCAM, OTHER))
    with pytest.raises(SourceError, match=r"Camera 7 .*: 0 \(HD Webcam\), 2 \(USB Camera\)\."):
        Camera(numbered(7))


def test_a_camera_that_opens_but_gives_no_picture_is_in_use(plug: Plug) -> None:
    capture = FakeCapture(pictures=0)
    plug({0: capture}, (WEBCAM,))
    with pytest.raises(SourceError, match="another program may be using it"):
        Camera(numbered(0))
    assert capture.released


@pytest.mark.parametrize(("allowed", "sentence"), [(True, "another program"), (False, "usermod")])
def test_a_camera_that_does_not_open_is_in_use_or_forbidden(
    plug: Plug, monkeypatch: pytest.MonkeyPatch, allowed: bool, sentence: str
) -> None:
    plug({}, (WEBCAM,))
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(os, "access", lambda path, mode: allowed)
    with pytest.raises(SourceError, match=sentence):
        Camera(numbered(0))


def test_a_camera_that_comes_back_under_another_number_is_found(plug: Plug) -> None:
    open_again = camera_opener(numbered(0))
    plug({0: FakeCapture()}, (WEBCAM,))
    open_again().close()
    plug({}, ())
    with pytest.raises(SourceError):
        open_again()
    plug({3: FakeCapture()}, (msgspec.structs.replace(WEBCAM, index=3),))
    assert open_again().name == "Camera 3 (HD Webcam)"


def test_another_camera_does_not_take_the_place_of_the_lost_one(plug: Plug) -> None:
    open_again = camera_opener(numbered(0))
    plug({0: FakeCapture()}, (WEBCAM,))
    open_again().close()
    plug({2: FakeCapture()}, (OTHER,))
    with pytest.raises(SourceError):
        open_again()


def test_a_system_that_cannot_list_cameras_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(backend: int) -> None:
        raise NotImplementedError

    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", explode)
    assert connected_cameras() == ()


def test_an_unlisted_camera_can_be_opened_all_the_same(plug: Plug) -> None:
    plug({0: FakeCapture()}, ())
    assert Camera(numbered(0)).name == "Camera 0"
