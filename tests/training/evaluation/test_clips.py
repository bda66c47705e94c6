from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.bundle import load_bundle
from models.engines.factory import create_engine
from models.engines.torch import load_network
from models.errors import ModelError
from models.flops import clip_cost
from models.live import Frame, LiveModel
from models.network.export import export_bundle
from models.preprocess import network_input
from models.spec import Shift
from models.two_views.bundle import load_any_bundle
from tests.models.networks import tiny_network, tiny_spec
from training.evaluation.clips import SteppedRunner, WholeClipRunner, open_runner


def pictures(count: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    return list(rng.integers(0, 256, (count, 40, 60, 3), np.uint8))


@pytest.fixture(scope="module")
def two_way_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = tiny_network(tiny_spec(shift=Shift.TWO_WAY))
    return export_bundle(network, tmp_path_factory.mktemp("two-way") / "b", "# Two-way\n").path


def test_streaming_a_clip_equals_running_it_as_a_whole(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    stepped = open_runner(bundle, "sparse")
    whole = WholeClipRunner(load_network(bundle), bundle.cost)
    assert isinstance(stepped, SteppedRunner)
    for seed in range(3):
        one, other = (runner.run(pictures(8, seed)) for runner in (stepped, whole))
        np.testing.assert_allclose(one.logits, other.logits, rtol=1e-3, atol=1e-3)
        for ours, theirs in zip(one.traces, other.traces, strict=True):
            assert ours.multiply_adds == theirs.multiply_adds
            assert ours.shares() == theirs.shares()


def test_a_clip_of_a_model_of_two_views_is_a_stream(tiny_two_view_bundle: Path) -> None:
    bundle = load_any_bundle(tiny_two_view_bundle)
    images = pictures(8)
    run = open_runner(bundle, "onnx").run(images)
    model = LiveModel(create_engine(bundle, "onnx").engine)
    frames = [Frame(image, index * 0.125) for index, image in enumerate(images)]
    steps = list(model.over(frames))
    np.testing.assert_array_equal(run.logits, np.stack([step.logits for step in steps]))
    assert sum(trace.multiply_adds for trace in run.traces) == sum(
        step.trace.multiply_adds for step in steps
    )


def test_a_model_that_looks_ahead_is_run_over_whole_clips_and_costs_what_the_paper_says(
    two_way_bundle: Path,
) -> None:
    bundle = load_bundle(two_way_bundle)
    assert not (two_way_bundle / "model.onnx").exists()
    runner = open_runner(bundle)
    run = runner.run(pictures(8))
    clip = np.stack([network_input(picture, bundle.spec) for picture in pictures(8)])
    with torch.inference_mode():
        expected = load_network(bundle)(torch.from_numpy(clip)[None])
    np.testing.assert_allclose(run.logits, expected.logits[0].numpy(), rtol=1e-5, atol=1e-5)
    cost = clip_cost(bundle.cost, [block[0].numpy() for block in expected.actions], 8)
    assert sum(trace.multiply_adds for trace in run.traces) == cost


def test_a_model_that_looks_ahead_is_refused_where_it_cannot_run(two_way_bundle: Path) -> None:
    bundle = load_bundle(two_way_bundle)
    with pytest.raises(ModelError, match="cannot run live"):
        create_engine(bundle)
    with pytest.raises(ModelError, match="leave --engine out"):
        open_runner(bundle, "onnx")
