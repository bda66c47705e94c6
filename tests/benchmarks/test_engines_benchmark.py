"""The comparison is fair only if everything in it computes the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.engines.gathered import can_gather, write_gathered_graph
from benchmarks.engines.mixes import MIXES, Mix
from benchmarks.engines.networks import network_with_mix
from benchmarks.engines.runners import (
    EngineRunner,
    OnnxRunner,
    Runner,
    open_runners,
    without_policies,
)
from models.bundle import load_bundle
from models.engines.sparse import SparseEngine
from models.engines.torch import load_network
from tests.models.networks import tiny_spec


@pytest.mark.parametrize("name", MIXES)
def test_the_mixes_of_the_blocks_add_up(name: str) -> None:
    mix, channels = MIXES[name], [64, 64, 128, 256, 512]
    blocks = mix.of_blocks(channels)
    total = sum(channels)
    for share in ("keep", "reuse", "skip"):
        mean = sum(getattr(b, share) * c for b, c in zip(blocks, channels, strict=True)) / total
        assert mean == pytest.approx(getattr(mix, share))
    skipped = [block.skip for block in blocks]
    assert skipped == sorted(skipped, reverse=True)


def test_a_random_network_chooses_the_mix() -> None:
    spec = tiny_spec()
    frames = np.random.default_rng(0).standard_normal((24, 3, 32, 48)).astype(np.float32)
    network = network_with_mix(spec, frames, Mix(skip=0.5, reuse=0.2))
    with torch.no_grad():
        actions = network(torch.from_numpy(frames)[None]).actions
    shares = torch.cat([block.mean(dim=(0, 1)) for block in actions]).mean(dim=0)
    np.testing.assert_allclose(shares.numpy(), [0.3, 0.2, 0.5], atol=0.03)


@pytest.fixture(scope="module")
def runners(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Runner]:
    bundle = load_bundle(tiny_bundle)
    folder = tmp_path_factory.mktemp("graphs")
    return open_runners(bundle, load_network(bundle), folder, 1, window=True)


def test_all_engines_of_the_comparison_compute_the_same(runners: dict[str, Runner]) -> None:
    frames = np.random.default_rng(1).standard_normal((10, 3, 32, 48)).astype(np.float32)
    found = {
        name: np.stack([runner.step(frame) for frame in frames]) for name, runner in runners.items()
    }
    np.testing.assert_allclose(found["onnx_gathered"], found["sparse"], atol=1e-3)
    np.testing.assert_allclose(found["onnx_dense"], found["torch_dense"], atol=1e-3)
    if "openvino_dense" in found:
        np.testing.assert_allclose(found["openvino_dense"], found["torch_dense"], atol=1e-2)
    # The stream remembers more than the last eight frames; the window begins with zeros.
    np.testing.assert_allclose(found["onnx_window"][7], found["onnx_dense"][:8].mean(0), atol=1e-3)


def test_the_dense_network_has_no_policies(tiny_bundle: Path) -> None:
    dense = without_policies(load_network(load_bundle(tiny_bundle)))
    assert dense.policies is None
    assert not dense.fused_sites


def test_gathered_weights_late_reuse_and_all(tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    assert can_gather(bundle)
    write_gathered_graph(bundle, tmp_path / "gathered.onnx")
    gathered, sparse = (
        OnnxRunner(tmp_path / "gathered.onnx", 1),
        EngineRunner(SparseEngine(bundle, 1)),
    )
    for frame in np.random.default_rng(2).standard_normal((30, 3, 32, 48)).astype(np.float32):
        np.testing.assert_allclose(gathered.step(frame), sparse.step(frame), atol=1e-3)
    assert any(block.reused_late for trace in sparse.traces for block in trace.blocks)
