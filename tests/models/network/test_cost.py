"""The sizes and costs that the paper's tables give."""

from __future__ import annotations

import msgspec
import pytest
import torch
from torch import nn

from models.network.adafuse import AdaFuse
from models.network.backbones.mobilenet_v2 import InvertedBlock
from models.network.cost import measure_cost, parameter_count
from models.spec import Method, ModelSpec, PolicySpec


def paper_spec(backbone: str, method: Method, policy: PolicySpec | None) -> ModelSpec:
    return ModelSpec(
        name="paper",
        labels=tuple(f"class {index}" for index in range(174)),
        backbone=backbone,
        method=method,
        policy=policy,
        frame_interval_s=0.375,
        input_height=224,
        input_width=224,
    )


@pytest.mark.parametrize(
    ("method", "policy", "millions"),
    [
        (Method.TSN, PolicySpec(hidden_quota=196_608, shared=True), 37.7),
        (Method.TSM_LAST, PolicySpec(hidden=1024), 39.1),
        (Method.TSN, None, 23.9),
    ],
    ids=["AdaFuse TSN", "AdaFuse TSM+Last", "TSN"],
)
def test_resnet50_has_as_many_parameters_as_the_paper_says(
    method: Method, policy: PolicySpec | None, millions: float
) -> None:
    network = AdaFuse(paper_spec("resnet50", method, policy))
    assert round(parameter_count(network) / 1e6, 1) == millions


@pytest.mark.parametrize(("backbone", "gflops"), [("resnet18", 14.6), ("resnet50", 32.9)])
def test_eight_dense_frames_cost_as_much_as_the_paper_says(backbone: str, gflops: float) -> None:
    cost = measure_cost(AdaFuse(paper_spec(backbone, Method.TSN, None)))
    assert round(8 * cost.dense / 1e9, 1) == gflops


def test_fusion_sites_do_not_change_what_the_dense_network_costs() -> None:
    plain = measure_cost(AdaFuse(paper_spec("resnet18", Method.TSN, None)))
    fused = measure_cost(AdaFuse(paper_spec("resnet18", Method.TSN, PolicySpec(hidden=64))))
    assert fused.dense == plain.dense
    assert plain.policy == 0 < fused.policy
    # Both convolutions of every basic block, and the batch norm between them, can be saved.
    assert sum(site.dense for site in fused.sites) / fused.dense > 0.9


def test_mobilenet_v2_has_the_published_size_and_cost() -> None:
    thousand = msgspec.structs.replace(
        paper_spec("mobilenet_v2", Method.TSN, None),
        labels=tuple(f"class {index}" for index in range(1000)),
    )
    network = AdaFuse(thousand)
    assert parameter_count(network) == 3_504_872
    # The 300.8 million of its convolutions and its classifier that are published, and what else
    # the paper counts.
    layers = {m for m in network.modules() if isinstance(m, nn.BatchNorm2d)}
    assert len(layers) == 52
    assert 300.8e6 < measure_cost(network).dense < 300.8e6 * 1.05


def test_a_channel_that_a_mobilenet_skips_spares_all_three_convolutions() -> None:
    network = AdaFuse(paper_spec("mobilenet_v2", Method.TSN, PolicySpec(hidden=64)))
    site = measure_cost(network).sites[0]
    assert (site.name, site.channels) == ("features.2", 96)
    assert site.produce == 112 * 112 * (16 + 2)
    assert site.consume == 56 * 56 * (9 + 2 + 24)
    # Behind the depthwise convolution it is a constant, which the projection adds once.
    policy = (2 * 16 + 1) * 64 + (64 + 1) * 3 * 96
    assert site.policy == policy + 96 * 24
    block = network.eval().backbone.get_submodule(site.name)
    assert isinstance(block, InvertedBlock)
    with torch.no_grad():
        behind = block.conv[1](torch.zeros(1, 96, 8, 8))
    assert (behind == behind[..., :1, :1]).all()
