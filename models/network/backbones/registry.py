"""Backbones by the name that a `ModelSpec` gives them."""

from __future__ import annotations

from collections.abc import Callable

from models.errors import ModelError
from models.network.backbones.base import Backbone
from models.network.backbones.mobilenet_v2 import mobilenet_v2
from models.network.backbones.resnet import resnet18, resnet50

BACKBONES: dict[str, Callable[[float], Backbone]] = {
    "mobilenet_v2": mobilenet_v2,
    "resnet18": resnet18,
    "resnet50": resnet50,
}


def build_backbone(name: str, width: float) -> Backbone:
    """Build a backbone with fresh weights.

    Raises:
        ModelError: There is no backbone of that name.
    """
    check_backbone(name)
    return BACKBONES[name](width)


def check_backbone(name: str) -> None:
    """Refuse a name that no backbone has.

    Raises:
        ModelError: There is no backbone of that name.
    """
    if name not in BACKBONES:
        known = ", ".join(sorted(BACKBONES))
        raise ModelError(f"The model asks for the backbone '{name}'; known ones are {known}.")
