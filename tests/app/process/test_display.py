from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from app.process import display, native_libraries

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about X and Wayland")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell without any display."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def compositor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A Wayland compositor that takes connections."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "wayland-7"))
    server.listen()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    yield "wayland-7"
    server.close()


@linux_only
@pytest.mark.usefixtures("bare")
def test_without_variables_there_is_no_display() -> None:
    assert not display.has_display()


@linux_only
@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", [":4711", "unix:4711", "nonsense", ":", "localhost:4711.0"])
def test_a_display_that_does_not_answer_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DISPLAY", name)
    assert not display.has_display()


@linux_only
@pytest.mark.usefixtures("bare")
def test_a_wayland_compositor_that_answers_is_a_display(
    monkeypatch: pytest.MonkeyPatch, compositor: str
) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", compositor)
    assert display.has_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-8")
    assert not display.has_display()


@linux_only
@pytest.mark.usefixtures("bare")
def test_who_names_a_platform_of_qt_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display.has_display()


@linux_only
@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("platform", "packages"),
    [
        ("", ["libegl1", "libxcb-cursor0"]),
        ("xcb", ["libegl1", "libxcb-cursor0"]),
        ("offscreen", ["libegl1"]),
        ("wayland", ["libegl1"]),
    ],
)
def test_missing_libraries_are_named_by_their_packages(
    monkeypatch: pytest.MonkeyPatch, platform: str, packages: list[str]
) -> None:
    missing = {"libEGL.so.1", "libxcb-cursor.so.0"}
    monkeypatch.setattr(display, "_loads", lambda library: library not in missing)
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert display.missing_qt_libraries() == packages


def test_cv2s_own_qt_folders_are_forgotten_and_others_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inside = Path(cv2.__file__).parent / "qt" / "plugins"
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", str(inside))
    monkeypatch.setenv("QT_QPA_FONTDIR", str(tmp_path))
    native_libraries.forget_cv2_qt_paths()
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert os.environ["QT_QPA_FONTDIR"] == str(tmp_path)


def test_what_the_user_has_set_for_opencv_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCV_LOG_LEVEL", "DEBUG")
    monkeypatch.delenv("OPENCV_FFMPEG_LOGLEVEL", raising=False)
    native_libraries.prepare()
    assert os.environ["OPENCV_LOG_LEVEL"] == "DEBUG"
    assert os.environ["OPENCV_FFMPEG_LOGLEVEL"] == "-8"
