"""`fit-joints` as people use it."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from models.two_views.bundle import TwoViewBundle, load_two_views
from models.two_views.export import export_two_views
from tests.models.two_views.networks import tiny_two_views
from tests.training.joint_reader.joint_clips import PAIR
from tests.training.two_views.hand_folder import write_hands
from training.cli import main
from training.joint_reader.fitting import ReaderFit

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = tiny_two_views(PAIR)
    labels = len(PAIR.whole.labels)
    for view in (network.whole, network.crop):
        view.head.weight.data[:labels] = 0
        view.head.bias.data[:labels] = 0
    network.crop.head.bias.data[labels + 3] = 9.0  # there is a hand, it says
    return export_two_views(network, tmp_path_factory.mktemp("pair") / "pair", "# Pair\n").path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_hands(folder / "train", 10)
    write_hands(folder / "val", 5)
    return folder


def fit(*options: str | Path) -> int:
    return main(["fit-joints", *map(str, options)])


def test_only_what_reads_joints_changes(
    pair: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, state = tmp_path / "out", tmp_path / "state"
    given = ("--model", pair, "--data", data / "train", "--val", data / "val", "--fps", "8")
    assert fit(*given, "--steps", "20", "--seen", "2", "--resume", state, "--out", out) == 0
    said = capsys.readouterr().out
    assert re.search(r"^clips +[\d.]+% of varied samples\nother clips +[\d.]+% of", said)
    before, after = load_two_views(pair), load_two_views(out)
    assert after.pair == before.pair
    changed = {
        str(file.relative_to(pair))
        for file in pair.rglob("*.*")
        if file.read_bytes() != (out / file.relative_to(pair)).read_bytes()
    }
    assert changed == {"places.safetensors", "spec.json"}
    assert not np.array_equal(after.places.labels, before.places.labels)
    assert not state.exists()


def test_a_checkpoint_of_the_square_is_exported_on_the_way(
    pair: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def export_pair(*given: Path | str | None) -> TwoViewBundle:
        asked.append(given[:2])
        return load_two_views(pair)

    monkeypatch.setattr("training.two_views.exporting.export_pair", export_pair)
    given = ("--checkpoint", "square.ckpt", "--whole", "whole.ckpt", "--data", data / "train")
    assert fit(*given, "--steps", "1", "--out", tmp_path / "out") == 0
    assert asked == [(Path("square.ckpt"), Path("whole.ckpt"))]
    assert load_two_views(tmp_path / "out").pair == load_two_views(pair).pair


def test_an_ended_run_goes_on(
    pair: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = ("--model", pair, "--data", data / "train", "--steps", "4", "--seed", "2")
    assert fit(*given, "--out", tmp_path / "undisturbed") == 0
    step = ReaderFit._step

    def ended(self: ReaderFit) -> None:
        if self.steps_done == 2:
            raise KeyboardInterrupt
        step(self)

    state = tmp_path / "state"
    monkeypatch.setattr(ReaderFit, "_step", ended)
    assert fit(*given, "--resume", state, "--out", tmp_path / "resumed") == 128 + signal.SIGINT
    assert not (tmp_path / "resumed").exists()
    monkeypatch.setattr(ReaderFit, "_step", step)
    assert fit(*given, "--resume", state, "--out", tmp_path / "resumed") == 0
    assert "goes on after step 2" in capsys.readouterr().err
    resumed, undisturbed = (
        (tmp_path / name / "places.safetensors").read_bytes() for name in ("resumed", "undisturbed")
    )
    assert resumed == undisturbed


def test_bad_input_is_told_in_one_sentence(
    pair: Path,
    data: Path,
    tiny_bundle: Path,
    tiny_two_view_bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = {"--model": pair, "--data": data / "train", "--out": tmp_path / "out"}
    for change, code, complaint in (
        ({"--model": tiny_two_view_bundle}, 1, "has no square that says where joints are"),
        ({"--model": tiny_bundle}, 1, "has no square"),
        ({"--data": tmp_path}, 1, "labels.csv"),
        ({"--out": pair}, 2, "another folder than --model"),
        ({"--val": data / "train"}, 2, "another folder than those of --data"),
        ({"--whole": pair}, 2, "--whole belongs to --checkpoint"),
    ):
        assert fit(*(part for option in (given | change).items() for part in option)) == code
        told = capsys.readouterr().err
        assert complaint in told
        assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_nothing_has_to_be_drawn(
    pair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    undrawn = ("--undrawn", "30", "--undrawn-streams", "1")
    assert fit("--model", pair, *undrawn, "--steps", "5", "--hidden", "12", "--out", out) == 0
    assert re.search(r"^undrawn +[\d.]+% of varied samples\nstreams +", capsys.readouterr().out)
    assert load_two_views(out).pair == replace(load_two_views(pair).pair, place_hidden=12)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ((), "Give --data, --undrawn or both"),
        (("--undrawn", "5", "--seen", "3"), "--seen needs --data"),
        (("--undrawn-streams", "5"), "Give --data, --undrawn or both"),
    ],
)
def test_there_must_be_something_to_learn_from(
    options: tuple[str, ...],
    problem: str,
    pair: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert fit("--model", pair, *options, "--out", tmp_path / "out") != 0
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
