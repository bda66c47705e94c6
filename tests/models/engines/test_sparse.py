"""What the sparse engine promises besides being right: long streams, threads, memory, bad input."""

from __future__ import annotations

import gc
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from models.bundle import WEIGHTS_FILE, Bundle, digest, load_bundle, zoo_path
from models.engines.base import StepResult, StreamingEngine
from models.engines.kernels.host import usable_cores
from models.engines.sparse import SparseEngine
from models.engines.torch import TorchEngine, load_network
from models.errors import ModelError
from models.network.adafuse import AdaFuse
from models.network.cost import measure_cost
from models.network.export import rounded_weights
from models.network.policy import PolicyBank, PolicyLayers
from models.preprocess import network_input
from models.spec import Method, ModelSpec, PolicySpec
from models.trace import Action
from tests.models.networks import tiny_network, tiny_spec

STEPS = 200
DEMO = Path(__file__).parents[3] / "app" / "assets" / "demo.mp4"


def performer_frames(spec: ModelSpec, count: int = STEPS) -> list[NDArray[np.float32]]:
    """Return frames of the performer's demo clip, three camera frames apart."""
    capture = cv2.VideoCapture(str(DEMO))
    frames: list[NDArray[np.float32]] = []
    while len(frames) < count:
        _, image = capture.read()
        capture.grab()
        capture.grab()
        frames.append(network_input(np.asarray(image, np.uint8), spec))
    capture.release()
    return frames


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


def run(engine: StreamingEngine, frames: list[NDArray[np.float32]]) -> list[StepResult]:
    state, results = engine.init_state(), []
    for frame in frames:
        results.append(engine.step(frame, state))
        state = results[-1].state
    return results


def assert_same(
    bundle: Bundle, frames: list[NDArray[np.float32]], threads: int
) -> list[StepResult]:
    reference = run(TorchEngine(load_network(bundle), bundle.cost), frames)
    results = run(SparseEngine(bundle, threads), frames)
    for expected, found in zip(reference, results, strict=True):
        np.testing.assert_allclose(found.logits, expected.logits, atol=1e-3)
        for one, other in zip(expected.trace.blocks, found.trace.blocks, strict=True):
            np.testing.assert_array_equal(other.actions, one.actions)
        assert found.trace.multiply_adds == expected.trace.multiply_adds
    return results


def weights_bundle(network: AdaFuse, folder: Path) -> Bundle:
    """Return a bundle without a graph, which takes long to export and which nobody reads here."""
    save_file(rounded_weights(network), folder / WEIGHTS_FILE)
    return Bundle(folder, network.spec, measure_cost(network), digest(folder / WEIGHTS_FILE))


POLICIES: dict[str, tuple[Action | None, tuple[float, float, float] | None]] = {
    "random": (None, None),
    "keep": (Action.KEEP, (1.0, 0.0, 0.0)),
    "reuse": (Action.REUSE, (0.0, 1.0, 0.0)),
    "skip": (Action.SKIP, (0.0, 0.0, 1.0)),
}
"""Policies by name: the action that is always taken, and the shares that this must give."""


def insist(network: AdaFuse, action: Action) -> None:
    """Make all policies choose one action for every channel, whatever they see."""
    assert isinstance(network.policies, PolicyBank)
    for layers in network.policies.layers.values():
        assert isinstance(layers, PolicyLayers)
        with torch.no_grad():
            layers.fc1.bias.view(-1, len(Action))[:, action] = 1e9


SPECS = {
    "two_threads": tiny_spec(),
    "tsn": tiny_spec(method=Method.TSN),
    "tsm_last": tiny_spec(method=Method.TSM_LAST),
    "tsm_last_50": tiny_spec(backbone="resnet50", method=Method.TSM_LAST),
    "dense": tiny_spec(policy=None),
    "dense_tsn": tiny_spec(policy=None, method=Method.TSN),
    "odd": msgspec.structs.replace(tiny_spec(), input_height=45, input_width=67),
    "odd_50": msgspec.structs.replace(
        tiny_spec(backbone="resnet50"), input_height=45, input_width=67
    ),
    "mobilenet": tiny_spec(backbone="mobilenet_v2", method=Method.TSN),
    "mobilenet_last": tiny_spec(backbone="mobilenet_v2", method=Method.TSM_LAST),
    "mobilenet_dense": tiny_spec(backbone="mobilenet_v2", policy=None),
    "mobilenet_odd": msgspec.structs.replace(
        tiny_spec(backbone="mobilenet_v2"), input_height=45, input_width=67, width=0.35
    ),
    "shared": tiny_spec(policy=PolicySpec(hidden=13, shared=True)),
    "wider": msgspec.structs.replace(tiny_spec(), width=0.35),
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_every_kind_of_network_gives_what_the_reference_gives(
    spec: ModelSpec, tmp_path: Path
) -> None:
    bundle = weights_bundle(tiny_network(spec), tmp_path)
    assert_same(bundle, performer_frames(spec, 40), threads=2)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("backbone", ["resnet18", "resnet50", "mobilenet_v2"])
def test_a_long_stream_gives_what_the_reference_gives(
    backbone: str, policy: str, tmp_path: Path
) -> None:
    action, shares = POLICIES[policy]
    network = tiny_network(tiny_spec(backbone=backbone))
    if action is not None:
        insist(network, action)
    bundle = weights_bundle(network, tmp_path)
    results = assert_same(bundle, performer_frames(bundle.spec), threads=1)
    if shares is None:
        blocks = [block for result in results for block in result.trace.blocks]
        assert any(block.reused_late for block in blocks)
        assert any(block.reused_cached for block in blocks)
    else:
        assert all(result.trace.shares() == shares for result in results)


def test_the_bundled_model_gives_what_the_reference_gives() -> None:
    bundle = load_bundle(zoo_path("one_view"))
    assert_same(bundle, performer_frames(bundle.spec), threads=2)


def test_results_do_not_depend_on_the_number_of_threads(bundle: Bundle) -> None:
    frames = performer_frames(bundle.spec, 20)
    alone, together = (run(SparseEngine(bundle, threads), frames) for threads in (1, 2))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.logits, other.logits)


