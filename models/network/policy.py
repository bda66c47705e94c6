"""The policy networks that keep, reuse or skip each channel (paper, section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.network.backbones.layouts.base import FusionSite
from models.spec import PolicyMode, PolicySpec
from models.trace import Action

GUMBEL_TEMPERATURE = 0.67
"""Temperature of the Gumbel-Softmax in training (paper, section 4.1)."""

FORBIDDEN_LOGIT = -1e4
"""Logit of an action that the mode rules out: never chosen, and finite in half precision."""

RULED_OUT = {PolicyMode.NO_REUSE: Action.REUSE, PolicyMode.NO_SKIP: Action.SKIP}
"""The action that a mode rules out."""


class Policies(nn.Module):
    """Chooses the actions at all fusion sites, over clips and as a stream."""

    def memory_size(self, index: int) -> int:
        """Return the length of the vector that a stream remembers for a site."""
        raise NotImplementedError

    def clip_actions(self, index: int, pooled: Tensor, *, sample: bool) -> Tensor:
        """Return one-hot actions of shape (B, T, C, A).

        Args:
            index: Index of the fusion site.
            pooled: Pooled input of the site at every frame, of shape (B, T, C_in).
            sample: Whether to draw the actions, as in training.
        """
        raise NotImplementedError

    def step_actions(self, index: int, memory: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """Return one-hot actions of shape (B, C, A) and the memory for the next frame.

        Args:
            index: Index of the fusion site.
            memory: Left by the previous frame, of shape (B, memory_size); zeros at the first one.
            pooled: Pooled input of the site at this frame, of shape (B, C_in).
        """
        raise NotImplementedError


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


class PolicyBank(Policies):
    """The policy networks of all fusion sites.

    Each network sees the pooled input of the previous and of this frame. The batch norm between its
    two layers, as in the published models, belongs to one site even if the layers are shared.
    """

    mask: Tensor

    def __init__(self, sites: Sequence[FusionSite], spec: PolicySpec) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.layers = nn.ModuleDict()
        self.norms = nn.ModuleList()
        self._in_channels = [site.in_channels for site in sites]
        for site in sites:
            hidden = spec.hidden_for(site.channels)
            shape_key = f"{site.in_channels}x{site.channels}"
            key = shape_key if spec.shared else site.name.replace(".", "_")
            if key not in self.layers:
                self.layers[key] = PolicyLayers(site.in_channels, site.channels, hidden)
            self.keys.append(key)
            self.norms.append(nn.BatchNorm1d(hidden))
        self._ruled_out = RULED_OUT.get(spec.mode)
        mask = torch.zeros(len(Action))
        if self._ruled_out is not None:
            mask[self._ruled_out] = FORBIDDEN_LOGIT
        self.register_buffer("mask", mask, persistent=False)

    def set_keep_bias(self, bias: float) -> None:
        """Make every channel inclined to be kept, by the bias of the logit of `Action.KEEP`.

        Otherwise a network that was first trained dense would lose two thirds of its channels at
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
        logits = logits.reshape(*logits.shape[:-1], -1, len(Action))
        return logits if self._ruled_out is None else logits + self.mask.to(logits.dtype)

    def memory_size(self, index: int) -> int:
        """Return the length of a pooled input."""
        return self._in_channels[index]

    def clip_actions(self, index: int, pooled: Tensor, *, sample: bool) -> Tensor:
        """Return one-hot actions of shape (B, T, C, A)."""
        # Zeros stand for the frame before the first.
        previous = torch.cat((torch.zeros_like(pooled[:, :1]), pooled[:, :-1]), dim=1)
        logits = self(index, previous.flatten(0, 1), pooled.flatten(0, 1))
        actions = choose_actions(logits, sample=sample)
        return actions.reshape(*pooled.shape[:2], -1, len(Action))

    def step_actions(self, index: int, memory: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """Return one-hot actions of shape (B, C, A), and the pooled input to remember."""
        return choose_actions(self(index, memory, pooled), sample=False), pooled

    def folded_weights(self) -> dict[str, Tensor]:
        """Return the last layers with the mode's mask folded in, by name; empty without a mask.

        An engine that runs these weights chooses as this network does without knowing the mode.
        """
        folded: dict[str, Tensor] = {}
        if self._ruled_out is None:
            return folded
        for key, layers in self.layers.items():
            assert isinstance(layers, PolicyLayers)
            weight = layers.fc1.weight.detach().clone()
            bias = layers.fc1.bias.detach().clone()
            weight[self._ruled_out :: len(Action)] = 0
            bias[self._ruled_out :: len(Action)] = FORBIDDEN_LOGIT
            folded[f"layers.{key}.fc1.weight"] = weight
            folded[f"layers.{key}.fc1.bias"] = bias
        return folded


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


PERIOD = 64
"""Frames after which a stream repeats its random actions."""


class RandomPolicies(Policies):
    """Draws every channel's action at every frame, whatever the frame shows.

    Training draws anew each time. Evaluation and streams read a table that was drawn once and is
    stored with the weights, so that a result repeats and is the same with every engine; each row
    has the mix as exactly as whole channels allow. A stream remembers the index of its frame.
    """

    mix: Tensor

    def __init__(self, sites: Sequence[FusionSite], spec: PolicySpec) -> None:
        super().__init__()
        assert spec.mix is not None, "PolicySpec asks for a mix in this mode"
        self.channels = [site.channels for site in sites]
        self.register_buffer("mix", torch.tensor(spec.mix), persistent=False)
        generator = torch.Generator("cpu").manual_seed(0)
        for index, channels in enumerate(self.channels):
            self.register_buffer(f"table{index}", _draw(channels, spec.mix, generator))

    def memory_size(self, index: int) -> int:
        """Return 1, for the index of the frame."""
        return 1

    def _at(self, index: int, frames: Tensor) -> Tensor:
        actions = self.get_buffer(f"table{index}")[frames.long() % PERIOD]
        return F.one_hot(actions.long(), len(Action)).to(self.mix.dtype)

    def clip_actions(self, index: int, pooled: Tensor, *, sample: bool) -> Tensor:
        """Return one-hot actions of shape (B, T, C, A)."""
        batch, frames = pooled.shape[:2]
        channels = self.channels[index]
        if not sample:
            table = self._at(index, torch.arange(frames, device=pooled.device))
            return table.expand(batch, -1, -1, -1)
        drawn = torch.multinomial(self.mix, batch * frames * channels, replacement=True)
        one_hot = F.one_hot(drawn, len(Action)).to(self.mix.dtype)
        return one_hot.reshape(batch, frames, channels, len(Action))

    def step_actions(self, index: int, memory: Tensor, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """Return one-hot actions of shape (B, C, A), and the index of the next frame."""
        return self._at(index, memory[:, 0]), (memory + 1) % PERIOD


def _draw(channels: int, mix: Sequence[float], generator: torch.Generator) -> Tensor:
    """Draw actions of shape (PERIOD, C), each row with the shares of the mix."""
    # On the CPU, whatever device the network is built for, so that the table is always the same.
    bounds = torch.tensor(mix, dtype=torch.float64, device="cpu").cumsum(0)
    # The centers of C equal intervals of [0, 1]: how many fall below each bound differs from the
    # mix by less than one channel.
    centers = (torch.arange(channels, dtype=torch.float64, device="cpu") + 0.5) / channels
    row = torch.bucketize(centers, bounds[:-1], right=True).float()
    shuffled = [
        row[torch.randperm(channels, generator=generator, device="cpu")] for _ in range(PERIOD)
    ]
    return torch.stack(shuffled)
