"""Actions drawn at random in a given mix: what a learned policy has to beat (paper, Table 6)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from models.network.backbones.base import FusionSite
from models.network.policy import Policies
from models.spec import PolicySpec
from models.trace import Action

PERIOD = 64
"""Frames after which a stream draws the same actions again."""


class RandomPolicies(Policies):
    """Draws every channel's action at every frame, whatever the frame shows.

    Training draws anew each time. Evaluation and streams read a table that was drawn once and is
    kept with the weights, so that a result repeats and every engine gives the same one; each of
    its rows has the mix as exactly as whole channels allow. A stream remembers its frame's number.
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
        """Return 1: the number of the frame."""
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
        """Return one-hot actions of shape (B, C, A), and the number of the next frame."""
        return self._at(index, memory[:, 0]), (memory + 1) % PERIOD


def _draw(channels: int, mix: Sequence[float], generator: torch.Generator) -> Tensor:
    """Draw actions of shape (PERIOD, C), each row with the shares of the mix."""
    # On the CPU, whatever device the network is built for, so that all get the same table.
    bounds = torch.tensor(mix, dtype=torch.float64, device="cpu").cumsum(0)
    # Places in the middle of each of C equal parts of [0, 1]: how many fall below each bound
    # differs from the mix by less than one channel.
    places = (torch.arange(channels, dtype=torch.float64, device="cpu") + 0.5) / channels
    row = torch.bucketize(places, bounds[:-1], right=True).float()
    shuffled = [
        row[torch.randperm(channels, generator=generator, device="cpu")] for _ in range(PERIOD)
    ]
    return torch.stack(shuffled)
