"""A backbone is added with a network and a layout alone: every engine runs it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor, nn

from models.engines import fastest
from models.engines.sparse import SparseEngine
from models.engines.torch import TorchEngine, load_network
from models.network.backbones.base import Backbone, ResidualBlock, SiteOperations, convolution
from models.network.backbones.layouts.base import Activation, Block, Convolution, Layout, MaxPool
from models.network.backbones.layouts.registry import LAYOUTS
from models.network.backbones.registry import NETWORKS
from models.spec import PolicySpec
from tests.models.engines.test_sparse import weights_bundle
from tests.models.networks import tiny_network, tiny_spec

ACTIVATIONS = {Activation.NONE: nn.Identity, Activation.RELU: nn.ReLU, Activation.RELU6: nn.ReLU6}


def layer(
    name: str,
    in_channels: int,
    channels: int,
    kernel: int,
    stride: int = 1,
    groups: int = 1,
    activation: Activation = Activation.RELU6,
) -> Convolution:
    return Convolution(
        f"{name}.0", f"{name}.1", in_channels, channels, kernel, stride, groups, activation
    )


def toy_layout(width: float) -> Layout:
    """Describe kernels, strides and chains of lengths that no backbone of the project has."""
    narrow, wide = max(8, int(64 * width)), max(16, int(128 * width))
    return Layout(
        stem=(layer("stem", 3, narrow, 3, stride=2), MaxPool()),
        blocks=(
            Block(
                "plain",
                0,
                (
                    layer("plain.first", narrow, wide, 1),
                    layer("plain.second", wide, wide, 5, stride=2),
                    layer("plain.third", wide, narrow, 3, activation=Activation.NONE),
                ),
                residual=False,
                shifts=False,
            ),
            Block(
                "separable",
                1,
                (
                    layer("separable.first", narrow, wide, 1),
                    layer("separable.second", wide, wide, 5, groups=wide),
                    layer("separable.third", wide, narrow, 1, activation=Activation.NONE),
                ),
                residual=True,
            ),
            Block(
                "pair",
                1,
                (
                    layer("pair.first", narrow, narrow, 5, activation=Activation.RELU),
                    layer("pair.second", narrow, narrow, 3, activation=Activation.RELU),
                ),
                residual=True,
            ),
        ),
        tail=(layer("last", narrow, wide, 1),),
        stages=(("stem", "plain"), ("separable", "pair")),
    )


def module(layout: Convolution, *, activated: bool = True) -> nn.Sequential:
    activation = ACTIVATIONS[layout.activation]() if activated else nn.Identity()
    return nn.Sequential(convolution(layout), nn.BatchNorm2d(layout.channels), activation)


class ToyBlock(nn.Module):
    def __init__(self, layout: Block) -> None:
        super().__init__()
        first, second, *rest = layout.convolutions
        self.first = module(first)
        self.second = module(second, activated=bool(rest))
        if rest:
            self.third = module(rest[0], activated=False)
        self.last = ACTIVATIONS[layout.convolutions[-1].activation]()

    def body(self, x: Tensor, site: SiteOperations) -> Tensor:
        shifted = site.shift(x)
        out: Tensor = self.second(site.fuse(shifted, self.first(shifted)))
        return self.third(out) if hasattr(self, "third") else out

    def forward(self, x: Tensor, site: SiteOperations) -> Tensor:
        out: Tensor = self.last(self.body(x, site))
        return out


class ResidualToyBlock(ToyBlock, ResidualBlock):
    def forward(self, x: Tensor, site: SiteOperations) -> Tensor:
        out: Tensor = self.last(x + self.body(x, site))
        return out


class Toy(Backbone):
    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        stem = layout.stem[0]
        assert isinstance(stem, Convolution)
        self.stem = nn.Sequential(*module(stem), nn.MaxPool2d(3, stride=2, padding=1))
        for block in layout.blocks:
            kind = ResidualToyBlock if block.residual else ToyBlock
            self.add_module(block.name, kind(block))
        self.last = module(layout.tail[0])

    def forward(self, images: Tensor, operations: Sequence[SiteOperations]) -> Tensor:
        x = self.stem(images)
        for site, operation in zip(self.sites, operations, strict=True):
            x = self.get_submodule(site.name)(x, operation)
        features: Tensor = self.last(x)
        return features.mean((-2, -1))


@pytest.mark.parametrize("policy", [PolicySpec(hidden=8), None], ids=["fused", "dense"])
def test_a_new_backbone_runs_on_the_sparse_engine(
    policy: PolicySpec | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(LAYOUTS, "toy", toy_layout)
    monkeypatch.setitem(NETWORKS, "toy", Toy)
    bundle = weights_bundle(tiny_network(tiny_spec(backbone="toy", policy=policy)), tmp_path)
    reference, engine = TorchEngine(load_network(bundle), bundle.cost), SparseEngine(bundle, 1)
    expected_state, state = reference.init_state(), engine.init_state()
    shares = []
    for frame in fastest.moving_pictures(bundle.spec):
        expected, found = reference.step(frame, expected_state), engine.step(frame, state)
        expected_state, state = expected.state, found.state
        np.testing.assert_allclose(found.logits, expected.logits, atol=1e-3)
        for one, other in zip(expected.trace.blocks, found.trace.blocks, strict=True):
            np.testing.assert_array_equal(other.actions, one.actions)
        assert found.trace.multiply_adds == expected.trace.multiply_adds
        shares.append(found.trace.shares())
    if policy is not None:
        assert min(np.mean(shares, axis=0)) > 0.05, "every action is taken"
