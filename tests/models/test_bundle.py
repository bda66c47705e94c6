"""A bundle loads as it was written, and a damaged one is refused in one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models.bundle import GRAPH_FILE, SPEC_FILE, WEIGHTS_FILE, digest, load_bundle
from models.engines.factory import create_engine
from models.errors import ModelError
from models.network.export import export_bundle
from models.spec import Shift
from tests.models.networks import tiny_network, tiny_spec


@pytest.fixture
def copy(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "copy"))


def edit_description(bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads((bundle / SPEC_FILE).read_text())
    change(content)
    (bundle / SPEC_FILE).write_text(json.dumps(content))


def edit_weights(bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change tensors and sign the result, as a careless tool would."""
    weights = dict(load_file(bundle / WEIGHTS_FILE))
    change(weights)
    save_file(weights, bundle / WEIGHTS_FILE)
    signature = digest(bundle / WEIGHTS_FILE)
    edit_description(bundle, lambda content: content["sha256"].update({WEIGHTS_FILE: signature}))


def test_a_bundle_tells_what_it_holds(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    assert bundle.spec == tiny_spec()
    assert [site.name for site in bundle.cost.sites][:2] == ["layer1.0", "layer1.1"]


def test_weights_are_stored_once(tiny_bundle: Path) -> None:
    weights = (tiny_bundle / WEIGHTS_FILE).stat().st_size
    stored = sum(value.nbytes for value in load_bundle(tiny_bundle).weights().values())
    assert weights < stored * 1.6
    # Whatever a graph of this size takes, a second copy of the weights does not fit in.
    matrix = load_bundle(tiny_bundle).weights()["backbone.layer4.1.conv2.weight"].tobytes()
    assert matrix not in (tiny_bundle / GRAPH_FILE).read_bytes()
    assert matrix in (tiny_bundle / WEIGHTS_FILE).read_bytes()


def test_a_bundle_tells_nothing_of_the_machine_that_made_it(tiny_bundle: Path) -> None:
    graph = (tiny_bundle / GRAPH_FILE).read_bytes()
    assert b".py" not in graph
    assert str(Path.home()).encode() not in graph


@pytest.mark.parametrize("name", [SPEC_FILE, WEIGHTS_FILE, GRAPH_FILE])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=name):
        load_bundle(copy)


@pytest.mark.parametrize("name", [WEIGHTS_FILE, GRAPH_FILE])
def test_a_single_flipped_bit_is_found(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{name} is damaged"):
        load_bundle(copy)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda content: content.update(color="red"), "unknown field `color`"),
        (lambda content: content["model"].update(color="red"), "unknown field `color`"),
        (lambda content: content["model"].pop("labels"), "labels"),
        (lambda content: content["model"].update(width="wide"), "width"),
        (lambda content: content["sha256"].clear(), "no digest"),
        (lambda content: content["cost"].update(sites=[]), "contradicts itself"),
        (lambda content: content.update(format=99), "newer version"),
        (lambda content: content["cost"].update(fixed=-1), "must not be negative"),
        (lambda content: content["cost"]["sites"][0].update(consume=-1), "must not be negative"),
    ],
)
def test_a_wrong_description_is_refused(
    copy: Path, change: Callable[[dict[str, Any]], None], complaint: str
) -> None:
    edit_description(copy, change)
    with pytest.raises(ModelError, match=complaint):
        load_bundle(copy)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_description_that_is_no_json_object_is_refused(copy: Path, content: bytes) -> None:
    (copy / SPEC_FILE).write_bytes(content)
    with pytest.raises(ModelError, match="not valid"):
        load_bundle(copy)


@pytest.mark.parametrize("engine", ["torch", "onnx"])
def test_tensors_of_another_network_are_refused(copy: Path, engine: str) -> None:
    def widen(weights: dict[str, Any]) -> None:
        weights["head.weight"] = np.zeros((9, 64), np.float16)

    edit_weights(copy, widen)
    with pytest.raises(ModelError) as caught:
        create_engine(load_bundle(copy), engine)
    assert "\n" not in str(caught.value)


