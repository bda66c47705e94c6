"""`personalize` as people use it, and what then runs with the set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.main import main as run_app
from models.personal.personal_set import read_set
from tests.training.jester_folder import write_jester
from tests.training.small_streams import write_streams
from tests.training.video_files import write_video
from training.cli import main

LABELS = ("Swiping Left", "Thumb Up")


def bar(folder: Path, frames: int, *, gray: int, seed: int) -> Path:
    """Write pictures of a bar that moves, or of noise alone."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for index in range(frames):
        image = rng.integers(20, 60, (48, 64, 3)).astype(np.uint8)
        if gray and frames // 3 <= index < 2 * frames // 3 + 4:
            image[8:40, 10 + index : 26 + index] = gray
        cv2.imwrite(str(folder / f"{index}.png"), image)
    return folder


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three takes of two gestures, one of them as a video, and ordinary behavior."""
    root = tmp_path_factory.mktemp("shown")
    for number in range(3):
        bar(root / "takes" / "Swiping Left" / str(number), 36, gray=250, seed=number)
    for number in range(2):
        bar(root / "takes" / "Heart" / str(number), 36, gray=130, seed=10 + number)
    write_video(root / "takes" / "Heart" / "2.mp4", 36)
    (root / "takes" / "notes.txt").write_text("mine")
    bar(root / "ordinary", 180, gray=0, seed=99)
    return root


def personalize(model: Path, shown: Path, out: Path, *more: str) -> int:
    given = ("--model", model, "--takes", shown / "takes", "--ordinary", shown / "ordinary")
    command = ("personalize", *given, "--out", out, "--engine", "onnx", *more)
    return main([str(part) for part in command])


@pytest.fixture(scope="module")
def taught(shown: Path, tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("set") / "mina.set"
    assert personalize(tiny_bundle, shown, out) == 0
    return out


def test_it_prints_an_honest_figure_and_writes_a_small_file(
    shown: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mina.set"
    assert personalize(tiny_bundle, shown, out, "--false-per-minute", "1") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Heart: ")
    assert said[1].startswith("Swiping Left: ")
    assert " of 3." in said[0]
    assert "in the ordinary behavior" in said[2]
    assert said[-1].startswith(f"{out}: ")
    personal = read_set(out)
    assert personal.about.name == "mina"
    assert list(personal.about.figure) == said[:-1]
    assert not personal.kept
    assert out.stat().st_size < 10_000
    assert personalize(tiny_bundle, shown, out, "--keep-features", "--name", "Mina") == 0
    assert read_set(out).about.name == "Mina"
    assert len(read_set(out).kept) == 13  # six takes at two phases, and the ordinary behavior


@pytest.mark.usefixtures("apart")
def test_the_app_runs_with_it(taught: Path, shown: Path, tiny_bundle: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    given = ("--model", tiny_bundle, "--personal", taught, "--source", shown / "ordinary")
    command = ("--headless", "--engine", "onnx", *given, "--events", events)
    assert run_app([str(part) for part in command]) == 0
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    predicted = {line["label"] for line in lines if line["type"] == "prediction"}
    assert predicted <= {"Heart", "Swiping Left", "No gesture", "Doing other things"}
    assert "gesture" not in {line["type"] for line in lines}


@pytest.mark.usefixtures("apart")
def test_a_recording_with_it_replays_with_it(
    taught: Path, shown: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    found: list[list[tuple[str, float]]] = []
    source = shown / "takes" / "Swiping Left" / "0"
    for more in (("--record", tmp_path / "run.adafuse"), ()):
        events = tmp_path / f"{len(found)}.jsonl"
        given = ("--model", tiny_bundle, "--personal", taught, "--source", source)
        command = ("--headless", "--engine", "onnx", *given, "--events", events, *more)
        assert run_app([str(part) for part in command]) == 0
        lines = map(json.loads, events.read_text().splitlines())
        found.append([(e["label"], e["confidence"]) for e in lines if e["type"] == "prediction"])
        source = tmp_path / "run.adafuse"
    assert found[0] == found[1]


def test_clips_and_streams_are_evaluated_with_it(
    taught: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clips = write_jester(tmp_path / "clips", 4)
    labels = clips / "labels.csv"
    labels.write_text(labels.read_text().replace("Swiping Right", "Thumb Up"))
    given = ("--model", tiny_bundle, "--personal", taught, "--engine", "onnx", "--json")
    assert main(["evaluate", *map(str, given), "--root", str(clips)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["clips"] == 2  # the set does not know "Thumb Up"
    assert list(found["per_class"]) == ["Swiping Left"]
    streams = write_streams(tmp_path / "streams")
    for cues in streams.glob("*.cues.json"):
        cues.write_text(cues.read_text().replace("Shaking Hand", "Heart"))
    assert main(["evaluate-streams", *map(str, given), "--streams", str(streams)]) == 0
    assert json.loads(capsys.readouterr().out)["minutes"] > 0


def test_bad_input_is_told_in_one_sentence(
    taught: Path,
    shown: Path,
    tiny_bundle: Path,
    tiny_two_view_bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    empty = tmp_path / "empty"
    (empty / "Heart" / "0").mkdir(parents=True)
    broken = Path(shutil.copytree(shown / "takes", tmp_path / "broken"))
    (broken / "Heart" / "2.mp4").write_bytes(b"no video")
    short = bar(tmp_path / "short", 20, gray=0, seed=1)
    out = tmp_path / "out.set"
    given = {
        "--model": tiny_bundle,
        "--takes": shown / "takes",
        "--ordinary": shown / "ordinary",
        "--out": out,
        "--engine": "onnx",
    }
    for change, code, complaint in (
        ({"--takes": tmp_path / "nowhere"}, 1, "cannot be read"),
        ({"--takes": shown / "ordinary"}, 1, "a folder for every gesture"),
        ({"--takes": empty}, 1, "holds no pictures"),
        ({"--takes": broken}, 1, "2.mp4 is missing, damaged or not a video"),
        ({"--ordinary": tmp_path / "nowhere"}, 1, "cannot be read"),
        ({"--ordinary": short}, 1, "seconds of ordinary behavior"),
        ({"--out": tmp_path / "no" / "out.set"}, 2, "does not exist"),
        ({"--out": tmp_path}, 2, "it is a folder"),
    ):
        options = [str(part) for pair in (given | change).items() for part in pair]
        assert main(["personalize", *options]) == code, change
        error = capsys.readouterr().err
        assert complaint in error.splitlines()[-1]
        assert "Traceback" not in error
        assert not out.exists()
    other = ("--model", str(tiny_two_view_bundle), "--personal", str(taught), "--engine", "onnx")
    assert main(["evaluate", *other, "--root", str(write_jester(tmp_path / "clips", 2))]) == 1
    assert "fit it again from its clips" in capsys.readouterr().err


@pytest.mark.usefixtures("apart")
def test_the_app_refuses_a_set_of_another_model_or_a_damaged_one(
    taught: Path,
    tiny_bundle: Path,
    tiny_two_view_bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damaged = tmp_path / "damaged.set"
    damaged.write_bytes(taught.read_bytes()[:-9])
    for model, personal, complaint in (
        (tiny_two_view_bundle, taught, "was made with the model tiny"),
        (tiny_bundle, damaged, "not a personal set, or it is damaged"),
        (tiny_bundle, tmp_path / "nowhere", "There is no personal set"),
    ):
        given = ("--model", model, "--personal", personal, "--source", "demo")
        assert run_app(["--headless", "--engine", "onnx", *map(str, given)]) == 2
        assert complaint in capsys.readouterr().err.splitlines()[-1]
