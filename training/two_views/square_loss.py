"""What the square's network is asked for besides labels: whether a hand is there, and where."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from models.two_views.spec import TwoViewSpec

_BEYOND_EDGE = 0.05
_MOST_OCTAVES = 1.8
_OCTAVE_WEIGHT = 0.25
_BETA = 0.1
_FAR = 1e9


class SquareTargets(NamedTuple):
    """What `box.SQUARE_VALUES` should be.

    Attributes:
        boxes: The hand's middle from the box's, in sizes of the box, and the binary logarithm of
            its size over the box's, of shape (B, T, 3); zeros where there is no hand.
        present: Whether a hand is in the square, float of shape (B, T).
    """

    boxes: Tensor
    present: Tensor


def square_targets(hands: Tensor, places: Tensor, spec: TwoViewSpec) -> SquareTargets:
    """Return the hand nearest to each box, if it is in the square.

    Args:
        hands: Boxes of the hands in heights of the view, of shape (B, T, 2, 3); NaN where none is.
        places: Place values of the boxes that squares were cut around, of shape (B, T, 4).
        spec: The network.
    """
    middle = places[..., :2] + places.new_tensor((spec.aspect / 2, 0.5))
    size = places[..., 2].exp()[..., None, None]
    away = (hands[..., :2] - middle[..., None, :]) / size
    octaves = torch.log2(hands[..., 2:] / size)
    relative = torch.cat((away, octaves), dim=-1)
    weight = relative.new_tensor((1.0, 1.0, _OCTAVE_WEIGHT))
    distance = (weight * relative.square()).sum(dim=-1).nan_to_num(nan=_FAR)
    nearest = distance.argmin(dim=-1)[..., None, None].expand(*distance.shape[:-1], 1, 3)
    box = relative.gather(-2, nearest).squeeze(-2)
    reach = 0.5 / spec.box.hand_share + _BEYOND_EDGE
    limits = box.new_tensor((reach, reach, _MOST_OCTAVES))
    present = (box.abs() < limits).all(dim=-1)  # of NaN, nothing is
    return SquareTargets(torch.where(present[..., None], box, 0.0), present.to(box.dtype))


def presence_loss(values: Tensor, targets: SquareTargets) -> Tensor:
    """Return the binary cross-entropy of presence, a scalar.

    Args:
        values: The network's `box.SQUARE_VALUES`, of shape (B, T, 4).
        targets: What they should be.
    """
    return F.binary_cross_entropy_with_logits(values[..., 3], targets.present)


def square_box_loss(values: Tensor, targets: SquareTargets) -> Tensor:
    """Return the mean error of the boxes where a hand is present, a scalar."""
    error = F.smooth_l1_loss(values[..., :3], targets.boxes, reduction="none", beta=_BETA)
    present = targets.present
    return (error.sum(dim=-1) * present).sum() / present.sum().clamp(min=1.0)
