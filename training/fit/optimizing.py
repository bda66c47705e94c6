"""Optimizers, learning-rate schedules and freezing: what a recipe says about learning."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from torch import nn
from torch.nn import Parameter
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import SGD, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from models.network.backbones.base import Backbone
from training.errors import UsageError
from training.number_types import ClosedUnitInterval, NonNegativeFloat, NonNegativeInt


class OptimizerKind(StrEnum):
    """How gradients become steps."""

    ADAMW = "adamw"
    SGD = "sgd"


class Schedule(ABC):
    """How the learning rate changes over a run.

    A base class, not a union, so that a recipe that is written out names the class again.
    """

    @abstractmethod
    def build(
        self, optimizer: Optimizer, learning_rate: float, steps: int, epoch_steps: int
    ) -> LRScheduler:
        """Return the schedule, which advances at every step of the optimizer.

        Args:
            optimizer: The optimizer whose learning rate changes.
            learning_rate: The highest learning rate.
            steps: Steps of the optimizer in the run.
            epoch_steps: Steps of the optimizer in an epoch.
        """


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Warms up to the learning rate and then falls to nearly zero, over the whole run.

    Attributes:
        warm_up: Share of the run in which the learning rate rises.
    """

    warm_up: ClosedUnitInterval = 0.15

    def build(
        self, optimizer: Optimizer, learning_rate: float, steps: int, epoch_steps: int
    ) -> LRScheduler:
        """Return the schedule; see `Schedule`."""
        return OneCycleLR(optimizer, learning_rate, total_steps=steps, pct_start=self.warm_up)


@dataclass(frozen=True)
class StepDecay(Schedule):
    """Multiplies the learning rate by a factor at given epochs, as the paper does.

    Attributes:
        epochs: The epochs, counted from 0.
        factor: The factor.
        warm_up_epochs: Epochs in which the learning rate first rises from zero.
    """

    epochs: tuple[NonNegativeInt, ...] = (20, 40)
    factor: NonNegativeFloat = 0.1
    warm_up_epochs: NonNegativeFloat = 0.0

    def build(
        self, optimizer: Optimizer, learning_rate: float, steps: int, epoch_steps: int
    ) -> LRScheduler:
        """Return the schedule; see `Schedule`."""

        def scale(step: int) -> float:
            passed = sum(step >= epoch * epoch_steps for epoch in self.epochs)
            return _rise(step, self.warm_up_epochs * epoch_steps) * float(self.factor**passed)

        return LambdaLR(optimizer, scale)


@dataclass(frozen=True)
class Cosine(Schedule):
    """Lets the learning rate fall to zero along half a cosine, over the whole run.

    Attributes:
        warm_up_epochs: Epochs in which the learning rate first rises from zero.
    """

    warm_up_epochs: NonNegativeFloat = 0.0

    def build(
        self, optimizer: Optimizer, learning_rate: float, steps: int, epoch_steps: int
    ) -> LRScheduler:
        """Return the schedule; see `Schedule`."""

        def scale(step: int) -> float:
            fall = (1 + math.cos(math.pi * min(1.0, step / max(1, steps)))) / 2
            return _rise(step, self.warm_up_epochs * epoch_steps) * fall

        return LambdaLR(optimizer, scale)


def _rise(step: int, length: float) -> float:
    return min(1.0, (step + 1) / length) if length > 0 else 1.0


def build_optimizer(
    kind: OptimizerKind,
    parameters: Iterable[Parameter],
    learning_rate: float,
    weight_decay: float,
    momentum: float,
) -> Optimizer:
    """Return an optimizer over the parameters that learn.

    Biases and batch norms have no weight decay, which would pull them to zero to no benefit.

    Args:
        kind: Which optimizer.
        parameters: Those that require no gradient are left out.
        learning_rate: The highest learning rate.
        weight_decay: For matrices and convolutions.
        momentum: For SGD.
    """
    learning = [parameter for parameter in parameters if parameter.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in learning if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in learning if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if kind is OptimizerKind.SGD:
        return SGD(groups, lr=learning_rate, momentum=momentum)
    return AdamW(groups, lr=learning_rate)


class Freezing:
    """Freezes the first stages of a backbone, or the statistics of all its batch norms."""

    def __init__(self, backbone: Backbone, stages: int, *, statistics: bool) -> None:
        """Freeze the parameters.

        Args:
            backbone: The backbone; its frozen parameters stop learning at once.
            stages: How many stages keep their weights and statistics; the stem is in the first.
            statistics: Whether every batch norm of the backbone keeps its mean and variance; its
                scale and offset still learn.

        Raises:
            UsageError: The backbone has fewer stages.
        """
        if not 0 <= stages <= len(backbone.stages):
            raise UsageError(
                f"model.frozen_stages must be 0 to {len(backbone.stages)} for this backbone, "
                f"not {stages}."
            )
        frozen = [
            backbone.get_submodule(name) for stage in backbone.stages[:stages] for name in stage
        ]
        for module in frozen:
            module.requires_grad_(False)
        still: list[nn.Module] = [backbone] if statistics else frozen
        self._norms = [
            norm for module in still for norm in module.modules() if isinstance(norm, _BatchNorm)
        ]

    def hold(self) -> None:
        """Put the frozen batch norms into evaluation mode, which `train()` undoes."""
        for norm in self._norms:
            norm.eval()
