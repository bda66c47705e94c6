"""Networks of any size whose policies choose a given mix, for timing engines.

The weights are random, but everything runs as in a trained network: batch norms are fitted to the
frames, and the policy networks decide frame by frame; only their last biases are set to give the
shares.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.engines.mixes import Mix
from models.network.adafuse import AdaFuse
from models.network.policy import PolicyBank, PolicyLayers
from models.spec import Method, ModelSpec, PolicySpec
from models.trace import Action

ROUNDS = 200
"""Corrections until the shares of one block are right."""

SURE = 20.0
"""A bias that no other logit reaches."""


def benchmark_spec(backbone: str, height: int, width: int, policy: PolicySpec | None) -> ModelSpec:
    """Describe a network with the 27 classes of Jester and the shift of TSM."""
    return ModelSpec(
        name=f"{backbone} {height}x{width}",
        labels=tuple(f"gesture {index}" for index in range(1, 28)),
        backbone=backbone,
        method=Method.TSM,
        policy=policy,
        frame_interval_s=1 / 6,
        input_height=height,
        input_width=width,
    )


def network_with_mix(spec: ModelSpec, frames: NDArray[np.float32], mix: Mix) -> AdaFuse:
    """Build a network that chooses `mix` on `frames`, of shape (T, 3, H, W)."""
    torch.manual_seed(0)
    network = AdaFuse(spec)
    clip = torch.from_numpy(frames)[None]
    policies = network.policies
    assert isinstance(policies, PolicyBank)
    mixes = mix.of_blocks([site.channels for site in network.fused_sites])

    def fit(_: nn.Module, inputs: tuple[int, Tensor, Tensor]) -> None:
        index, previous, current = inputs
        _fit_policy(policies, index, torch.cat((previous, current), dim=-1), mixes[index])

    with torch.no_grad():
        _fit_norms(network, clip)
        # Each policy is fitted right before it runs, so that one pass fits them all.
        handle = policies.register_forward_pre_hook(fit)
        network(clip)
        handle.remove()
    return network


def _fit_norms(network: AdaFuse, clip: Tensor) -> None:
    """Give every batch norm of the backbone the statistics of its input."""
    for module in network.backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            module.momentum = None
    network.train()
    network(clip)
    network.eval()


def _fit_policy(policies: PolicyBank, index: int, pooled: Tensor, mix: Mix) -> None:
    """Give one policy random weights, so that it varies from frame to frame, and the shares."""
    layers, norm = policies.layers[policies.keys[index]], policies.norms[index]
    assert isinstance(layers, PolicyLayers)
    assert isinstance(norm, nn.BatchNorm1d)
    nn.init.normal_(layers.fc0.weight)
    hidden = layers.fc0(pooled)
    norm.running_mean = hidden.mean(0)
    norm.running_var = hidden.var(0) + 1e-6
    nn.init.normal_(layers.fc1.weight, std=layers.fc1.in_features**-0.5)
    nn.init.normal_(layers.fc1.bias)
    logits = layers.fc1(F.relu(norm(hidden))).unflatten(-1, (-1, len(Action)))
    layers.fc1.bias.view(-1, len(Action)).add_(_offsets(logits, mix))


def _offsets(logits: Tensor, mix: Mix) -> Tensor:
    """Return what to add to the logits of each action, of shape (T, C, A), to get the shares."""
    shares = torch.tensor([mix.keep, mix.reuse, mix.skip], dtype=torch.float64)
    if bool((shares == 1).any()):
        return torch.where(shares == 1, SURE, -SURE).float()
    offsets = torch.zeros(len(Action), dtype=torch.float64)
    for _ in range(ROUNDS):
        chosen = (logits + offsets).argmax(-1)
        found = torch.bincount(chosen.flatten(), minlength=len(Action)) / chosen.numel()
        offsets += 0.3 * torch.log((shares + 1e-4) / (found + 1e-4))
    return offsets.float()
