"""Parts of a pretrained backbone that do not change."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from models.network.backbones.base import Backbone
from training.usage import UsageError


class Freezing:
    """Keeps the first stages of a backbone, or all its batch norms' statistics, as they are.

    Args:
        backbone: Whose parameters stop learning at once.
        stages: How many stages, the stem with the first, keep their weights and statistics.
        statistics: Whether every batch norm of the backbone keeps its mean and variance; its scale
            and offset learn on.

    Raises:
        UsageError: The backbone has fewer stages.
    """

    def __init__(self, backbone: Backbone, stages: int, *, statistics: bool) -> None:
        if not 0 <= stages <= len(backbone.stages):
            raise UsageError(
                f"model.frozen_stages must be 0 to {len(backbone.stages)} for this backbone, "
                f"not {stages}."
            )
        frozen = [
            backbone.get_submodule(name) for part in backbone.stages[:stages] for name in part
        ]
        for module in frozen:
            module.requires_grad_(False)
        still: list[nn.Module] = [backbone] if statistics else frozen
        self._norms = [
            module for part in still for module in part.modules() if isinstance(module, _BatchNorm)
        ]

    def hold(self) -> None:
        """Put the batch norms that are frozen into evaluation mode; training mode undoes that."""
        for norm in self._norms:
            norm.eval()
