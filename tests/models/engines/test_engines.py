"""Every engine gives what the network gives, from any state, and streams do not mix."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.bundle import Bundle, load_bundle
from models.engines.base import StepResult, StreamingEngine
from models.engines.factory import create_engine
from models.engines.torch import load_network
from models.errors import ModelError
from models.flops import clip_cost
from models.network.export import export_bundle
from models.spec import Method, ModelSpec, PolicyMode, PolicySpec
from models.trace import Action
from tests.models.networks import tiny_network, tiny_spec

STEPS = 30
ENGINES = ("torch", "onnx", "sparse")


def frames(spec: ModelSpec, seed: int = 3, count: int = STEPS) -> NDArray[np.float32]:
    size = (count, 3, spec.input_height, spec.input_width)
    return np.random.default_rng(seed).standard_normal(size, np.float32)


def run(engine: StreamingEngine, clip: NDArray[np.float32]) -> list[StepResult]:
    state, results = engine.init_state(), []
    for frame in clip:
        results.append(engine.step(frame, state))
        state = results[-1].state
    return results


RANDOM = PolicySpec(mode=PolicyMode.RANDOM, mix=(0.25, 0.25, 0.5))


SPECS = {
    "tsn": tiny_spec(method=Method.TSN),
    "tsm": tiny_spec(),
    "tsm_last": tiny_spec(method=Method.TSM_LAST),
    "resnet50": tiny_spec(backbone="resnet50"),
    "mobilenet_v2": tiny_spec(backbone="mobilenet_v2"),
    "no_reuse": tiny_spec(policy=PolicySpec(hidden=8, mode=PolicyMode.NO_REUSE)),
    "keep": tiny_spec(policy=PolicySpec(mode=PolicyMode.KEEP)),
}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Bundle]:
    """Bundles of `SPECS`, each exported once: the graph takes seconds."""
    folder = tmp_path_factory.mktemp("bundles")

    @cache
    def exported(name: str) -> Bundle:
        return export_bundle(tiny_network(SPECS[name]), folder / name, "# card\n")

    return exported


def assert_agrees_with_the_reference(
    bundle: Bundle, kind: str, steps: int = STEPS
) -> list[StepResult]:
    clip, head = frames(bundle.spec, count=steps), bundle.head()
    reference, found = (run(create_engine(bundle, name).engine, clip) for name in ("torch", kind))
    for one, other in zip(reference, found, strict=True):
        np.testing.assert_allclose(one.logits, other.logits, atol=1e-4)
        assert one.features is not None
        assert other.features is not None
        np.testing.assert_allclose(one.features, other.features, atol=1e-4)
        np.testing.assert_allclose(head.scores(other.features), other.logits, atol=1e-4)
        assert one.trace.multiply_adds == other.trace.multiply_adds
        for block, same in zip(one.trace.blocks, other.trace.blocks, strict=True):
            np.testing.assert_array_equal(block.actions, same.actions)
    return found


@pytest.mark.parametrize("kind", ["onnx", "sparse"])
@pytest.mark.parametrize("name", SPECS)
def test_engines_agree_with_the_reference_over_many_steps(
    bundles: Callable[[str], Bundle], name: str, kind: str
) -> None:
    bundle = bundles(name)
    results = assert_agrees_with_the_reference(bundle, kind)
    taken = {
        action
        for result in results
        for block in result.trace.blocks
        for action in block.actions.tolist()
    }
    if not bundle.spec.fuses:
        assert not taken
    elif name == "no_reuse":
        assert taken == {Action.KEEP, Action.SKIP}
    else:
        assert taken == set(Action)


def test_what_the_sparse_engine_cannot_run_another_does(tmp_path: Path) -> None:
    bundle = export_bundle(tiny_network(tiny_spec(policy=RANDOM)), tmp_path / "bundle", "# card\n")
    # More steps than random policies take to begin anew.
    assert_agrees_with_the_reference(bundle, "onnx", steps=70)
    with pytest.raises(ModelError, match="does not run random policies"):
        create_engine(bundle, "sparse")
    choice = create_engine(bundle, "auto")
    assert choice.engine.name == "onnx"
    assert "does not run random policies" in choice.reason


@pytest.mark.parametrize("kind", ENGINES)
def test_an_engine_streams_what_the_network_gives_for_the_whole_clip(
    tiny_bundle: Path, kind: str
) -> None:
    bundle = load_bundle(tiny_bundle)
    clip = frames(bundle.spec, count=8)
    with torch.no_grad():
        whole = load_network(bundle)(torch.from_numpy(clip)[None])
    results = run(create_engine(bundle, kind).engine, clip)
    streamed = np.stack([result.logits for result in results])
    np.testing.assert_allclose(streamed, whole.logits[0].numpy(), atol=1e-4)
    live = sum(result.trace.multiply_adds for result in results)
    assert live == int(clip_cost(bundle.cost, whole.actions, 8).sum())


@pytest.mark.parametrize("kind", ENGINES)
def test_two_streams_may_take_turns_on_one_engine(tiny_bundle: Path, kind: str) -> None:
    engine = create_engine(load_bundle(tiny_bundle), kind).engine
    clips = [frames(engine.spec, seed, 6) for seed in (1, 2)]
    alone = [run(engine, clip) for clip in clips]
    states = [engine.init_state(), engine.init_state()]
    for step in range(6):
        for index, clip in enumerate(clips):
            result = engine.step(clip[step], states[index])
            states[index] = result.state
            np.testing.assert_array_equal(result.logits, alone[index][step].logits)


@pytest.mark.parametrize("kind", ENGINES)
def test_what_a_step_returns_is_not_overwritten_by_the_next(tiny_bundle: Path, kind: str) -> None:
    engine = create_engine(load_bundle(tiny_bundle), kind).engine
    clip = frames(engine.spec, count=3)
    first = engine.step(clip[0], engine.init_state())
    assert first.features is not None
    logits, features = first.logits.copy(), first.features.copy()
    actions = first.trace.blocks[0].actions.copy()
    engine.step(clip[1], first.state)
    np.testing.assert_array_equal(first.logits, logits)
    np.testing.assert_array_equal(first.features, features)
    np.testing.assert_array_equal(first.trace.blocks[0].actions, actions)


def test_an_engine_that_is_not_there_is_named(tiny_bundle: Path) -> None:
    with pytest.raises(ModelError, match="tensorrt"):
        create_engine(load_bundle(tiny_bundle), "tensorrt")


@pytest.mark.parametrize("kind", ["onnx", "sparse"])
def test_an_engine_runs_without_torch(tiny_bundle: Path, kind: str) -> None:
    program = f"""
import sys
sys.modules["torch"] = None  # an import of torch now fails
import numpy as np
from pathlib import Path
from models.bundle import Bundle, load_bundle
from models.engines.factory import create_engine
engine = create_engine(load_bundle(Path({str(tiny_bundle)!r})), {kind!r}).engine
frame = np.zeros((3, engine.spec.input_height, engine.spec.input_width), np.float32)
print(engine.name, engine.step(frame, engine.init_state()).logits.shape)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (result.stdout, result.stderr) == (f"{kind} (4,)\n", "")


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        (
            "models, models.engines, models.files, models.network.backbones",
            {"torch", "onnxruntime", "cv2", "numpy", "numba"},
        ),
        ("models.live, models.bundle, models.engines.factory", {"torch", "onnxruntime", "numba"}),
    ],
    ids=["the package", "what embedders import"],
)
def test_importing_models_imports_nothing_heavy(modules: str, absent: set[str]) -> None:
    program = f"import sys, {modules}; print(sorted({absent} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"
