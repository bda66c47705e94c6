"""Measures what a PyTorch network costs and how large it is, counting as the paper's tables do.

What actions then make of that cost is arithmetic: `models.flops`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import torch
from torch import Tensor, nn

from models.flops import NetworkCost, SiteCost
from models.network.adafuse import AdaFuse
from models.network.backbones.base import ResidualBlock
from models.network.backbones.layouts.base import FusionSite
from models.network.fusion import ClipOperations
from models.network.policy import PolicyBank, PolicyLayers


def parameter_count(model: nn.Module) -> int:
    """Count trainable parameters; layers that several policy networks share count once."""
    return sum(parameter.numel() for parameter in model.parameters())


def _operations(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> int:
    """Count the operations of one layer by the conventions of the paper's tables.

    One per multiply-add of a convolution or a fully connected layer, two per normalized element,
    one per summand of a residual sum, of a bias and of a mean.
    """
    if isinstance(module, nn.Conv2d):
        per_output = module.weight[0].numel() + (module.bias is not None)
        return output.numel() * per_output
    if isinstance(module, nn.Linear):
        return output.numel() * (module.in_features + (module.bias is not None))
    if isinstance(module, nn.BatchNorm2d):
        return 2 * output.numel()
    if isinstance(module, nn.AdaptiveAvgPool2d):
        return int(inputs[0].numel())
    if isinstance(module, ResidualBlock):
        return output.numel()
    return 0


def _policy_cost(layers: PolicyLayers) -> int:
    return sum((layer.in_features + 1) * layer.out_features for layer in (layers.fc0, layers.fc1))


def measure_cost(model: AdaFuse) -> NetworkCost:
    """Measure the multiply-adds of one frame, split by fusion site.

    A copy without storage runs once, so that no weight is touched.
    """
    spec = model.spec
    with torch.device("meta"):
        copy = AdaFuse(spec).eval()
        image = torch.zeros(1, 3, spec.input_height, spec.input_width)
    counted: dict[str, int] = defaultdict(int)

    def count(name: str) -> Any:
        def hook(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
            counted[name] += _operations(module, inputs, output)

        return hook

    for name, module in copy.backbone.named_modules():
        module.register_forward_hook(count(name))
    plain = [ClipOperations(1, None, None, 0, sample=False) for _ in copy.backbone.sites]
    with torch.no_grad():
        features = copy.backbone(image, plain)
        head = _operations(copy.head, (features,), copy.head(features))
    sites = tuple(
        SiteCost(
            name=site.name,
            channels=site.channels,
            produce=(counted[site.producer] + counted[site.producer_norm]) // site.channels,
            consume=sum(counted[layer] for layer in site.consumers) // site.channels,
            policy=_site_policy_cost(copy, index) + _constants_cost(copy, site),
        )
        for index, site in enumerate(copy.fused_sites)
    )
    total = head + sum(counted.values())
    return NetworkCost(sites=sites, fixed=total - sum(site.dense for site in sites))


def _site_policy_cost(model: AdaFuse, index: int) -> int:
    if not isinstance(model.policies, PolicyBank):
        return 0
    layers = model.policies.layers[model.policies.keys[index]]
    assert isinstance(layers, PolicyLayers)
    return _policy_cost(layers)


def _constants_cost(model: AdaFuse, site: FusionSite) -> int:
    """Count the product of a projection with the constants that skipped channels leave."""
    *before, name = site.consumers
    projection = model.backbone.get_submodule(name)
    assert isinstance(projection, nn.Conv2d)
    return projection.in_channels * projection.out_channels if before else 0
