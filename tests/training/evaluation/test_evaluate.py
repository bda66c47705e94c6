"""`evaluate` as people use it: what it prints, and what it writes."""

from __future__ import annotations

import csv
import errno
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.bundle import load_bundle
from models.errors import ModelError
from models.flops import NetworkCost, step_trace
from models.network.export import export_bundle
from models.spec import Shift
from tests.models.networks import tiny_network, tiny_spec
from training.cli import main
from training.evaluation.clip_metrics import ClipOutcome, ClipRun, summarize

JSON_KEYS = [
    *("clips", "top1", "top5", "gflops_per_clip", "dense_gflops_per_clip"),
    *("keep", "reuse", "skip", "per_class"),
]
LABELS = ("Swiping Left", "Thumb Up")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("clips")
    rng = np.random.default_rng(0)
    lines = []
    for clip in range(6):
        (root / str(clip)).mkdir()
        for frame in range(10):
            picture = rng.integers(0, 256, (40, 60, 3), np.uint8)
            cv2.imwrite(str(root / str(clip) / f"{frame + 1:05d}.jpg"), picture)
        lines.append(f"{clip};{LABELS[clip % 2]}\n")
    (root / "labels.csv").write_text("".join(lines))
    return root


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def outcome(label: int, scores: list[float]) -> ClipOutcome:
    trace = step_trace(NetworkCost(sites=(), fixed=1_000_000_000), [], None)
    return ClipOutcome.of(ClipRun(np.asarray([scores], np.float32), (trace,)), label)


def test_accuracies_and_confusions_are_counted() -> None:
    spec = tiny_spec(policy=None)
    found = summarize(
        [
            outcome(0, [3, 2, 1, 0]),
            outcome(0, [1, 2, 3, 0]),
            outcome(1, [0, 5, 0, 0]),
            outcome(1, [0, 5, 5, 0]),  # of equal scores the first counts, as everywhere
            outcome(2, [0, 5, 5, 0]),
        ],
        spec,
        [],
    )
    assert found.metrics.top1 == 0.6
    assert found.metrics.per_class == {
        spec.labels[0]: 0.5,
        spec.labels[1]: 1.0,
        spec.labels[2]: 0.0,
    }
    assert found.metrics.gflops_per_clip == found.metrics.dense_gflops_per_clip == 1.0
    assert found.confusion.tolist() == [[1, 0, 1, 0], [0, 2, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_scores_that_are_not_numbers_are_no_accuracy() -> None:
    with pytest.raises(ModelError, match="not finite"):
        summarize([outcome(0, [float("nan")] * 4)], tiny_spec(policy=None), [])


def test_one_json_object_with_the_documented_keys_and_a_folder_that_agrees_with_it(
    tiny_bundle: Path, clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "report"
    arguments = ["evaluate", "--model", str(tiny_bundle), "--root", str(clips), "--json"]
    arguments += ["--engine", "torch"]
    assert main([*arguments, "--out", str(out), "--name", "noise"]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert list(metrics) == JSON_KEYS

    saved = json.loads((out / "evaluation.json").read_text())
    assert saved == {"model": "tiny", "data": "noise", **metrics}
    confusion = np.asarray([row[1:] for row in rows(out / "confusion.csv")[1:]], int)
    assert confusion.sum() == metrics["clips"] == 6
    assert np.trace(confusion) / 6 == pytest.approx(metrics["top1"], abs=1e-6)
    classes = {row[0]: row[1:3] for row in rows(out / "per_class.csv")[1:]}
    for label, accuracy in metrics["per_class"].items():
        assert float(classes[label][1]) == accuracy
    blocks = rows(out / "policy_blocks.csv")
    channels = np.asarray([row[1] for row in blocks[1:]], float)
    keep = np.asarray([row[blocks[0].index("keep")] for row in blocks[1:]], float)
    assert keep @ channels / channels.sum() == pytest.approx(metrics["keep"], abs=1e-5)
    for name in ("confusion", "policy_mix", "policy_blocks"):
        picture = cv2.imread(str(out / f"{name}.png"))
        assert picture is not None
        assert picture.std() > 5

    # A second data set is drawn beside the first: its picture is wider.
    assert main([*arguments, "--out", str(tmp_path / "two"), "--beside", str(out)]) == 0
    one, two = (cv2.imread(str(folder / "policy_mix.png")) for folder in (out, tmp_path / "two"))
    assert one is not None
    assert two is not None
    assert two.shape[1] > one.shape[1]
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["deep", "two"]


def test_a_model_that_looks_ahead_is_evaluated_as_the_paper_does(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = tiny_network(tiny_spec(shift=Shift.TWO_WAY))
    bundle = export_bundle(network, tmp_path / "bundle", "# Two-way\n")
    assert not load_bundle(bundle.path).spec.can_stream
    assert main(["evaluate", "--model", str(bundle.path), "--root", str(clips), "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert metrics["clips"] == 6
    assert metrics["keep"] + metrics["reuse"] + metrics["skip"] == pytest.approx(1, abs=1e-5)


def test_bad_input_is_told_in_one_sentence_and_leaves_nothing(
    tiny_bundle: Path, clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("keep me")
    arguments = ["evaluate", "--model", str(tiny_bundle), "--root", str(clips)]
    for more, complaint in (
        (["--out", str(full)], "not empty"),
        (["--out", str(tmp_path / "new"), "--beside", str(full)], "--beside"),
        (["--annotations", str(tmp_path / "none.csv")], "none.csv"),
        (["--frame-pattern", "no_{:05d}.jpg", "--unreadable-share", "1"], "None of the 6 clips"),
        (["--out", str(full / "mine.txt" / "x")], "cannot be written"),
    ):
        assert main([*arguments, *more]) == 1
        error = capsys.readouterr().err
        assert complaint in error.splitlines()[-1]
        assert "Traceback" not in error
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, "--engine", "abacus"])
    assert "abacus" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["full", "mine.txt"]


def test_a_report_that_cannot_be_written_is_told_first_or_loses_no_figure(
    tiny_bundle: Path,
    clips: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["evaluate", "--model", str(tiny_bundle), "--root", str(clips), "--json", "--out"]
    assert main([*arguments, "/proc/report"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("The evaluation cannot be written (")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "confusion.png")

    monkeypatch.setattr("training.evaluation.reports.write_clip_report", full)
    assert main([*arguments, str(tmp_path / "report")]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["clips"] == 6
    sentence = "The evaluation cannot be written (No space left on device: confusion.png).\n"
    assert told.err.endswith(sentence)


def test_the_smallest_crop_is_a_pixel(
    tiny_bundle: Path, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--model", str(tiny_bundle), "--root", str(clips), "--json"]
    assert main([*arguments, "--crop-share", "0.0001"]) == 0
    assert json.loads(capsys.readouterr().out)["clips"] == 6
