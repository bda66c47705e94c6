"""What the square's network is asked for besides labels: whether a hand is there, and where."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.two_views.box import SQUARE_VALUES
from models.two_views.joints import joint_windows, joints_around
from models.two_views.spec import TwoViewSpec
from training.two_views.scene import JOINTS

NEAR_ENOUGH = 0.1
"""Distance from a joint, in sizes of the hand, up to which it counts as found."""

_BEYOND_EDGE = 0.05
_MOST_OCTAVES = 1.8
_OCTAVE_WEIGHT = 0.25
_BETA = 0.1
_JOINT_BETA = 0.05
_FAR = 1e9


class SquareTargets(NamedTuple):
    """What `box.SQUARE_VALUES` should be.

    Attributes:
        boxes: The hand's middle from the box's, in sizes of the box, and the binary logarithm of
            its size over the box's, of shape (B, T, 3); zeros where there is no hand.
        present: Whether a hand is in the square, float of shape (B, T).
        nearest: Index of the hand nearest to the box, of shape (B, T).
    """

    boxes: Tensor
    present: Tensor
    nearest: Tensor


class JointTargets(NamedTuple):
    """Where the joints are of the hand that is nearest to the box.

    Attributes:
        joints: From the box's middle, in sizes of the box, of shape (B, T, `JOINT_OUTPUTS`); zeros
            where they are not known.
        known: Whether the hand is in the square and its joints are known, float of shape (B, T).
    """

    joints: Tensor
    known: Tensor


def square_targets(hands: Tensor, places: Tensor, spec: TwoViewSpec) -> SquareTargets:
    """Return the hand nearest to each box, if it is in the square.

    Args:
        hands: Boxes of the hands in heights of the view, of shape (B, T, 2, 3); NaN where none is.
        places: Place values of the boxes that squares were cut around, of shape (B, T, 4).
        spec: The network.
    """
    middle, size = _middle_and_size(places, spec)
    away = (hands[..., :2] - middle[..., None, :]) / size[..., None, None]
    octaves = torch.log2(hands[..., 2:] / size[..., None, None])
    relative = torch.cat((away, octaves), dim=-1)
    weight = relative.new_tensor((1.0, 1.0, _OCTAVE_WEIGHT))
    distance = (weight * relative.square()).sum(dim=-1).nan_to_num(nan=_FAR)
    nearest = distance.argmin(dim=-1)
    chosen = nearest[..., None, None].expand(*nearest.shape, 1, 3)
    box = relative.gather(-2, chosen).squeeze(-2)
    reach = 0.5 / spec.box.hand_share + _BEYOND_EDGE
    limits = box.new_tensor((reach, reach, _MOST_OCTAVES))
    present = (box.abs() < limits).all(dim=-1)  # of NaN, nothing is
    boxes = torch.where(present[..., None], box, 0.0)
    return SquareTargets(boxes, present.to(box.dtype), nearest)


def joint_targets(
    joints: Tensor, places: Tensor, targets: SquareTargets, spec: TwoViewSpec
) -> JointTargets:
    """Return the joints of the hand that `square_targets` asks for.

    Args:
        joints: In heights of the view, of shape (B, T, 2, 21, 2); NaN where they are not known.
        places: Place values of the boxes that squares were cut around, of shape (B, T, 4).
        targets: The hand.
        spec: The network.
    """
    middle, size = _middle_and_size(places, spec)
    chosen = targets.nearest[..., None, None, None].expand(*places.shape[:2], 1, JOINTS, 2)
    of_hand = joints.gather(2, chosen).squeeze(2)
    relative = ((of_hand - middle[..., None, :]) / size[..., None, None]).flatten(-2)
    known = torch.isfinite(relative).all(dim=-1) & (targets.present > 0)
    return JointTargets(torch.where(known[..., None], relative, 0.0), known.to(places.dtype))


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
    return _mean_over(error.sum(dim=-1), targets.present)


def joint_loss(values: Tensor, targets: JointTargets) -> Tensor:
    """Return the mean error of a joint's place, over the hands whose joints are known, a scalar.

    Args:
        values: Of shape (B, T, `JOINT_OUTPUTS`).
        targets: What they should be.
    """
    error = F.smooth_l1_loss(values, targets.joints, reduction="none", beta=_JOINT_BETA)
    return _mean_over(error.mean(dim=-1), targets.known)


def found_joints(values: Tensor, targets: JointTargets, hands: SquareTargets) -> Tensor:
    """Return the share of the known joints that are `NEAR_ENOUGH` (PCK@0.1), a scalar.

    Args:
        values: Of shape (B, T, `JOINT_OUTPUTS`).
        targets: What they should be.
        hands: The hands that the joints belong to.
    """
    off = (values - targets.joints).reshape(*values.shape[:-1], JOINTS, 2)
    away = torch.linalg.vector_norm(off, dim=-1)
    near = away <= NEAR_ENOUGH * hands.boxes[..., 2:].exp2()
    return _mean_over(near.to(away.dtype).mean(dim=-1), targets.known)


def read_joints(values: Tensor, places: Tensor, spec: TwoViewSpec) -> Tensor:
    """Return what the classifier reads of the joints that the square's network says.

    It learns to read them as they are: no gradient flows back into the square's network.

    Args:
        values: The network's further outputs, of shape (B, T, 4 + `JOINT_OUTPUTS`).
        places: Place values of the boxes that squares were cut around, of shape (B, T, 4).
        spec: The network.

    Returns:
        Shape (B, T, `joint_history` * `JOINT_VALUES`), on the device of `values`.
    """
    said, at = (tensor.detach().float().cpu().numpy() for tensor in (values, places))
    joints = joints_around(said[..., SQUARE_VALUES:], at[..., :2], np.exp(at[..., 2]))
    seen = torch.sigmoid(values[..., SQUARE_VALUES - 1]) > spec.box.held_above
    windows = joint_windows(joints, seen.cpu().numpy(), spec.joint_history)
    return torch.from_numpy(windows).to(values.device)


def _middle_and_size(places: Tensor, spec: TwoViewSpec) -> tuple[Tensor, Tensor]:
    """Return boxes of shapes (B, T, 2) and (B, T), in heights of the view, from place values."""
    middle = places[..., :2] + places.new_tensor((spec.aspect / 2, 0.5))
    return middle, places[..., 2].exp()


def _mean_over(error: Tensor, weight: Tensor) -> Tensor:
    return (error * weight).sum() / weight.sum().clamp(min=1.0)
