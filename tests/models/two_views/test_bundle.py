"""A bundle of two views loads as it was written, and a damaged one is refused in one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.bundle import load_bundle, write_decision
from models.decision import DecisionSettings
from models.errors import ModelError
from models.network.export import export_bundle
from models.two_views.bundle import (
    TWO_VIEW_FILES,
    TwoViewBundle,
    decision_folder,
    load_any_bundle,
    load_two_views,
)
from models.two_views.cost import two_view_cost
from models.two_views.export import export_two_views
from tests.models.networks import tiny_network, tiny_spec
from tests.models.two_views.networks import tiny_pair, tiny_two_views


@pytest.fixture
def copy(tiny_two_view_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_two_view_bundle, tmp_path / "copy"))


def test_a_bundle_tells_what_both_views_are_and_cost(tiny_two_view_bundle: Path) -> None:
    bundle = load_any_bundle(tiny_two_view_bundle)
    assert isinstance(bundle, TwoViewBundle)
    assert bundle.pair == tiny_pair()
    assert bundle.spec == tiny_pair().whole
    assert bundle.cost == two_view_cost(tiny_two_views(tiny_pair()))
    files = {path.relative_to(bundle.path).as_posix() for path in bundle.path.rglob("*.*")}
    assert files == set(TWO_VIEW_FILES)


def test_a_bundle_of_one_view_opens_as_before(tiny_bundle: Path) -> None:
    assert load_any_bundle(tiny_bundle) == load_bundle(tiny_bundle)


def test_what_expects_one_view_says_that_there_are_two(tiny_two_view_bundle: Path) -> None:
    with pytest.raises(ModelError, match="has two views, which are not supported here"):
        load_bundle(tiny_two_view_bundle)


def test_the_second_of_two_networks_is_no_model_by_itself(copy: Path) -> None:
    with pytest.raises(ModelError, match="give the folder that holds both"):
        load_any_bundle(copy / "crop")


@pytest.mark.parametrize("name", [name for name in TWO_VIEW_FILES if name != "README.md"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=Path(name).name) as caught:
        load_any_bundle(copy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["crop/model.safetensors", "crop/model.onnx", "places.safetensors"]
)
def test_a_single_flipped_bit_is_found(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{Path(name).name} is damaged"):
        load_any_bundle(copy)


def test_a_view_of_another_model_is_found(copy: Path, tiny_bundle: Path) -> None:
    shutil.rmtree(copy / "crop")
    shutil.copytree(tiny_bundle, copy / "crop")
    with pytest.raises(ModelError, match=r"model\.safetensors is damaged"):
        load_any_bundle(copy)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda content: content.update(color="red"), "unknown field `color`"),
        (lambda content: content.update(history=99), "history must be 1 to 16"),
        (lambda content: content.update(history=3), "shape"),
        (lambda content: content["box"].update(seen_above=7), "seen_above must be between"),
        (lambda content: content["sha256"].clear(), "no digest"),
        (lambda content: content.update(format=3), "newer version"),
    ],
)
def test_a_wrong_description_is_refused(
    copy: Path, change: Callable[[dict[str, Any]], None], complaint: str
) -> None:
    content = json.loads((copy / "spec.json").read_text())
    change(content)
    (copy / "spec.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match=complaint):
        load_any_bundle(copy)


def test_weights_are_stored_in_half_precision(tiny_two_view_bundle: Path) -> None:
    places = load_file(tiny_two_view_bundle / "places.safetensors")
    whole = load_file(tiny_two_view_bundle / "whole" / "model.safetensors")
    assert {places["0.weight"].dtype, whole["locator.mix.weight"].dtype} == {np.dtype(np.float16)}


def test_weights_are_stored_once(tiny_two_view_bundle: Path) -> None:
    for view in ("whole", "crop"):
        folder = tiny_two_view_bundle / view
        matrix = load_file(folder / "model.safetensors")["backbone.layer3.1.conv2.weight"]
        graph = (folder / "model.onnx").read_bytes()
        assert matrix.tobytes() not in graph
        assert matrix.astype(np.float32).tobytes() not in graph


def test_places_that_are_no_tensors_are_refused(copy: Path) -> None:
    save_file({"0.weight": np.zeros((1, 1), np.float32)}, copy / "places.safetensors")
    with pytest.raises(ModelError, match=r"places\.safetensors is damaged"):
        load_any_bundle(copy)


def test_decision_settings_can_be_changed(copy: Path) -> None:
    settings = DecisionSettings(fire_above=0.83)
    write_decision(decision_folder(load_any_bundle(copy)), settings)
    assert load_any_bundle(copy).spec.decision == settings


def test_an_export_replaces_an_older_bundle_and_spares_what_lies_beside_it(copy: Path) -> None:
    (copy / "notes.txt").write_text("years of work")
    before = load_two_views(copy).weights_digest
    network = tiny_two_views(tiny_pair())
    network.crop.load_state_dict(tiny_network(network.crop.spec, seed=7).state_dict())
    bundle = export_two_views(network, copy, "# new card\n")
    assert load_two_views(copy).weights_digest == bundle.weights_digest != before
    assert (copy / "README.md").read_text() == "# new card\n"
    assert (copy / "notes.txt").read_text() == "years of work"


def test_an_export_never_replaces_anything_else(tmp_path: Path, copy: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ModelError, match="is not a bundle"):
        export_two_views(tiny_two_views(tiny_pair()), tmp_path / "mine", "# card\n")
    with pytest.raises(ModelError, match="is not a bundle"):
        export_bundle(tiny_network(tiny_spec()), copy, "# card\n")
    load_two_views(copy)
