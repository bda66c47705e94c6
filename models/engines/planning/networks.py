"""The backbones that the sparse engine has a plan for."""

from __future__ import annotations

from collections.abc import Callable

from models.bundle import Bundle
from models.engines.planning.memory import Program
from models.engines.planning.resnet import resnet_program
from models.engines.planning.shapes import TileShapes
from models.errors import ModelError

PLANS: dict[str, Callable[[Bundle, TileShapes], Program]] = {
    "resnet18": resnet_program,
    "resnet50": resnet_program,
}


def supports(bundle: Bundle) -> bool:
    """Return whether there is a plan for a bundle's backbone."""
    return bundle.spec.backbone in PLANS


def check_supported(bundle: Bundle) -> None:
    """Refuse a bundle without a plan.

    Raises:
        ModelError: Its backbone is not known to the sparse engine.
    """
    if not supports(bundle):
        raise ModelError(
            f"The sparse engine does not know the backbone '{bundle.spec.backbone}'; "
            "use --engine onnx."
        )


def plan(bundle: Bundle, tiles: TileShapes) -> Program:
    """Build the program of a bundle.

    Raises:
        ModelError: There is no plan for its backbone, or its weights do not fit its description.
    """
    check_supported(bundle)
    return PLANS[bundle.spec.backbone](bundle, tiles)
