"""Builds the network of a backbone by the name that a `ModelSpec` gives it."""

from __future__ import annotations

from collections.abc import Callable

from models.network.backbones.base import Backbone
from models.network.backbones.layouts.base import Layout
from models.network.backbones.layouts.registry import backbone_layout
from models.network.backbones.mobilenet_v2 import MobileNetV2
from models.network.backbones.resnet import ResNet

NETWORKS: dict[str, Callable[[Layout], Backbone]] = {
    "mobilenet_v2": MobileNetV2,
    "resnet18": ResNet,
    "resnet50": ResNet,
}


def build_backbone(name: str, width: float) -> Backbone:
    """Build a backbone with fresh weights.

    Raises:
        ModelError: There is no backbone of that name.
    """
    layout = backbone_layout(name, width)
    return NETWORKS[name](layout)
