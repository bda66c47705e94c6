"""Tiny networks with policies that really mix all three actions."""

from __future__ import annotations

import torch
from torch import nn

from models.network.adafuse import AdaFuse
from models.network.policy import PolicyBank
from models.spec import Method, ModelSpec, PolicySpec, Shift


def tiny_spec(
    *,
    backbone: str = "resnet18",
    method: Method = Method.TSM,
    shift: Shift = Shift.ONE_WAY,
    policy: PolicySpec | None = PolicySpec(hidden=8),  # noqa: B008 - frozen
) -> ModelSpec:
    return ModelSpec(
        name="tiny",
        labels=("Swiping Left", "Thumb Up", "No gesture", "Doing other things"),
        silent_labels=("No gesture", "Doing other things"),
        backbone=backbone,
        width=0.125,
        method=method,
        shift=shift,
        policy=policy,
        frame_interval_s=0.125,
        input_height=32,
        input_width=48,
    )


def tiny_network(spec: ModelSpec, seed: int = 0) -> AdaFuse:
    """Build a network whose batch norms and policies are as uneven as trained ones."""
    torch.manual_seed(seed)
    network = AdaFuse(spec)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0, 0.2)
                module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
                module.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
        if isinstance(network.policies, PolicyBank):
            for layers in network.policies.layers.values():
                for layer in (layers.fc0, layers.fc1):
                    assert isinstance(layer, nn.Linear)
                    nn.init.normal_(layer.weight, 0, 1)
                    nn.init.normal_(layer.bias, 0, 0.3)
    return network.eval()
