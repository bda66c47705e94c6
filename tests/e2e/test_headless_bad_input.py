"""Bad input on the real command line: one sentence, the right exit code, nothing left behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.clips import write_clip
from tests.app.command import run_demo

Prepare = Callable[[Path], list[str | Path]]
"""Puts what is bad into a folder and returns the arguments that name it."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", "mp4v", frames=10)


def file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def truncated(folder: Path) -> list[str | Path]:
    whole = write_clip(folder / "whole.mp4", "mp4v").read_bytes()
    return ["--source", file(folder, "half.mp4", whole[: len(whole) // 2])]


def folder_with_a_damaged_image(folder: Path) -> list[str | Path]:
    images = folder / "images"
    images.mkdir()
    file(images, "1.jpg", b"not an image")
    return ["--source", images]


BAD_SOURCES: dict[str, tuple[Prepare, int, str]] = {
    "missing": (lambda folder: ["--source", folder / "gone.mp4"], 2, "no file or folder"),
    "empty": (lambda folder: ["--source", file(folder, "a.mp4", b"")], 2, "is empty"),
    "truncated": (truncated, 2, "cut off or damaged"),
    "text": (
        lambda folder: ["--source", file(folder, "a.txt", b"Hello, world.\n" * 99)],
        2,
        "not a video",
    ),
    "text in disguise": (
        lambda folder: ["--source", file(folder, "a.mp4", b"Hello, world.\n" * 99)],
        2,
        "not a video",
    ),
    "noise": (
        lambda folder: ["--source", file(folder, "a.avi", bytes(range(256)) * 99)],
        2,
        "not a video",
    ),
    "folder without images": (lambda folder: ["--source", folder], 2, "no images"),
    "damaged image": (folder_with_a_damaged_image, 2, "1.jpg cannot be read"),
    "no such camera": (lambda folder: ["--camera", "99"], 1, "Camera 99 was not found"),
}


def check(code: int, words: str, folder: Path, *arguments: str | Path) -> None:
    """Run it and see that it fails as it should."""
    done = run_demo("--headless", *arguments, home=folder)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.rstrip().endswith(".")
    assert done.stdout == ""


EARLIER = b'{"type":"error","t":0.0,"message":"from an earlier run"}\n'


@pytest.mark.parametrize("case", BAD_SOURCES)
def test_a_bad_source_is_refused_and_the_events_file_is_left_alone(
    case: str, tiny_bundle: Path, tmp_path: Path
) -> None:
    prepare, code, words = BAD_SOURCES[case]
    folder = tmp_path / "input"
    folder.mkdir()
    target = file(tmp_path, "events.jsonl", EARLIER)
    arguments = prepare(folder)
    check(code, words, tmp_path, *arguments, "--events", target, "--model", tiny_bundle)
    assert target.read_bytes() == EARLIER


@pytest.mark.parametrize("name", [".", "missing/events.jsonl"])
def test_events_that_cannot_be_written_are_refused(
    clip: Path, tiny_bundle: Path, tmp_path: Path, name: str
) -> None:
    arguments = ("--source", clip, "--model", tiny_bundle, "--events", tmp_path / name)
    check(2, "cannot be written", tmp_path, *arguments)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_disk_that_is_full_ends_the_run(clip: Path, tiny_bundle: Path, tmp_path: Path) -> None:
    arguments = ("--source", clip, "--model", tiny_bundle, "--events", "/dev/full")
    done = run_demo("--headless", *arguments, home=tmp_path)
    assert done.returncode == 1
    assert "make room" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def damage(bundle: Path, name: str) -> None:
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (bundle / name).write_bytes(content)


def add_field(bundle: Path) -> None:
    path = bundle / "spec.json"
    path.write_text(path.read_text().replace('"format"', '"flavour": 1, "format"', 1))


BAD_BUNDLES: dict[str, Callable[[Path], object]] = {
    "no folder": shutil.rmtree,
    "no description": lambda bundle: (bundle / "spec.json").unlink(),
    "no weights": lambda bundle: (bundle / "model.safetensors").unlink(),
    "no graph": lambda bundle: (bundle / "model.onnx").unlink(),
    "damaged weights": lambda bundle: damage(bundle, "model.safetensors"),
    "damaged graph": lambda bundle: damage(bundle, "model.onnx"),
    "unknown field": add_field,
    "description is no JSON": lambda bundle: (bundle / "spec.json").write_text("{"),
    "description is not text": lambda bundle: (bundle / "spec.json").write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("case", BAD_BUNDLES)
def test_a_bad_bundle_is_refused(case: str, clip: Path, tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    BAD_BUNDLES[case](bundle)
    check(2, str(tmp_path), tmp_path, "--source", clip, "--model", bundle)


@pytest.mark.parametrize(
    "arguments",
    ["--duration nan", "--threads 0", "--camera -1", "--camera 0 --source demo", "--control hands"],
)
def test_arguments_that_make_no_sense_are_refused(arguments: str, tmp_path: Path) -> None:
    check(2, "--help", tmp_path, *arguments.split())


def test_a_damaged_model_of_two_views_is_refused_in_one_sentence(
    tiny_two_view_bundle: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(tiny_two_view_bundle, tmp_path / "model"))
    (model / "crop" / "model.safetensors").write_bytes(b"not weights")
    done = run_demo("--source", "demo", "--model", model, "--headless", home=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "crop" in done.stderr
    assert "is damaged" in done.stderr
