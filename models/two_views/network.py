"""A network of two views: the whole picture, small, and a square around the hand.

The classifier is linear in the features of both views and of the places, so its scores are a sum
of three parts: each view is an AdaFuse network whose classifier gives its own part. What lies
between the views, following the box and cutting the square, happens outside (`box`, `cropping`).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.network.adafuse import AdaFuse, StreamState
from models.network.backbones.base import SiteOperations
from models.network.fusion import ClipOperations, StepOperations
from models.spec import Method
from models.two_views.locating import sites_to_locate_in
from models.two_views.locator import HandMap, Locator
from models.two_views.spec import TwoViewSpec


class WholeClip(NamedTuple):
    """What the whole view gives for a clip.

    Attributes:
        logits: Its part of the scores, of shape (B, T, K).
        hands: Of the B * T pictures, clip by clip.
        actions: Per fused block one-hot actions of shape (B, T, C, A).
    """

    logits: Tensor
    hands: HandMap
    actions: tuple[Tensor, ...]


class WholeFrame(NamedTuple):
    """What the whole view gives for one frame of a stream.

    Attributes:
        logits: Its part of the scores, of shape (B, K).
        hands: Of the B pictures.
        state: For the next frame.
        actions: Per fused block the `Action` of each channel, int64 of shape (B, C).
        features: What the classifier read, of shape (B, F).
    """

    logits: Tensor
    hands: HandMap
    state: StreamState
    actions: tuple[Tensor, ...]
    features: Tensor


class _Tap:
    """Operations of a fusion site that keep the map that enters its block."""

    def __init__(self, operations: SiteOperations) -> None:
        self.operations = operations
        self.map: Tensor | None = None

    def shift(self, x: Tensor) -> Tensor:
        """Keep the block's input, and shift it."""
        self.map = x
        return self.operations.shift(x)

    def fuse(self, x: Tensor, y: Tensor) -> Tensor:
        """Fuse the block's convolution."""
        return self.operations.fuse(x, y)


class WholeView(AdaFuse):
    """AdaFuse over the whole picture, with a locator on its maps.

    Args:
        spec: The pair of networks.
        dropout: Probability of dropping a feature before the classifier, in training.

    Raises:
        ModelError: `spec` names a backbone that is unknown or has no maps to locate in.
    """

    def __init__(self, spec: TwoViewSpec, dropout: float = 0.0) -> None:
        super().__init__(spec.whole, dropout)
        fine, coarse = sites_to_locate_in(self.backbone.sites)
        self._fine, self._coarse = fine.name, coarse.name
        self.locator = Locator(fine.in_channels, coarse.in_channels, spec.locator_hidden)

    def _run(self, images: Tensor, operations: list[SiteOperations]) -> tuple[Tensor, HandMap]:
        """Return pooled features and where hands are, for images of shape (N, 3, H, W)."""
        taps = [_Tap(operation) for operation in operations]
        features = self.backbone(images, taps)
        maps = {site.name: tap.map for site, tap in zip(self.backbone.sites, taps, strict=True)}
        fine, coarse = maps[self._fine], maps[self._coarse]
        # Every site has been reached.
        assert fine is not None
        assert coarse is not None
        return features, self.locator(fine, coarse)

    def see_clip(self, clip: Tensor) -> WholeClip:
        """Run a batch of clips of shape (B, T, 3, H, W), sampling actions in training mode."""
        operations = clip_operations(self, clip.shape[1])
        features, hands = self._run(clip.flatten(0, 1), list(operations))
        logits = self.head(self.dropout(features)).unflatten(0, clip.shape[:2])
        taken = tuple(op.actions for op in operations if op.actions is not None)
        return WholeClip(logits, hands, taken)

    def see_frame(self, frame: Tensor, state: StreamState) -> WholeFrame:
        """Run one frame of shape (B, 3, H, W); stacked steps equal `see_clip` on the clip.

        Args:
            frame: Normalized RGB.
            state: From `init_state` or the previous step. It is read, never written.
        """
        operations = [
            StepOperations(site_state, *self._policies_at(site.name))
            for site, site_state in zip(self.backbone.sites, state, strict=True)
        ]
        features, hands = self._run(frame, list(operations))
        taken = tuple(op.actions for op in operations if op.actions is not None)
        next_state = tuple(op.next_state for op in operations)
        return WholeFrame(self.head(features), hands, next_state, taken, features)


def clip_operations(network: AdaFuse, frames: int) -> list[ClipOperations]:
    """Return what happens at the fusion sites of a network over a clip."""
    shift = None if network.spec.method is Method.TSN else network.spec.shift
    return [
        ClipOperations(
            frames,
            shift if site.shifts else None,
            *network._policies_at(site.name),
            sample=network.training,
        )
        for site in network.backbone.sites
    ]


class TwoViews(nn.Module):
    """Both views and the part of the classifier that reads the places.

    Args:
        spec: What to build.
        dropout: Probability of dropping a feature before the classifiers, in training.

    Raises:
        ModelError: `spec` names a backbone that is unknown or has no maps to locate in.
    """

    def __init__(self, spec: TwoViewSpec, dropout: float = 0.0) -> None:
        super().__init__()
        self.spec = spec
        self.whole = WholeView(spec, dropout)
        self.crop = AdaFuse(spec.crop, dropout)
        self.place = nn.Sequential(
            nn.Linear(spec.read_values, spec.place_hidden),
            nn.ReLU(),
            nn.Linear(spec.place_hidden, spec.place_hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(spec.place_hidden, len(spec.whole.labels), bias=False),
        )

    def score_clip(self, whole: WholeClip, squares: Tensor, places: Tensor) -> Tensor:
        """Return scores of every frame, of shape (B, T, K); the clip's score is their mean.

        Args:
            whole: What the whole view gave.
            squares: Normalized RGB around the hand, of shape (B, T, 3, S, S).
            places: Of every frame as `box.follow` gives them, and behind that as
                `joints.joint_values` does, of shape (B, T, `spec.read_values`).
        """
        own = self.crop(squares).logits[..., : len(self.spec.whole.labels)]
        scores: Tensor = whole.logits + own + self.place(places)
        return scores


def places_of_clip(values: Tensor, history: int) -> Tensor:
    """Return what `box.follow` gives frame by frame, for whole clips.

    Args:
        values: Place values of every frame, of shape (B, T, 4).
        history: Frames whose places the classifier sees.

    Returns:
        Shape (B, T, history * 4): this frame's values, and how far it is from those before.
    """
    parts = [values]
    for age in range(1, history):
        before = torch.cat((torch.zeros_like(values[:, :age]), values[:, :-age]), dim=1)
        parts.append(values - before[:, : values.shape[1]])
    return torch.cat(parts, dim=-1)
