"""A classifier is fitted to streams without forgetting clips."""

from __future__ import annotations

import numpy as np
import torch

from models.linear_head import LinearHead
from training.refit.features import LabeledFeatures
from training.refit.head import accuracy, refit_head


def data(labels: list[int], *places: tuple[float, float]) -> LabeledFeatures:
    """Return features around the places of their labels."""
    noise = torch.randn(len(labels), 2, generator=torch.Generator().manual_seed(1))
    return LabeledFeatures(torch.tensor(places)[labels] + 0.1 * noise, torch.tensor(labels))


OLD = LinearHead(np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 0.0]]), np.zeros(3))
CLIPS = data([0, 1] * 20, (3.0, 0.0), (-3.0, 0.0), (0.0, 0.0))
# In streams something else looks like the first label but for what the old one does not look at.
STREAMS = data([0, 1, 2] * 20, (3.0, 0.0), (-3.0, 0.0), (3.0, 4.0))


def distance(head: LinearHead) -> float:
    return float(np.linalg.norm(head.weight - OLD.weight))


def test_it_learns_what_streams_show_and_keeps_what_clips_taught() -> None:
    assert accuracy(OLD, STREAMS) < 0.7
    new = refit_head(OLD, STREAMS, CLIPS, clip_weight=1.0, pull=0.001)
    assert accuracy(new, STREAMS) > 0.95
    assert accuracy(new, CLIPS) == 1.0


def test_the_pull_holds_it_where_it_was() -> None:
    far = refit_head(OLD, STREAMS, CLIPS, clip_weight=1.0, pull=0.01)
    near = refit_head(OLD, STREAMS, CLIPS, clip_weight=1.0, pull=1e6)
    assert distance(near) < 1e-3 < distance(far)


def test_it_depends_on_nothing_but_the_data() -> None:
    order = torch.randperm(60, generator=torch.Generator().manual_seed(2))
    shuffled = LabeledFeatures(STREAMS.values[order], STREAMS.labels[order])
    one, other = (
        refit_head(OLD, steps, CLIPS, clip_weight=2.0, pull=0.03) for steps in (STREAMS, shuffled)
    )
    np.testing.assert_allclose(one.weight, other.weight, atol=1e-3, rtol=1e-3)
