"""How often a locator is right: it finds a hand, or says that there is none."""

from __future__ import annotations

import torch
from torch import Tensor

from models.two_views.locating import CELL_PIXELS
from models.two_views.locator import HandMap

NEAR_SIZES = 0.5
"""Distance of the middles, in sizes of the hand, up to which a hand is found."""


def located_share(hands: HandMap, boxes: Tensor, view_height: int) -> Tensor:
    """Return the share of pictures in which the locator is right, a scalar.

    Args:
        hands: What it gave for N pictures.
        boxes: The hands, in heights of the view, of shape (N, 2, 3); NaN where there is none.
        view_height: Height of the whole view in pixels.
    """
    with torch.no_grad():
        columns = hands.boxes.shape[-1]
        cell = hands.scores[:, :-1].argmax(dim=1)
        said = hands.boxes.flatten(2).gather(2, cell[:, None, None].expand(-1, 3, 1))[..., 0]
        corner = torch.stack((cell % columns, cell // columns), dim=1) + 0.5
        middle = (corner + said[:, :2]) * (CELL_PIXELS / view_height)
        seen = hands.scores.softmax(dim=1)[:, -1] < 0.5
        away = (boxes[..., :2] - middle[:, None]).norm(dim=-1)
        near = (away < NEAR_SIZES * boxes[..., 2]).any(dim=1)  # of NaN, nothing is
        nowhere = ~torch.isfinite(boxes).all(dim=-1).any(dim=1)
        right: Tensor = (seen & near) | (~seen & nowhere)
        return right.float().mean()
