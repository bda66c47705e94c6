"""A model of two views runs live on every engine, as the network would over the whole clip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.bundle import WEIGHTS_FILE
from models.engines.factory import create_engine
from models.errors import ModelError
from models.live import Frame, LiveModel, Step
from models.two_views.bundle import load_any_bundle, load_two_views
from models.two_views.export import export_two_views
from models.two_views.sparse_whole import SparseWholeEngine
from tests.models.two_views.networks import tiny_pair, tiny_two_views
from tests.models.two_views.test_stream import frames


def live(bundle: Path, engine: str) -> LiveModel:
    return LiveModel(create_engine(load_any_bundle(bundle), engine, threads=1).engine)


def steps(model: LiveModel, images: list[np.ndarray]) -> list[Step]:
    interval_s = model.spec.frame_interval_s
    return list(model.over(Frame(image, index * interval_s) for index, image in enumerate(images)))


@pytest.mark.parametrize("engine", ["onnx", "sparse"])
def test_engines_agree_over_a_stream(engine: str, tiny_two_view_bundle: Path) -> None:
    images = frames(12)
    expected = steps(live(tiny_two_view_bundle, "torch"), images)
    found = steps(live(tiny_two_view_bundle, engine), images)
    assert len(found) == len(images)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other.logits, one.logits, rtol=1e-3, atol=1e-3)
        assert one.hand is not None
        assert other.hand is not None
        assert other.hand.box == pytest.approx(one.hand.box, abs=1e-4)
        np.testing.assert_array_equal(other.hand.square, one.hand.square)
        assert one.features is not None
        assert other.features is not None
        np.testing.assert_allclose(other.features, one.features, rtol=1e-3, atol=1e-3)
        assert other.trace.multiply_adds == one.trace.multiply_adds
        assert [block.name for block in other.trace.blocks] == [b.name for b in one.trace.blocks]


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_scores_are_linear_in_the_features(engine: str, tiny_two_view_bundle: Path) -> None:
    head = load_any_bundle(tiny_two_view_bundle).head()
    for step in steps(live(tiny_two_view_bundle, engine), frames()):
        assert step.features is not None
        np.testing.assert_allclose(head.scores(step.features), step.logits, atol=1e-4)


def test_a_whole_view_that_only_locates_is_not_among_the_features(tmp_path: Path) -> None:
    network = tiny_two_views(tiny_pair())
    network.whole.head.weight.data.zero_()
    bundle = export_two_views(network, tmp_path / "bundle", "# card\n")
    (step,) = steps(live(bundle.path, "onnx"), frames(1))
    read = network.crop.head.in_features + network.spec.place_hidden
    assert step.features is not None
    assert step.features.shape == (read,)
    np.testing.assert_allclose(bundle.head().scores(step.features), step.logits, atol=1e-4)


def test_a_recorded_square_stands_in_for_the_cameras_picture(tiny_two_view_bundle: Path) -> None:
    model, replayed = (live(tiny_two_view_bundle, "onnx") for _ in range(2))
    for step in steps(model, frames()):
        assert step.hand is not None
        again = replayed.step(step.picture, step.time_s, step.run, square=step.hand.square)
        np.testing.assert_array_equal(again.logits, step.logits)
        assert again.hand is not None
        assert again.hand.box == step.hand.box


def test_a_model_of_one_view_has_no_hand(tiny_bundle: Path) -> None:
    assert steps(live(tiny_bundle, "onnx"), frames(1))[0].hand is None


def test_without_anything_to_look_at_it_says_so(tiny_two_view_bundle: Path) -> None:
    model = live(tiny_two_view_bundle, "onnx")
    with pytest.raises(ValueError, match="needs the camera's picture"):
        model.step(np.zeros((32, 48, 3), np.uint8), 0.0, 0)


def test_an_engine_that_does_not_exist_is_refused(tiny_two_view_bundle: Path) -> None:
    with pytest.raises(ModelError, match="There is no engine 'gpu'"):
        live(tiny_two_view_bundle, "gpu")


def test_one_engine_runs_both_views(tiny_two_view_bundle: Path) -> None:
    opened = create_engine(load_any_bundle(tiny_two_view_bundle), "sparse", threads=1)
    assert (opened.engine.name, opened.reason) == ("sparse", "asked for")
    assert opened.weights_digest == load_any_bundle(tiny_two_view_bundle).weights_digest


def test_the_fastest_engine_is_found_for_each_view(tiny_two_view_bundle: Path) -> None:
    opened = create_engine(load_any_bundle(tiny_two_view_bundle), "auto", threads=1)
    assert set(opened.engine.name.split("+")) <= {"sparse", "onnx"}
    assert "whole view: fastest here" in opened.reason
    assert "hand: fastest here" in opened.reason


def test_a_damaged_locator_is_refused(tiny_two_view_bundle: Path, tmp_path: Path) -> None:
    bundle = load_two_views(tiny_two_view_bundle)
    weights = load_file(bundle.whole.path / WEIGHTS_FILE)
    save_file(
        {name: value for name, value in weights.items() if name != "locator.mix.bias"},
        tmp_path / WEIGHTS_FILE,
    )
    with pytest.raises(ModelError, match="locator's weights"):
        SparseWholeEngine(replace(bundle.whole, path=tmp_path), threads=1)
