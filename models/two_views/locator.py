"""Says where the hand is in the whole view, from the feature maps of its network."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.two_views.locating import BOX_VALUES


class HandMap(NamedTuple):
    """What the locator gives for N pictures; `locating.locate` reads a box out of it.

    Attributes:
        scores: Of each cell of the grid, row by row, and last of "no hand", of shape
            (N, cells + 1); a softmax makes them probabilities.
        boxes: For each cell the box if the hand's middle is there: x and y of its middle from the
            cell's middle, in cells, and the binary logarithm of its size over
            `locating.TYPICAL_SIZE`, of shape (N, 3, rows, columns).
    """

    scores: Tensor
    boxes: Tensor


class Locator(nn.Module):
    """A small head on two feature maps.

    Args:
        fine_channels: Channels of the map with a stride of 8 pixels.
        coarse_channels: Channels of the map with a stride of 16 pixels.
        hidden: Channels in between.
    """

    def __init__(self, fine_channels: int, coarse_channels: int, hidden: int = 64) -> None:
        super().__init__()
        self.fine = nn.Conv2d(fine_channels, hidden, 1)
        self.coarse = nn.Conv2d(coarse_channels, hidden, 1)
        self.mix = nn.Conv2d(hidden, hidden, 3, padding=1)
        self.cells = nn.Conv2d(hidden, 1 + BOX_VALUES, 1)
        self.no_hand = nn.Linear(coarse_channels, 1)

    def forward(self, fine: Tensor, coarse: Tensor) -> HandMap:
        """Return what the maps, of shape (N, C, rows, columns) and half of that, tell."""
        spread = F.interpolate(self.coarse(coarse), size=fine.shape[-2:], mode="nearest")
        said = self.cells(F.relu(self.mix(F.relu(self.fine(fine) + spread))))
        nowhere = self.no_hand(coarse.mean(dim=(-2, -1)))
        return HandMap(torch.cat((said[:, 0].flatten(1), nowhere), dim=1), said[:, 1:])
