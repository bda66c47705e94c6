"""A layout says of a network what its modules are, so that a planner need not see them."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from models.errors import ModelError
from models.network.backbones.layouts.base import Convolution, MaxPool
from models.network.backbones.layouts.registry import LAYOUTS, backbone_layout
from models.network.backbones.registry import NETWORKS, build_backbone


def test_every_layout_has_a_network() -> None:
    assert LAYOUTS.keys() == NETWORKS.keys()


@pytest.mark.parametrize("width", [1.0, 0.35])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_network_consists_of_the_convolutions_of_its_layout(name: str, width: float) -> None:
    with torch.device("meta"):
        network = build_backbone(name, width)
    layout = backbone_layout(name, width)
    modules = dict(network.named_modules())
    for convolution in layout.convolutions():
        module, norm = modules[convolution.name], modules[convolution.norm]
        assert isinstance(module, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        assert tuple(module.weight.shape) == convolution.weight_shape
        assert module.stride == (convolution.stride,) * 2
        assert module.padding == (convolution.padding,) * 2
        assert module.groups == convolution.groups
        assert norm.num_features == convolution.channels
    names = {convolution.name for convolution in layout.convolutions()}
    assert names == {name for name, module in modules.items() if isinstance(module, nn.Conv2d)}
    for stage in layout.stages:
        assert set(stage) <= modules.keys()


@pytest.mark.parametrize("width", [1.0, 0.35])
@pytest.mark.parametrize("name", LAYOUTS)
def test_each_layer_takes_what_the_one_before_gives(name: str, width: float) -> None:
    layout = backbone_layout(name, width)
    channels = 3
    for layer in layout.stem:
        if isinstance(layer, MaxPool):
            continue
        assert layer.in_channels == channels
        channels = layer.channels
    for block in layout.blocks:
        before = channels
        for convolution in block.convolutions:
            assert convolution.in_channels == channels
            channels = convolution.channels
        if block.projection is not None:
            assert isinstance(block.projection, Convolution)
            assert (block.projection.in_channels, block.projection.channels) == (before, channels)
        elif block.residual:
            assert (before, block.stride) == (channels, 1)
    assert layout.feature_count == (layout.tail[-1].channels if layout.tail else channels)


def test_an_unknown_backbone_is_refused() -> None:
    with pytest.raises(ModelError, match="known ones are mobilenet_v2, resnet18, resnet50"):
        backbone_layout("vgg", 1.0)


def test_layouts_need_no_torch() -> None:
    program = (
        "import sys, models.network.backbones.layouts.registry\nassert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
