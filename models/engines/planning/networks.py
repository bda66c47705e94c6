"""The backbones that the sparse engine has a plan for."""

from __future__ import annotations

from models.bundle import Bundle
from models.engines.planning.memory import Program
from models.engines.planning.network_plan import NetworkPlan
from models.engines.planning.shapes import TileShapes
from models.errors import ModelError
from models.network.backbones.layouts.registry import LAYOUTS
from models.spec import PolicyMode


def problem(bundle: Bundle) -> str | None:
    """Say why there is no plan for a bundle, as the end of a sentence; None if there is one."""
    spec = bundle.spec
    if spec.backbone not in LAYOUTS:
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
    return NetworkPlan(bundle, tiles).build()
