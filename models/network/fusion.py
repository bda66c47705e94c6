"""Adaptive temporal fusion (paper, Eq. 3) and the temporal shift, over whole clips and as a stream.

The same two operations exist twice: `ClipOperations` sees all frames of a clip at once,
`StepOperations` sees one frame and the explicit state that the previous one left. Tests check that
their results are equal.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from models.network.backbones.layouts.base import shifted_channels
from models.network.policy import Policies
from models.spec import Shift
from models.trace import Action


def fuse(actions: Tensor, raw: Tensor, raw_previous: Tensor) -> Tensor:
    """Keep, reuse or skip each channel (paper, Eq. 3).

    Args:
        actions: One-hot actions of shape (..., C, A).
        raw: Raw output y[t] of shape (..., C, H, W).
        raw_previous: Raw output y[t-1], before its own fusion, of the same shape; zeros before the
            first frame.
    """
    mask = actions.to(raw.dtype)[..., None, None]
    return mask[..., Action.KEEP, :, :] * raw + mask[..., Action.REUSE, :, :] * raw_previous


def previous_frame(x: Tensor) -> Tensor:
    """Delay a clip of shape (B, T, ...): frame t holds what was at t - 1, and frame 0 zeros."""
    return torch.cat((torch.zeros_like(x[:, :1]), x[:, :-1]), dim=1)


def shift_clip(x: Tensor, direction: Shift) -> Tensor:
    """Shift some of the channels of a clip of shape (B, T, C, H, W) in time."""
    fold = shifted_channels(x.shape[2])
    parts = [previous_frame(x[:, :, :fold])]
    rest = fold
    if direction is Shift.TWO_WAY:
        coming = x[:, 1:, fold : 2 * fold]
        parts.append(torch.cat((coming, torch.zeros_like(x[:, :1, fold : 2 * fold])), dim=1))
        rest = 2 * fold
    return torch.cat((*parts, x[:, :, rest:]), dim=2)


def _pool(x: Tensor) -> Tensor:
    return x.mean(dim=(-2, -1))


class ClipOperations:
    """One fusion site over a whole clip; remembers the actions that it took."""

    def __init__(
        self,
        frames: int,
        shift: Shift | None,
        policies: Policies | None,
        index: int,
        *,
        sample: bool,
    ) -> None:
        """Set up the site for one run.

        Args:
            frames: T; the batch of images is (B * T, ...), frame by frame.
            shift: Direction of the temporal shift; None for no shift.
            policies: Choose the actions; None if this site keeps every channel.
            index: Index of this site among the fused ones.
            sample: Whether to sample actions, as in training.
        """
        self._frames = frames
        self._shift = shift
        self._policies = policies
        self._index = index
        self._sample = sample
        self.actions: Tensor | None = None

    def _as_clip(self, x: Tensor) -> Tensor:
        return x.reshape(-1, self._frames, *x.shape[1:])

    def shift(self, x: Tensor) -> Tensor:
        """Apply the temporal shift to images of shape (B * T, C, H, W)."""
        if self._shift is None:
            return x
        return shift_clip(self._as_clip(x), self._shift).flatten(0, 1)

    def fuse(self, x: Tensor, y: Tensor) -> Tensor:
        """Fuse the raw output `y`, deciding by the input `x`; both of shape (B * T, ...)."""
        if self._policies is None:
            return y
        pooled = self._as_clip(_pool(x))
        self.actions = self._policies.clip_actions(self._index, pooled, sample=self._sample)
        raw = self._as_clip(y)
        return fuse(self.actions, raw, previous_frame(raw)).flatten(0, 1)


class SiteState(NamedTuple):
    """What one fusion site remembers of the previous frame; None for what it does not need.

    Attributes:
        shifted: Unshifted input channels that the temporal shift hands on, of shape (B, C_in / 8,
            H, W).
        memory: What the policy remembers, of shape (B, M); the pooled input of the fused
            convolution for policy networks.
        raw: Raw output of the fused convolution, of shape (B, C, H', W').
    """

    shifted: Tensor | None
    memory: Tensor | None
    raw: Tensor | None


class StepOperations:
    """One fusion site at one frame of a stream; the state goes in, and `next_state` comes out."""

    def __init__(self, state: SiteState, policies: Policies | None, index: int) -> None:
        """Set up the site for one frame.

        Args:
            state: What this site remembers of the previous frame.
            policies: Choose the actions; None if this site keeps every channel.
            index: Index of this site among the fused ones.
        """
        self._state = state
        self._policies = policies
        self._index = index
        self.next_state = SiteState(None, None, None)
        self.actions: Tensor | None = None

    def shift(self, x: Tensor) -> Tensor:
        """Apply the one-way temporal shift to images of shape (B, C, H, W)."""
        arriving = self._state.shifted
        if arriving is None:
            return x
        fold = arriving.shape[1]
        self.next_state = self.next_state._replace(shifted=x[:, :fold].clone())
        return torch.cat((arriving, x[:, fold:]), dim=1)

    def fuse(self, x: Tensor, y: Tensor) -> Tensor:
        """Fuse the raw output `y`, deciding by the input `x`; both of shape (B, ...)."""
        memory, raw = self._state.memory, self._state.raw
        if self._policies is None or memory is None or raw is None:
            return y
        actions, memory = self._policies.step_actions(self._index, memory, _pool(x))
        self.next_state = self.next_state._replace(memory=memory, raw=y)
        self.actions = actions.argmax(dim=-1)
        return fuse(actions, y, raw)
