"""Layouts of backbones by the name that a `ModelSpec` gives them."""

from __future__ import annotations

from collections.abc import Callable

from models.errors import ModelError
from models.network.backbones.layouts.base import Layout
from models.network.backbones.layouts.mobilenet_v2 import mobilenet_v2_layout
from models.network.backbones.layouts.resnet import resnet18_layout, resnet50_layout

LAYOUTS: dict[str, Callable[[float], Layout]] = {
    "mobilenet_v2": mobilenet_v2_layout,
    "resnet18": resnet18_layout,
    "resnet50": resnet50_layout,
}
"""For each backbone, what describes it at a multiplier on its channels."""


def backbone_layout(name: str, width: float) -> Layout:
    """Return the layout of a backbone.

    Args:
        name: Key of `LAYOUTS`.
        width: Multiplier on the channels.

    Raises:
        ModelError: There is no backbone of that name.
    """
    check_backbone(name)
    return LAYOUTS[name](width)


def check_backbone(name: str) -> None:
    """Refuse a name that no backbone has.

    Raises:
        ModelError: There is no backbone of that name.
    """
    if name not in LAYOUTS:
        known = ", ".join(sorted(LAYOUTS))
        raise ModelError(f"The model asks for the backbone '{name}'; known ones are {known}.")
