"""`evaluate-streams` and `tune-decision` as people use them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import msgspec
import pytest

from models.bundle import SPEC_FILE, load_bundle, write_decision
from models.decision import DecisionSettings
from models.errors import ModelError
from tests.training.small_streams import write_streams
from training.cli import main
from training.evaluation.streams import TEST_SEED
from training.streams.truth import CueKind, list_streams, read_truth

JSON_KEYS = [
    *("minutes", "gestures", "levenshtein_accuracy", "detection_rate"),
    *("false_per_minute", "delay_ms_p50", "delay_ms_p95"),
]


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_streams(tmp_path_factory.mktemp("streams") / "made")


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A bundle whose labels are among the gestures of the streams here, and of those made anew."""
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))
    name_gestures(folder, "Shaking Hand", "Thumb Down")
    return folder


def name_gestures(bundle: Path, *labels: str) -> None:
    """Give the two gestures of the tiny network other names."""
    description = json.loads((bundle / SPEC_FILE).read_text())
    description["model"]["labels"][:2] = labels
    (bundle / SPEC_FILE).write_text(json.dumps(description))


def run(*arguments: object) -> int:
    return main([*map(str, arguments), "--engine", "torch", "--workers", "1"])


def test_one_json_object_with_the_documented_keys_and_a_folder_that_agrees_with_it(
    bundle: Path, streams: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The tiny network is of noise: with these settings it fires often.
    write_decision(bundle, DecisionSettings(fire_above=0.26, release_below=0.26, hold_s=0))
    out = tmp_path / "report"
    command = ("evaluate-streams", "--model", bundle, "--streams", streams, "--json")
    assert run(*command, "--out", out) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert list(metrics) == JSON_KEYS
    assert metrics["minutes"] == pytest.approx(0.4, abs=0.01)
    assert json.loads((out / "evaluation.json").read_text()) == {"model": "tiny", **metrics}
    with (out / "gestures.csv").open(newline="") as file:
        gestures = list(csv.DictReader(file))
    assert len(gestures) == metrics["gestures"]
    detected = sum(bool(row["fired_s"]) for row in gestures)
    if gestures:
        assert detected / len(gestures) == pytest.approx(metrics["detection_rate"], abs=1e-6)
    with (out / "false_activations.csv").open(newline="") as file:
        wrong = list(csv.DictReader(file))
    assert len(wrong) == pytest.approx(metrics["false_per_minute"] * metrics["minutes"], abs=1e-3)
    assert wrong

    assert run(*command) == 0
    assert json.loads(capsys.readouterr().out) == metrics


def test_without_streams_it_makes_its_own_and_leaves_none_behind(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("evaluate-streams", "--model", bundle, "--minutes", "0.2") == 0
    text = capsys.readouterr().out
    assert "minutes                   0.2" in text
    assert "Levenshtein" in text


def test_tuning_writes_the_settings_where_the_app_reads_them(
    bundle: Path, streams: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # An untrained network is never that sure: whatever is tuned fires sometimes.
    write_decision(bundle, DecisionSettings(0.99, 0.0, 0.9, 0.0))
    before = load_bundle(bundle)
    assert run("tune-decision", "--model", bundle, "--streams", streams, "--dry-run") == 0
    assert load_bundle(bundle).spec == before.spec
    assert run("tune-decision", "--model", bundle, "--streams", streams) == 0
    after = load_bundle(bundle)
    assert after.spec.decision != before.spec.decision
    assert (after.weights_digest, after.cost) == (before.weights_digest, before.cost)
    assert "before" in capsys.readouterr().out


def test_gestures_get_thresholds_of_their_own(
    bundle: Path, streams: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("tune-decision", "--model", bundle, "--streams", streams, "--gestures")
    assert run(*command, "Shaking Hand", "--false-per-minute", "0.5") == 0
    decision = load_bundle(bundle).spec.decision
    assert set(decision.gestures) == {"Shaking Hand"}
    told = capsys.readouterr().out
    assert "Shaking Hand: fire above" in told
    assert "in all" in told
    assert run(*command, "Waving") == 2
    complaint = capsys.readouterr().err
    assert "has no gesture 'Waving' (--gestures)." in complaint.splitlines()[-1]
    assert run(*command, "No gesture") == 2


def test_bad_input_is_told_in_one_sentence(
    bundle: Path, streams: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test_streams = tmp_path / "test-streams"
    shutil.copytree(streams, test_streams)
    index = test_streams / "streams.json"
    index.write_text(index.read_text().replace('"seed": 5', f'"seed": {TEST_SEED}'))
    broken = tmp_path / "broken"
    shutil.copytree(streams, broken)
    (broken / "0002.mp4").unlink()
    short = Path(shutil.copytree(streams, tmp_path / "short"))
    cues = short / "0001.cues.json"
    told = msgspec.structs.replace(read_truth(cues), duration_s=2.0, cues=())
    cues.write_bytes(msgspec.json.encode(told))
    for command, folder, complaint in (
        ("evaluate-streams", tmp_path / "nowhere", "synthesize-streams"),
        ("evaluate-streams", broken, "0002.mp4"),
        ("evaluate-streams", short, "0001.mp4 goes on after the 2.0 seconds"),
        ("tune-decision", test_streams, "another --seed"),
    ):
        assert run(command, "--model", bundle, "--streams", folder) == 1
        error = capsys.readouterr().err
        assert complaint in error.splitlines()[-1]
        assert "Traceback" not in error


@pytest.mark.parametrize("command", ["evaluate-streams", "tune-decision"])
def test_streams_of_foreign_gestures_are_no_perfect_result(
    command: str, bundle: Path, streams: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = Path(shutil.copytree(streams, tmp_path / "foreign"))
    for path in list_streams(foreign):
        truth = read_truth(path)
        cues = tuple(
            msgspec.structs.replace(cue, label="Waving a flag")
            for cue in truth.cues
            if cue.kind is CueKind.GESTURE
        )
        path.write_bytes(msgspec.json.encode(msgspec.structs.replace(truth, cues=cues)))
    assert run(command, "--model", bundle, "--streams", foreign) == 1
    told = capsys.readouterr().err
    assert told.splitlines()[-1].startswith("The streams hold no gesture that the model 'tiny'")


def test_a_description_that_cannot_be_written_stays_whole(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_bundle(bundle).spec

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ModelError, match="No space left"):
        write_decision(bundle, DecisionSettings(fire_above=0.9))
    assert load_bundle(bundle).spec == before
    assert not list(bundle.glob(".*"))
