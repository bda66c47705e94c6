from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from app import main as main_module
from app import session
from app.main import main
from app.process import native_libraries
from app.settings import settings_path
from app.sources import factory
from app.sources.base import SourceError
from app.sources.camera import Camera
from app.sources.camera_device import CameraDevice
from models.bundle import load_bundle
from tests.app.command import events_in

pytestmark = pytest.mark.usefixtures("apart")


@pytest.fixture
def no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Camera, wanted: CameraDevice) -> None:
        raise SourceError("Camera 0 was not found; connect one.")

    monkeypatch.setattr(Camera, "__init__", refuse)


@pytest.mark.usefixtures("no_camera")
def test_without_a_camera_the_demo_clip_is_played_and_it_is_said(
    clip: Path,
    tiny_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(factory, "demo_path", lambda: clip)
    target = tmp_path / "events.jsonl"
    arguments = ["--headless", "--model", str(tiny_bundle), "--engine", "onnx"]
    assert main([*arguments, "--events", str(target)]) == 0
    assert events_in(target.read_text())[-1]["frames"] == 50
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "Camera 0 was not found; connect one. The demo clip is played instead."
    assert len(said) == 2


@pytest.mark.usefixtures("no_camera")
def test_a_camera_that_was_asked_for_is_not_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--headless", "--camera", "0"]) == 1
    assert capsys.readouterr().err == "Camera 0 was not found; connect one.\n"


def test_a_binding_whose_label_is_misspelled_is_told(
    clip: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label = load_bundle(tiny_bundle).spec.labels[0]
    path = settings_path()
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"control": {"bindings": {label.lower(): {"action": "black"}}}}))
    arguments = ["--headless", "--model", str(tiny_bundle), "--engine", "onnx"]
    assert main([*arguments, "--source", str(clip), "--events", str(tmp_path / "events")]) == 0
    assert f"write '{label}' if that is meant" in capsys.readouterr().err


def test_events_never_overwrite_the_video(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = tmp_path / "mine.mp4"
    video.write_bytes(clip.read_bytes())
    assert main(["--headless", "--source", str(video), "--events", str(video)]) == 2
    assert "would overwrite" in capsys.readouterr().err
    assert video.read_bytes() == clip.read_bytes()


def test_missing_system_libraries_are_named_with_the_command_that_brings_them(
    clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main_module, "has_display", lambda: True)
    monkeypatch.setattr(native_libraries, "missing_qt_libraries", lambda: ["libegl1", "libgl1"])
    assert main(["--source", str(clip)]) == 1
    said = capsys.readouterr().err
    assert "'sudo apt-get install -y libegl1 libgl1'" in said
    assert len(said.splitlines()) == 1


def test_a_library_that_python_cannot_load_is_one_sentence_too(
    clip: Path,
    tiny_bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Broken:
        """Stands for the window's module on a system without libEGL."""

        def __getattr__(self, name: str) -> None:
            raise ImportError("libEGL.so.1: cannot open shared object file: No such file")

    monkeypatch.setitem(sys.modules, "app.ui.application", Broken())
    monkeypatch.setattr(main_module, "has_display", lambda: True)
    monkeypatch.setattr(native_libraries, "check_qt_libraries", lambda: None)
    monkeypatch.setattr(native_libraries, "missing_qt_libraries", lambda: ["libegl1"])
    assert main(["--source", str(clip), "--model", str(tiny_bundle)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("The window needs system libraries that are missing")


def test_a_python_package_that_is_not_installed_is_named(
    clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "app.session", None)
    assert main(["--headless", "--source", str(clip)]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "is not installed; run 'make demo'" in said


def test_a_bug_is_one_sentence_and_with_verbose_a_traceback(
    clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(options: object, *, in_window: bool) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(session, "_open_engine", explode)
    arguments = ["--headless", "--source", str(clip)]
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "internal error (KeyError: 'oops')" in said
    assert main([*arguments, "--verbose"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_while_it_loads_is_quiet(
    clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(options: object, *, in_window: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "_open_engine", interrupt)
    assert main(["--headless", "--source", str(clip)]) == 130
    assert capsys.readouterr().err == ""


def test_events_never_overwrite_a_picture_of_the_source_or_a_file_of_the_model(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Path(shutil.copytree(tiny_bundle, tmp_path / "model"))
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    cv2.imwrite(str(pictures / "1.png"), np.zeros((40, 60, 3), np.uint8))
    for victim in (model / "spec.json", pictures / "1.png"):
        before = victim.read_bytes()
        arguments = ["--headless", "--source", str(pictures), "--model", str(model)]
        assert main([*arguments, "--events", str(victim)]) == 2
        assert "would overwrite" in capsys.readouterr().err
        assert victim.read_bytes() == before
