"""Timing a block changes no result, tells plausible times, and is off unless asked for."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.bundle import Bundle, load_bundle
from models.engines import dense_reference, fastest
from models.engines.base import BlockTimer, ChannelSaver, StepResult, StreamingEngine
from models.engines.dense_reference import (
    DenseReference,
    measure_reference,
    remembered_reference,
)
from models.engines.factory import create_engine
from models.engines.kernels.clock import TICK_S, ticks
from models.engines.kernels.compiling import inlined
from models.engines.kernels.tables import Kind
from models.engines.planning.block_operations import BlockOperations
from models.engines.planning.network_plan import plan
from models.engines.planning.tuning import tile_shapes
from models.engines.sparse import SparseEngine
from models.engines.torch import TorchEngine, load_network
from models.network.policy import PolicyBank
from tests.models.engines.test_sparse import weights_bundle
from tests.models.networks import tiny_network, tiny_spec

STEPS = 6


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


def frames_for(bundle: Bundle) -> list[NDArray[np.float32]]:
    return list(fastest.moving_pictures(bundle.spec))[:STEPS]


def run(engine: StreamingEngine, bundle: Bundle) -> list[StepResult]:
    state, results = engine.init_state(), []
    for frame in frames_for(bundle):
        results.append(engine.step(frame, state))
        state = results[-1].state
    return results


@pytest.mark.parametrize(("kind", "threads"), [("sparse", 1), ("sparse", 2), ("torch", 1)])
def test_a_timed_step_gives_the_same(bundle: Bundle, kind: str, threads: int) -> None:
    plain, timed = (create_engine(bundle, kind, threads).engine for _ in range(2))
    assert isinstance(timed, BlockTimer)
    timed.times_blocks = True

    for one, other in zip(run(plain, bundle), run(timed, bundle), strict=True):
        np.testing.assert_array_equal(one.logits, other.logits)
        assert one.trace.multiply_adds == other.trace.multiply_adds
        assert one.trace.block_ms is None
        assert other.trace.block_ms is not None


@pytest.mark.parametrize(("kind", "threads"), [("sparse", 1), ("sparse", 2), ("torch", 1)])
def test_the_blocks_fit_into_the_step(bundle: Bundle, kind: str, threads: int) -> None:
    engine = create_engine(bundle, kind, threads).engine
    assert isinstance(engine, BlockTimer)
    engine.times_blocks = True
    state = engine.init_state()
    for frame in frames_for(bundle):
        started_s = time.perf_counter()
        result = engine.step(frame, state)
        step_ms = (time.perf_counter() - started_s) * 1e3
        state, spent_ms = result.state, result.trace.block_ms

        assert spent_ms is not None
        assert spent_ms.shape == (len(bundle.cost.sites), 2)
        # A block whose channels are all skipped still adds its residual, and always has a policy.
        assert (spent_ms > 0).all()
        assert spent_ms.sum() < step_ms


@pytest.mark.parametrize("kind", ["sparse", "torch"])
def test_it_can_be_turned_on_and_off_between_steps(bundle: Bundle, kind: str) -> None:
    engine = create_engine(bundle, kind, 1).engine
    assert isinstance(engine, BlockTimer)
    state, told = engine.init_state(), []
    for number, frame in enumerate(frames_for(bundle)):
        engine.times_blocks = number % 2 == 1
        result = engine.step(frame, state)
        state = result.state
        told.append(result.trace.block_ms is not None)
    assert told == [False, True] * (STEPS // 2)


@pytest.mark.parametrize("backbone", ["resnet18", "mobilenet_v2"])
def test_every_operation_of_a_block_is_found(backbone: str, tmp_path: Path) -> None:
    """Each block has a selection, two layers of its policy, and at least two convolutions."""
    bundle = weights_bundle(tiny_network(tiny_spec(backbone=backbone)), tmp_path)
    tables = plan(bundle, tile_shapes()).tables
    bin_of = BlockOperations(tables)._bin_of

    for block in range(len(bundle.cost.sites)):
        policy = [Kind(kind) for kind in tables.program["kind"][bin_of == 2 * block]]
        rest = [Kind(kind) for kind in tables.program["kind"][bin_of == 2 * block + 1]]
        assert policy.count(Kind.SELECT) == 1
        assert policy.count(Kind.LINEAR) == 2
        assert rest.count(Kind.CONVOLVE) >= (3 if backbone == "mobilenet_v2" else 2)
        assert (Kind.LINEAR in rest) == (backbone == "mobilenet_v2")


def test_torch_tells_policies_from_convolutions(bundle: Bundle) -> None:
    network = load_network(bundle)
    engine = TorchEngine(network, bundle.cost)
    engine.times_blocks = True
    bank = network.policies
    assert isinstance(bank, PolicyBank)
    second = network.backbone.get_submodule(network.fused_sites[0].consumers[-1])
    second.register_forward_pre_hook(lambda *_: time.sleep(0.04))
    bank.norms[-1].register_forward_pre_hook(lambda *_: time.sleep(0.04))

    spent_ms = run(engine, bundle)[-1].trace.block_ms

    assert spent_ms is not None
    slow = {(int(block), int(part)) for block, part in np.argwhere(spent_ms >= 40)}
    assert slow == {(0, 1), (len(network.fused_sites) - 1, 0)}


def test_only_the_sparse_engine_saves_what_is_not_asked_for(bundle: Bundle) -> None:
    saving = {
        kind: isinstance(create_engine(bundle, kind, 1).engine, ChannelSaver)
        for kind in ("sparse", "onnx", "torch")
    }
    assert saving == {"sparse": True, "onnx": False, "torch": False}


def test_everything_can_be_kept_to_measure_what_that_takes(bundle: Bundle) -> None:
    engine = SparseEngine(bundle, 1)
    engine.keep_everything()
    for result in run(engine, bundle):
        assert result.trace.shares() == (1.0, 0.0, 0.0)
    assert run(SparseEngine(bundle, 1), bundle)[-1].trace.shares()[0] < 1


def test_the_clock_of_the_kernels_is_in_nanoseconds() -> None:
    @inlined
    def now() -> int:
        return ticks()  # type: ignore[no-any-return]  # an intrinsic

    now()  # compiled
    started_s = time.perf_counter()
    before = now()
    time.sleep(0.02)
    ticked_s = (now() - before) * TICK_S
    assert 0.02 <= ticked_s <= time.perf_counter() - started_s


@pytest.fixture
def cache_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastest, "cache_folder", lambda: tmp_path)


@pytest.mark.usefixtures("cache_of_nobody")
def test_the_dense_reference_is_measured_once(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert remembered_reference(bundle, 1, with_blocks=True) is None
    found = measure_reference(bundle, 1, with_blocks=True, should_stop=lambda: False)

    assert found is not None
    assert found.step_ms > 0
    assert len(found.block_ms) == len(bundle.cost.sites)
    assert min(found.block_ms) > 0
    assert remembered_reference(bundle, 1, with_blocks=True) == found
    assert remembered_reference(bundle, 2, with_blocks=True) is None


@pytest.mark.usefixtures("cache_of_nobody")
def test_what_auto_measured_is_not_measured_again(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = fastest.Measurement("sparse", {"sparse": 1.0, "onnx": 7.5})
    monkeypatch.setattr(dense_reference, "remembered", lambda *_: known)
    found = measure_reference(bundle, 1, with_blocks=False, should_stop=lambda: False)

    assert found == DenseReference(7.5)
    assert remembered_reference(bundle, 1, with_blocks=False) == found
    assert remembered_reference(bundle, 1, with_blocks=True) is None, "the blocks are missing"


@pytest.mark.usefixtures("cache_of_nobody")
def test_a_measurement_that_is_stopped_remembers_nothing(bundle: Bundle) -> None:
    assert measure_reference(bundle, 1, with_blocks=True, should_stop=lambda: True) is None
    assert remembered_reference(bundle, 1, with_blocks=False) is None
