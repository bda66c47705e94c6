"""The backbones that the sparse engine has a plan for."""

from __future__ import annotations

from collections.abc import Callable

from models.bundle import Bundle
from models.engines.planning.memory import Program
from models.engines.planning.mobilenet import mobilenet_program
from models.engines.planning.resnet import resnet_program
from models.engines.planning.shapes import TileShapes
from models.errors import ModelError
from models.spec import PolicyMode

PLANS: dict[str, Callable[[Bundle, TileShapes], Program]] = {
    "resnet18": resnet_program,
    "resnet50": resnet_program,
    "mobilenet_v2": mobilenet_program,
}


def problem(bundle: Bundle) -> str | None:
    """Say why there is no plan for a bundle, as the end of a sentence; None if there is one."""
    spec = bundle.spec
    if spec.backbone not in PLANS:
        return f"does not know the backbone '{spec.backbone}'"
    if spec.policy is not None and spec.policy.mode is PolicyMode.RANDOM:
        return "does not run random policies"
    return None


def check_supported(bundle: Bundle) -> None:
    """Refuse a bundle without a plan.

    Raises:
        ModelError: The sparse engine cannot run its network.
    """
    found = problem(bundle)
    if found is not None:
        raise ModelError(f"The sparse engine {found}; use --engine onnx.")


def plan(bundle: Bundle, tiles: TileShapes) -> Program:
    """Build the program of a bundle.

    Raises:
        ModelError: There is no plan for its backbone, or its weights do not fit its description.
    """
    check_supported(bundle)
    return PLANS[bundle.spec.backbone](bundle, tiles)
