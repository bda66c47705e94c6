"""`auto` measures once, remembers, and says why; what it remembers may be lost or damaged."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from models.bundle import Bundle, load_bundle
from models.engines import fastest
from models.engines.base import StepResult
from models.engines.factory import create_engine
from models.engines.fastest import Measurement, measure, remembered
from models.errors import ModelError
from models.spec import ModelSpec
from models.trace import StepTrace


@pytest.fixture(autouse=True)
def cache_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(fastest, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


class Sleeper:
    """An engine whose steps take a known time."""

    def __init__(self, spec: ModelSpec, name: str, step_s: float) -> None:
        self.spec, self.name = spec, name
        self._step_s = step_s

    def init_state(self) -> Any:
        return 0

    def step(self, frame: Any, state: Any) -> StepResult:
        time.sleep(self._step_s)
        return StepResult(np.zeros(4, np.float32), state + 1, StepTrace((), 1, 1))


def test_the_fastest_engine_wins_and_is_remembered(bundle: Bundle) -> None:
    engines = {
        "sparse": Sleeper(bundle.spec, "sparse", 0.02),
        "onnx": Sleeper(bundle.spec, "onnx", 0.001),
    }
    found = measure(bundle, 2, engines)
    assert found.engine == "onnx"
    assert found.step_ms["sparse"] > found.step_ms["onnx"]
    assert "fastest here" in found.reason
    assert "sparse" in found.reason
    assert remembered(bundle, 2) == found
    assert remembered(bundle, 1) is None, "another number of threads is another question"


def test_auto_measures_at_the_first_start_only(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = create_engine(bundle, "auto")
    assert first.engine.name in ("sparse", "onnx")
    assert "fastest here" in first.reason

    def fail(*arguments: object) -> Measurement:
        raise AssertionError("measured again")

    monkeypatch.setattr(fastest, "measure", fail)
    second = create_engine(bundle, "auto")
    assert (second.engine.name, second.reason) == (first.engine.name, first.reason)


@pytest.mark.parametrize("engine", ["sparse", "onnx"])
def test_auto_takes_what_is_remembered(
    bundle: Bundle, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Measurement(engine, {"sparse": 1.0, "onnx": 2.0})
    monkeypatch.setattr(fastest, "remembered", lambda *_: known)
    choice = create_engine(bundle, "auto")
    assert choice.engine.name == engine
    assert choice.reason.startswith(known.reason)


def test_a_damaged_memory_is_measured_again(bundle: Bundle, cache_of_nobody: Path) -> None:
    create_engine(bundle, "auto")
    (path,) = cache_of_nobody.glob("engine-*.json")
    for content in (b"", b"{", b'{"engine": "abacus", "step_ms": {}}', b"\xff\xfe"):
        path.write_bytes(content)
        assert remembered(bundle, 0) is None
        assert "fastest here" in create_engine(bundle, "auto").reason
    assert remembered(bundle, 0) is not None


def test_a_folder_that_cannot_be_written_only_costs_time(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(fastest, "cache_folder", lambda: tmp_path / "file" / "cache")
    assert "fastest here" in create_engine(bundle, "auto").reason


def test_an_unknown_backbone_goes_to_the_dense_engine(bundle: Bundle) -> None:
    other = msgspec.structs.replace(bundle.spec, backbone="convnext")
    unknown = Bundle(bundle.path, other, bundle.cost, bundle.weights_digest)
    choice = create_engine(unknown, "auto")
    assert choice.engine.name == "onnx"
    assert "does not know the backbone 'convnext'" in choice.reason
    with pytest.raises(ModelError, match="does not know the backbone 'convnext'"):
        create_engine(unknown, "sparse")
