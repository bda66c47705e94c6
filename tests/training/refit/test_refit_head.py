"""`refit-head` as people use it, and the features that it is fitted to."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from models.bundle import load_bundle
from models.engines.factory import create_engine
from models.engines.torch import TorchEngine, load_network
from models.linear_head import LinearHead
from models.live import Frame, LiveModel
from models.preprocess import network_picture
from models.two_views.bundle import load_two_views
from models.two_views.stream import CROP
from models.two_views.torch_stream import torch_stream
from tests.training.jester_folder import write_jester
from tests.training.small_streams import write_streams
from training.cli import main
from training.evaluation.streams import TEST_SEED, transcribe
from training.refit.reader import FeatureReader
from training.refit.rewriting import load_pair, take_pair_head
from training.streams.truth import list_streams, read_truth
from training.streams.video import read_video


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_streams(tmp_path_factory.mktemp("streams") / "made")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    folder = write_jester(tmp_path / "clips", 6)
    labels = folder / "labels.csv"
    labels.write_text(labels.read_text().replace("Swiping Right", "Thumb Up"))
    return folder


def frames_of(streams: Path) -> list[Frame]:
    path = list_streams(streams)[0]
    truth = read_truth(path)
    return list(read_video(path.parent / truth.video, truth.fps, truth.duration_s))


def test_the_classifier_says_of_the_features_what_the_app_says(
    tiny_bundle: Path, streams: Path
) -> None:
    bundle = load_bundle(tiny_bundle)
    network = load_network(bundle)
    frames = frames_of(streams)
    engine = TorchEngine(network, bundle.cost)
    times_s, features = FeatureReader(engine).of_stream(frames)
    said = network.head(features).softmax(-1).detach().numpy()
    beliefs = transcribe(engine, frames)
    assert times_s == [belief.observation.time_s for belief in beliefs]
    expected = [list(belief.observation.probabilities.values()) for belief in beliefs]
    np.testing.assert_allclose(said, expected, atol=1e-5)


def test_only_the_classifier_changes(
    tiny_bundle: Path,
    streams: Path,
    clips: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "refitted"
    command = ["refit-head", "--model", tiny_bundle, "--streams", streams, "--clips", clips]
    assert main([*map(str, command), "--fps", "12", "--pull", "0.001", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    (accuracies,) = re.findall(r"steps of streams +\d+ +([\d.]+)% -> ([\d.]+)%", said)
    assert float(accuracies[0]) < float(accuracies[1])
    assert "tune-decision" in said
    before, after = load_bundle(tiny_bundle), load_bundle(out)
    assert (after.spec, after.cost) == (before.spec, before.cost)
    assert (out / "README.md").read_text() == (tiny_bundle / "README.md").read_text()
    old, new = before.weights(), after.weights()
    changed = {name for name in old if not np.array_equal(old[name], new[name])}
    assert changed == {"head.weight", "head.bias"}


def test_of_two_views_all_three_parts_of_the_classifier_are_refitted(
    tiny_two_view_bundle: Path,
    streams: Path,
    clips: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "refitted"
    command = ["refit-head", "--model", tiny_two_view_bundle, "--streams", streams]
    given = [*map(str, command), "--clips", str(clips), "--fps", "12", "--pull", "0.001"]
    assert main([*given, "--engine", "onnx", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    (accuracies,) = re.findall(r"steps of streams +\d+ +([\d.]+)% -> ([\d.]+)%", said)
    assert float(accuracies[0]) < float(accuracies[1])
    before, after = load_two_views(tiny_two_view_bundle), load_two_views(out)
    assert (after.pair, after.cost) == (before.pair, before.cost)
    assert (out / "README.md").read_text() == (tiny_two_view_bundle / "README.md").read_text()
    old, new = before.weights(), after.weights()
    changed = {name for name in old if not np.array_equal(old[name], new[name])}
    parts = {"whole.head.weight", "crop.head.weight", "crop.head.bias", "place.5.weight"}
    assert changed == parts
    labels = len(before.spec.labels)
    np.testing.assert_array_equal(
        old["crop.head.weight"][labels:], new["crop.head.weight"][labels:]
    )
    # The refitted bundle says what was found, but for the rounding of its weights.
    engine = create_engine(after, "torch").engine
    _, features = FeatureReader(engine).of_stream(frames_of(streams))
    beliefs = transcribe(engine, frames_of(streams))
    said_by_head = after.head().probabilities(features.numpy())
    expected = [list(belief.observation.probabilities.values()) for belief in beliefs]
    np.testing.assert_allclose(said_by_head, expected, atol=1e-4)


def test_a_whole_view_that_only_locates_stays_silent(tiny_two_view_bundle: Path) -> None:
    network = load_pair(load_two_views(tiny_two_view_bundle))
    with torch.no_grad():
        network.whole.head.weight.zero_()
    stream = torch_stream(network)
    rng = np.random.default_rng(0)
    images = list(rng.integers(0, 256, (5, 60, 80, 3), dtype=np.uint8))
    features = FeatureReader(stream).of_clip(images)
    labels = len(network.spec.whole.labels)
    wanted = LinearHead(rng.normal(size=(labels, len(features))), rng.normal(size=labels))
    take_pair_head(network, wanted, frozenset({CROP}))
    assert not network.whole.head.weight.any()
    model = LiveModel(torch_stream(network))
    for index, image in enumerate(images):
        step = model.step(network_picture(image, model.spec), index / 8, 0, image=image)
    np.testing.assert_allclose(step.scores, wanted.scores(features.numpy()), atol=1e-4)


def test_bad_input_is_told_in_one_sentence(
    tiny_bundle: Path,
    streams: Path,
    clips: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    index = streams / "streams.json"
    as_it_was = index.read_text()
    given = {
        "--model": tiny_bundle,
        "--streams": streams,
        "--clips": clips,
        "--out": tmp_path / "o",
    }
    for change, complaint in (
        ({"--model": tmp_path / "nowhere"}, "no model folder"),
        ({"--streams": tmp_path / "nowhere"}, "synthesize-streams"),
        ({"--clips": tmp_path / "nowhere"}, "nowhere"),
        ({"--out": "/proc/o", "--streams": "nowhere"}, "The bundle /proc/o cannot be written"),
        ({"--out": clips, "--streams": "nowhere"}, "is not a bundle"),
        ({"--out": tiny_bundle}, "--out must be another folder than --model"),
    ):
        options = [str(part) for pair in (given | change).items() for part in pair]
        assert main(["refit-head", *options]) == (2 if "must be" in complaint else 1)
        error = capsys.readouterr().err
        assert complaint in error.splitlines()[-1]
        assert "Traceback" not in error
    index.write_text(as_it_was.replace('"seed": 5', f'"seed": {TEST_SEED}'))
    try:
        assert main(["refit-head", *(str(p) for pair in given.items() for p in pair)]) == 1
        assert "another --seed" in capsys.readouterr().err
    finally:
        index.write_text(as_it_was)
    assert not (tmp_path / "o").exists()
