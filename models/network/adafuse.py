"""AdaFuse (Meng et al., ICLR 2021): a backbone fused over time, and a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.errors import ModelError
from models.network.backbones.layouts.base import FusionSite, shifted_channels
from models.network.backbones.registry import build_backbone
from models.network.fusion import ClipOperations, SiteState, StepOperations
from models.network.policy import Policies, PolicyBank, RandomPolicies
from models.spec import Method, ModelSpec, PolicyMode, PolicySpec, Shift

StreamState = tuple[SiteState, ...]
"""State of a stream: one entry for each fusion site of the backbone."""


class ClipResult(NamedTuple):
    """Output for a batch of clips.

    Attributes:
        logits: Scores of every frame, of shape (B, T, K); the clip's score is their mean over T.
        actions: One-hot actions of every fused block, of shape (B, T, C, A), from input to output.
        features: What the classifier read of every frame, of shape (B, T, F); some of it dropped in
            training mode.
    """

    logits: Tensor
    actions: tuple[Tensor, ...]
    features: Tensor


class FrameResult(NamedTuple):
    """Output for one frame of a stream.

    Attributes:
        logits: Scores of this frame, of shape (B, K).
        state: State for the next frame.
        actions: The `Action` of each channel, for every fused block from input to output, int64 of
            shape (B, C).
        features: What the classifier read, of shape (B, F).
    """

    logits: Tensor
    state: StreamState
    actions: tuple[Tensor, ...]
    features: Tensor


class AdaFuse(nn.Module):
    """The whole network, over clips and as a stream."""

    def __init__(self, spec: ModelSpec, dropout: float = 0.0) -> None:
        """Build the network with random weights.

        Args:
            spec: What to build.
            dropout: Probability of dropping a feature before the classifier, in training.

        Raises:
            ModelError: `spec` names an unknown backbone.
        """
        super().__init__()
        self.spec = spec
        self.backbone = build_backbone(spec.backbone, spec.width)
        last_stage = max(site.stage for site in self.backbone.sites)
        fused = [
            site
            for site in self.backbone.sites
            if spec.fuses and (spec.method is not Method.TSM_LAST or site.stage == last_stage)
        ]
        self.fused_sites = tuple(fused)
        self._policy_index = {site.name: index for index, site in enumerate(fused)}
        self.policies = _policies(fused, spec.policy)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.backbone.feature_count, spec.outputs)

    def _policies_at(self, name: str) -> tuple[Policies | None, int]:
        index = self._policy_index.get(name)
        return (None, 0) if index is None else (self.policies, index)

    def forward(self, clip: Tensor) -> ClipResult:
        """Run a batch of clips of shape (B, T, 3, H, W), sampling actions in training mode."""
        shift = None if self.spec.method is Method.TSN else self.spec.shift
        operations = [
            ClipOperations(
                clip.shape[1],
                shift if site.shifts else None,
                *self._policies_at(site.name),
                sample=self.training,
            )
            for site in self.backbone.sites
        ]
        features = self.dropout(self.backbone(clip.flatten(0, 1), operations))
        logits, read = (x.unflatten(0, clip.shape[:2]) for x in (self.head(features), features))
        taken = tuple(op.actions for op in operations if op.actions is not None)
        return ClipResult(logits, taken, read)

    def init_state(self, batch: int = 1) -> StreamState:
        """Return the state before the first frame: zeros, every tensor in storage of its own.

        Raises:
            ModelError: The network looks ahead in time and cannot run as a stream.
        """
        if not self.spec.can_stream:
            raise ModelError(
                "A network with a two-way temporal shift looks one frame ahead and cannot run "
                "live; train it with shift: one_way."
            )
        reference = next(self.backbone.parameters())

        def zeros(channels: int, stride: int | None) -> Tensor:
            # Rounded up, as every strided layer of the backbones does.
            sides = (self.spec.input_height, self.spec.input_width)
            size = () if stride is None else tuple(-(-side // stride) for side in sides)
            return torch.zeros(
                batch, channels, *size, dtype=reference.dtype, device=reference.device
            )

        shifts = self.spec.method is not Method.TSN and self.spec.shift is Shift.ONE_WAY
        states = []
        for site in self.backbone.sites:
            policies, index = self._policies_at(site.name)
            fold = shifted_channels(site.in_channels)
            states.append(
                SiteState(
                    shifted=zeros(fold, site.in_stride) if shifts and site.shifts else None,
                    memory=zeros(policies.memory_size(index), None) if policies else None,
                    raw=zeros(site.channels, site.stride) if policies else None,
                )
            )
        return tuple(states)

    def step(self, frame: Tensor, state: StreamState) -> FrameResult:
        """Run one frame. In evaluation mode, the steps over a clip equal `forward` on that clip.

        Args:
            frame: Normalized RGB of shape (B, 3, H, W).
            state: From `init_state` or the previous step. It is read, never written.
        """
        operations = [
            StepOperations(site_state, *self._policies_at(site.name))
            for site, site_state in zip(self.backbone.sites, state, strict=True)
        ]
        features = self.backbone(frame, operations)
        taken = tuple(op.actions for op in operations if op.actions is not None)
        next_state = tuple(op.next_state for op in operations)
        return FrameResult(self.head(features), next_state, taken, features)


def _policies(
    fused: Sequence[FusionSite], spec: PolicySpec | None
) -> PolicyBank | RandomPolicies | None:
    if spec is None or not fused:
        return None
    return (
        RandomPolicies(fused, spec) if spec.mode is PolicyMode.RANDOM else PolicyBank(fused, spec)
    )
