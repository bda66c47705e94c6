"""The policy networks that keep, reuse or skip each channel (paper, section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.backbones.base import FusionSite
from models.spec import PolicySpec
from models.trace import Action

GUMBEL_TEMPERATURE = 0.67
"""Temperature of the Gumbel-Softmax in training (paper, section 4.1)."""


class PolicyLayers(nn.Module):
    """The two layers of a policy network, which sites of the same shape may share."""

    def __init__(self, in_channels: int, channels: int, hidden: int) -> None:
        super().__init__()
        self.fc0 = nn.Linear(2 * in_channels, hidden)
        self.fc1 = nn.Linear(hidden, channels * len(Action))
        for layer in (self.fc0, self.fc1):
            # Near-zero weights start every channel undecided; the batch norm between restores the
            # scale.
            nn.init.normal_(layer.weight, 0, 0.001)
            nn.init.zeros_(layer.bias)


class PolicyBank(nn.Module):
    """The policy networks of all fusion sites.

    Each network sees the pooled input of the previous and of this frame. Batch norm between its
    two layers, as in the published models, belongs to each site alone even where the layers are
    shared.
    """

    def __init__(self, sites: Sequence[FusionSite], spec: PolicySpec) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.layers = nn.ModuleDict()
        self.norms = nn.ModuleList()
        for site in sites:
            hidden = spec.hidden_for(site.channels)
            shape_key = f"{site.in_channels}x{site.channels}"
            key = shape_key if spec.shared else site.name.replace(".", "_")
            if key not in self.layers:
                self.layers[key] = PolicyLayers(site.in_channels, site.channels, hidden)
            self.keys.append(key)
            self.norms.append(nn.BatchNorm1d(hidden))

    def set_keep_bias(self, bias: float) -> None:
        """Start every channel inclined to be kept: `bias` is added to the logit of `Action.KEEP`.

        A network that was first trained dense would otherwise lose two thirds of its channels at
        once.
        """
        with torch.no_grad():
            for layers in self.layers.values():
                assert isinstance(layers, PolicyLayers)
                layers.fc1.bias.view(-1, len(Action))[:, Action.KEEP] = bias

    def forward(self, index: int, previous: Tensor, current: Tensor) -> Tensor:
        """Return action logits of shape (N, C, A).

        Args:
            index: Index of the fusion site.
            previous: Pooled input of the previous frame, of shape (N, C_in); zeros before the
                first.
            current: Pooled input of this frame, of shape (N, C_in).
        """
        layers = self.layers[self.keys[index]]
        assert isinstance(layers, PolicyLayers)
        hidden = F.relu(self.norms[index](layers.fc0(torch.cat((previous, current), dim=-1))))
        logits: Tensor = layers.fc1(hidden)
        return logits.reshape(*logits.shape[:-1], -1, len(Action))


def choose_actions(logits: Tensor, *, sample: bool) -> Tensor:
    """Turn action logits into one-hot actions of the same shape (..., A).

    Args:
        logits: Action logits of shape (..., A).
        sample: True draws from the hard Gumbel-Softmax with a straight-through gradient, for
            training; False takes the argmax, so that a result repeats.
    """
    if sample:
        return F.gumbel_softmax(logits.float(), tau=GUMBEL_TEMPERATURE, hard=True, dim=-1)
    return F.one_hot(logits.argmax(dim=-1), len(Action)).to(logits.dtype)