def test_a_description_of_another_network_is_refused_by_every_engine(copy: Path) -> None:
    edit_description(copy, lambda content: content["model"].update(input_height=64))
    bundle = load_bundle(copy)
    with pytest.raises(ModelError, match="does not fit its description"):
        create_engine(bundle, "onnx")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda weights: weights.pop("head.bias"), "head.bias is missing"),
        (lambda weights: weights.update(extra=np.zeros(1, np.float32)), "extra belongs to another"),
        (lambda weights: weights.update({"head.bias": np.zeros(3, np.float32)}), "shape"),
    ],
)
def test_the_torch_engine_names_the_tensor_that_is_wrong(
    copy: Path, change: Callable[[dict[str, Any]], None], complaint: str
) -> None:
    edit_weights(copy, change)
    with pytest.raises(ModelError, match=complaint):
        create_engine(load_bundle(copy), "torch")


def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        load_bundle(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="not a model bundle"):
        load_bundle(tmp_path)


def test_an_export_never_replaces_what_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ModelError, match="not a bundle"):
        export_bundle(tiny_network(tiny_spec()), tmp_path, "# card\n")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_export_that_finds_the_disk_full_says_so_and_keeps_the_older_bundle(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise SafetensorError("Error while serializing: No space left on device (os error 28)")

    before = digest(copy / WEIGHTS_FILE)
    monkeypatch.setattr("models.network.export.save_file", full)
    with pytest.raises(ModelError, match=r"cannot be written \(.*No space left"):
        export_bundle(tiny_network(tiny_spec(), seed=5), copy, "# new card\n")
    assert digest(copy / WEIGHTS_FILE) == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_a_description_of_something_else_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text('{"openapi": 1}')
    (tmp_path / "model.onnx").write_text("mine")
    with pytest.raises(ModelError, match="is not a bundle"):
        export_bundle(tiny_network(tiny_spec()), tmp_path, "# card\n")
    assert (tmp_path / "model.onnx").read_text() == "mine"


@pytest.mark.parametrize("linked", [False, True], ids=["in place", "through a link"])
def test_what_people_keep_beside_a_bundle_stays(linked: bool, copy: Path, tmp_path: Path) -> None:
    (copy / "notes.txt").write_text("years of work")
    (copy / "runs").mkdir()
    (copy / "runs" / "1.csv").write_text("1")
    out = copy
    if linked:
        out = tmp_path / "link"
        out.symlink_to(copy, target_is_directory=True)
    before = {path.name for path in copy.iterdir()}
    bundle = export_bundle(tiny_network(tiny_spec(), seed=5), out, "# new card\n")
    assert load_bundle(copy).weights_digest == bundle.weights_digest
    assert {path.name for path in copy.iterdir()} == before
    assert (copy / "runs" / "1.csv").read_text() == "1"


def test_a_network_that_looks_ahead_leaves_no_graph_of_another(copy: Path) -> None:
    export_bundle(tiny_network(tiny_spec(shift=Shift.TWO_WAY)), copy, "# new card\n")
    assert not (copy / GRAPH_FILE).exists()
    load_bundle(copy)


@pytest.mark.parametrize("place", ["/proc/bundle", "file/bundle"])
def test_a_place_that_cannot_be_written_is_told_before_any_work(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("models.network.export._write", lambda *_: pytest.fail("work was done"))
    with pytest.raises(ModelError, match=r"cannot be written \(\w"):
        export_bundle(tiny_network(tiny_spec()), tmp_path / place, "# card\n")


def test_an_export_replaces_an_older_bundle_whole(copy: Path) -> None:
    before = digest(copy / WEIGHTS_FILE)
    export_bundle(tiny_network(tiny_spec(), seed=5), copy, "# new card\n")
    assert digest(copy / WEIGHTS_FILE) != before
    assert (copy / "README.md").read_text() == "# new card\n"
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]
