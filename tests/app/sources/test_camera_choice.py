"""Cameras that are known by name, watched while they come and go, and asked for a size."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from app import session
from app.command_line import parse
from app.session import usual_camera, with_remembered_model
from app.settings import Settings, load_settings, recent_models, save_settings
from app.sources import camera as camera_module
from app.sources import camera_watch
from app.sources.camera import Camera
from app.sources.camera_device import CameraDevice, Resolution
from app.sources.camera_watch import CameraWatch
from models import DEFAULT_MODEL
from tests.app.fakes import wait_until

LEFT = CameraDevice("HD Webcam", 1, 2, "usb-1", index=0)
RIGHT = CameraDevice("HD Webcam", 1, 2, "usb-2", index=1)
OTHER = CameraDevice("USB Camera", 3, 4, "usb-3", index=2)
FIRST = CameraDevice("", index=0)


def test_a_camera_is_known_again_under_another_number() -> None:
    moved = msgspec.structs.replace(LEFT, path="usb-9", index=7)
    assert LEFT.among((OTHER, moved)) == moved


def test_two_cameras_of_a_kind_are_told_apart_by_their_place() -> None:
    assert RIGHT.among((LEFT, RIGHT)) == RIGHT
    assert LEFT.among((RIGHT, LEFT)) == LEFT


def test_another_camera_is_not_taken_for_it() -> None:
    assert LEFT.among((OTHER,)) is None


def test_a_window_starts_with_the_camera_that_was_chosen(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = Settings(camera=OTHER)
    monkeypatch.setattr(session, "connected_cameras", lambda: (LEFT, OTHER))
    assert usual_camera(chosen) == OTHER
    assert usual_camera(Settings()) == FIRST
    monkeypatch.setattr(session, "connected_cameras", lambda: (LEFT,))
    with caplog.at_level("INFO"):
        assert usual_camera(chosen) == FIRST
    assert "USB Camera is not connected" in caplog.text


def test_without_a_choice_it_is_the_first_camera_that_there_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    size = Resolution(640, 480)
    monkeypatch.setattr(session, "connected_cameras", lambda: (RIGHT, OTHER))
    assert usual_camera(Settings(resolution=size)) == RIGHT.at(size)
    with caplog.at_level("INFO"):
        assert usual_camera(Settings(camera=LEFT.at(size), resolution=size)) == RIGHT.at(size)
    monkeypatch.setattr(session, "connected_cameras", lambda: (OTHER,))
    with caplog.at_level("INFO"):
        assert usual_camera(Settings(camera=LEFT)) == OTHER
    assert "HD Webcam is not connected; camera 2 (USB Camera) is used" in caplog.text
    monkeypatch.setattr(session, "connected_cameras", lambda: ())
    assert usual_camera(Settings()) == FIRST


def test_the_command_line_wins_over_what_was_chosen() -> None:
    chosen = Settings(model="models/mine", engine="onnx")
    plain = with_remembered_model(parse([]), chosen)
    assert (plain.model, plain.engine) == ("models/mine", "onnx")
    named = with_remembered_model(parse(["--model", "default", "--engine", "auto"]), chosen)
    assert (named.model, named.engine) == (DEFAULT_MODEL, "auto")


def test_lately_chosen_models_are_few_and_the_newest_is_first() -> None:
    models: tuple[str, ...] = ()
    for name in ("a", "b", DEFAULT_MODEL, "c", "a", "d", "e", "f"):
        models = recent_models(name, models)
    assert models == ("f", "e", "d", "a", "c")


def test_what_was_chosen_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings = Settings(
        camera=OTHER,
        resolution=Resolution(1280, 720),
        model="models/mine",
        recent_models=("models/mine",),
        engine="sparse",
    )
    save_settings(path, settings)
    kept = load_settings(path)
    assert kept == msgspec.structs.replace(settings, camera=msgspec.structs.replace(OTHER, index=0))
    assert kept.camera is not None
    assert kept.camera.among((LEFT, OTHER)) == OTHER  # the index depends on the ports


@pytest.mark.parametrize(
    "content",
    ['{"engine": "steam"}', '{"resolution": {"width": 0, "height": 4}}', '{"camera": {}}'],
)
def test_choices_that_nobody_can_have_made_are_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    assert load_settings(path) == Settings()
    assert "is left out" in caplog.text


def test_the_list_follows_what_is_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_watch, "INTERVAL_S", 0.01)
    plugged: list[tuple[CameraDevice, ...]] = [()]
    watch = CameraWatch(lambda: plugged[0])

    def follows(connected: tuple[CameraDevice, ...]) -> None:
        plugged[0] = connected
        wait_until(lambda: watch.devices == connected)

    assert watch.devices is None
    watch.start()
    watch.start()
    follows(())
    follows((LEFT, OTHER))
    follows((OTHER,))
    watch.stop()
    watch.stop()


def test_nobody_looks_once_the_list_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_watch, "INTERVAL_S", 0.01)
    looks = 0

    def look() -> tuple[CameraDevice, ...]:
        nonlocal looks
        looks += 1
        return ()

    watch = CameraWatch(look)
    watch.start()
    wait_until(lambda: looks > 1)
    watch.stop()
    wait_until(lambda: all(thread.name != "cameras" for thread in threading.enumerate()))
    seen = looks
    watch.start()
    wait_until(lambda: looks > seen)
    watch.stop()


class SizedCapture:
    """A camera that takes some sizes, and answers others with its largest."""

    sizes = ((640, 480), (1280, 720))

    def __init__(self) -> None:
        self.asked: dict[int, float] = {}

    def isOpened(self) -> bool:
        return True

    def set(self, field: int, value: float) -> bool:
        self.asked[field] = value
        return True

    def get(self, field: int) -> float:
        return 30.0

    def read(self) -> tuple[bool, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
        width = self.asked.get(cv2.CAP_PROP_FRAME_WIDTH, 640)
        height = self.asked.get(cv2.CAP_PROP_FRAME_HEIGHT, 480)
        if [width, height] not in [list(size) for size in self.sizes]:
            width, height = self.sizes[-1]
        return True, np.zeros((int(height), int(width), 3), np.uint8)

    def release(self) -> None:
        pass


@pytest.mark.parametrize(
    ("asked", "came"),
    [
        (None, (640, 480)),
        (Resolution(1280, 720), (1280, 720)),
        (Resolution(1920, 1080), (1280, 720)),
    ],
)
def test_a_camera_is_asked_for_a_size_and_its_pictures_tell_what_came(
    monkeypatch: pytest.MonkeyPatch, asked: Resolution | None, came: tuple[int, int]
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", lambda index, backend: SizedCapture())
    monkeypatch.setattr(camera_module, "connected_cameras", lambda: (LEFT,))
    camera = Camera(CameraDevice("", index=0, resolution=asked))
    frame = camera.read()
    assert frame is not None
    assert (frame.image.shape[1], frame.image.shape[0]) == came
    assert camera.device == LEFT.at(asked)