def test_helper_threads_end_with_their_engine(bundle: Bundle) -> None:
    engine = SparseEngine(bundle, 2)
    engine.step(performer_frames(bundle.spec, 1)[0], engine.init_state())

    def helpers() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if "sparse" in thread.name]

    assert len(helpers()) == min(2, usable_cores()) - 1
    del engine
    gc.collect()
    deadline_s = time.monotonic() + 5
    while helpers() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert not helpers()


def test_streams_in_several_threads_do_not_disturb_each_other(bundle: Bundle) -> None:
    frames = performer_frames(bundle.spec, 30)
    expected = run(SparseEngine(bundle, 1), frames)
    found: list[list[StepResult]] = []
    threads = [
        threading.Thread(target=lambda: found.append(run(SparseEngine(bundle, 2), frames)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    for results in found:
        for one, other in zip(expected, results, strict=True):
            np.testing.assert_array_equal(one.logits, other.logits)


def test_other_threads_run_while_a_step_computes() -> None:
    bundle = load_bundle(zoo_path("one_view"))
    engine = SparseEngine(bundle, 1)
    frame, state = performer_frames(bundle.spec, 1)[0], engine.init_state()
    engine.step(frame, state)
    counted, over = 0, threading.Event()

    def count() -> None:
        nonlocal counted
        while not over.is_set():
            counted += 1
            time.sleep(0)

    # With the lock held, this thread would be let in once in so long a time, if at all.
    switch_interval_s = 30.0
    thread = threading.Thread(target=count)
    before = sys.getswitchinterval()
    sys.setswitchinterval(switch_interval_s)
    try:
        thread.start()
        for _ in range(20):
            state = engine.step(frame, state).state
    finally:
        over.set()
        sys.setswitchinterval(before)
        thread.join()
    assert counted > 20


def test_a_step_allocates_nothing_but_what_it_returns() -> None:
    bundle = load_bundle(zoo_path("one_view"))
    engine = SparseEngine(bundle, 1)
    frames, state = performer_frames(bundle.spec, 12), engine.init_state()
    for frame in frames[:3]:
        state = engine.step(frame, state).state
    memory = state.memory
    places = [array.ctypes.data for array in memory]
    tracemalloc.start()
    try:
        for frame in frames[3:]:
            state = engine.step(frame, state).state
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Logits, actions and the trace: some kilobytes, beside megabytes of feature maps.
    assert peak < 64 * 1024 < engine.state_bytes / 10
    assert [array.ctypes.data for array in state.memory] == places


def test_memory_is_what_the_engine_says(bundle: Bundle) -> None:
    engine = SparseEngine(bundle, 1)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        state = engine.init_state()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert state.memory.arena.size > 0
    assert engine.state_bytes <= grown < engine.state_bytes + 16 * 1024
    stored = sum(value.nbytes for value in bundle.weights().values())
    # Half precision on disk is single precision in memory, and rows fill up whole tiles.
    assert stored < engine.weight_bytes < 8 * stored


@pytest.mark.parametrize("shape", [(1, 32, 48), (3, 48, 32), (3, 33, 48)])
def test_a_frame_of_another_shape_is_refused(bundle: Bundle, shape: tuple[int, ...]) -> None:
    engine = SparseEngine(bundle, 1)
    with pytest.raises(ValueError, match=r"must have the shape \(3, 32, 48\), not"):
        engine.step(np.zeros(shape, np.float32), engine.init_state())


def test_no_more_threads_than_cores_are_taken(bundle: Bundle) -> None:
    assert SparseEngine(bundle, 1024).threads == usable_cores()


def test_weights_that_do_not_fit_are_refused(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = bundle.weights()
    lacking = {name: value for name, value in whole.items() if name != "head.bias"}
    reshaped = whole | {"head.bias": np.zeros(5, np.float32)}
    surplus = whole | {"backbone.fc.weight": np.zeros(5, np.float32)}
    for weights, problem in (
        (lacking, "head.bias is missing"),
        (reshaped, "has the shape"),
        (surplus, "belongs to another network"),
    ):
        monkeypatch.setattr(Bundle, "weights", lambda self, found=weights: found)
        with pytest.raises(ModelError, match=problem):
            SparseEngine(bundle)
