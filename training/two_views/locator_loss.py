"""What the locator is asked for: a softmax over cells and "no hand", and boxes at the hands."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from models.two_views.locating import TYPICAL_SIZE
from models.two_views.locator import HandMap

SECOND_HAND_WEIGHT = 0.7
"""Weight of the other hand's cells; the hand that makes the gesture has 1."""

_SPREAD = 0.18
_LEAST_SPREAD_CELLS = 0.45
_LEAST_BOX_WEIGHT = 0.3


def locator_loss(hands: HandMap, boxes: Tensor, view_height_cells: float) -> Tensor:
    """Return the cross-entropy of the place plus the error of the boxes near the hands, a scalar.

    Args:
        hands: What the locator gave for N pictures.
        boxes: The main and the other hand's box in heights of the view, of shape (N, 2, 3); NaN
            where there is none.
        view_height_cells: Height of the view in cells.
    """
    rows, columns = hands.boxes.shape[-2:]
    present = torch.isfinite(boxes).all(dim=-1)[..., None, None]
    known = torch.nan_to_num(boxes, nan=1.0)[..., None, None]
    x, y, size = (known * view_height_cells).unbind(dim=2)
    across = (torch.arange(columns, device=boxes.device) + 0.5).expand(rows, columns)
    down = (torch.arange(rows, device=boxes.device)[:, None] + 0.5).expand(rows, columns)
    right, below = x - across, y - down
    spread = (_SPREAD * size).clamp(min=_LEAST_SPREAD_CELLS)
    near = torch.exp(-(right**2 + below**2) / (2 * spread**2)) * present
    place = _place_loss(hands.scores, near)
    scale = torch.log2(known[:, :, 2].clamp(min=1e-3) / TYPICAL_SIZE).expand_as(right)
    return place + _box_loss(hands.boxes, torch.stack((right, below, scale), dim=2), near)


def _place_loss(scores: Tensor, near: Tensor) -> Tensor:
    """Return the cross-entropy with cells spread around the hands, or with "no hand"."""
    share = near / near.sum(dim=(-2, -1), keepdim=True).clamp(min=1e-6)
    share = share * share.new_tensor((1.0, SECOND_HAND_WEIGHT))[:, None, None]
    cells = share.sum(dim=1).flatten(1)
    total = cells.sum(dim=1, keepdim=True)
    wanted = torch.cat((cells / total.clamp(min=1e-6), (total == 0).to(cells.dtype)), dim=1)
    return -(wanted * scores.log_softmax(dim=1)).sum(dim=1).mean()


def _box_loss(said: Tensor, wanted: Tensor, near: Tensor) -> Tensor:
    """Return the error of the boxes in cells near a hand's middle, each asked for its nearest hand.

    Args:
        said: Of shape (N, 3, rows, columns).
        wanted: For each hand what the cells should say, of shape (N, 2, 3, rows, columns).
        near: How near each hand's middle is, 0 to 1, of shape (N, 2, rows, columns).
    """
    peak = near.amax(dim=(-2, -1), keepdim=True).clamp(min=1e-6)
    weight = near / peak
    nearest = weight == weight.amax(dim=1, keepdim=True)
    weight = weight * nearest * (weight > _LEAST_BOX_WEIGHT)
    error = F.smooth_l1_loss(said[:, None].expand_as(wanted), wanted, reduction="none", beta=0.3)
    return (error.sum(dim=2) * weight).sum() / weight.sum().clamp(min=1.0)
