"""Streaming equals whole, the locator's answer is read as it was taught, and cost counts it all."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from models.errors import ModelError
from models.flops import clip_cost
from models.network.backbones.base import Backbone
from models.network.cost import measure_cost
from models.two_views.cost import two_view_cost
from models.two_views.locating import CELL_PIXELS, TYPICAL_SIZE, locate
from models.two_views.network import TwoViews
from models.two_views.spec import TwoViewSpec
from tests.models.networks import tiny_spec
from tests.models.two_views.networks import tiny_pair, tiny_two_views

FRAMES = 5


@pytest.mark.parametrize("backbone", ["resnet18", "mobilenet_v2"])
def test_the_whole_view_streams_what_it_says_of_clips(backbone: str) -> None:
    network = tiny_two_views(tiny_pair(tiny_spec(backbone=backbone))).whole
    clip = torch.randn(2, FRAMES, 3, 32, 48)
    with torch.no_grad():
        whole = network.see_clip(clip)
        state = network.init_state(2)
        for index in range(FRAMES):
            frame = network.see_frame(clip[:, index], state)
            state = frame.state
            torch.testing.assert_close(frame.logits, whole.logits[:, index])
            for part, of_clip in zip(frame.hands, whole.hands, strict=True):
                torch.testing.assert_close(
                    part, of_clip.reshape(2, FRAMES, *of_clip.shape[1:])[:, index]
                )
            for actions, of_clip in zip(frame.actions, whole.actions, strict=True):
                assert (of_clip[:, index].argmax(-1) == actions).all()


def test_without_a_locator_the_whole_view_is_the_network_that_engines_run() -> None:
    network = tiny_two_views(tiny_pair()).whole
    clip = torch.randn(1, FRAMES, 3, 32, 48)
    with torch.no_grad():
        torch.testing.assert_close(network.see_clip(clip).logits, network(clip).logits)


def test_scores_are_the_sum_of_both_views_and_the_places() -> None:
    network = tiny_two_views(tiny_pair())
    clip, squares = torch.randn(1, FRAMES, 3, 32, 48), torch.randn(1, FRAMES, 3, 32, 32)
    places = torch.randn(1, FRAMES, 16)
    with torch.no_grad():
        whole = network.whole.see_clip(clip)
        scores = network.score_clip(whole, squares, places)
        own = network.crop(squares).logits[..., : len(network.spec.whole.labels)]
        parts = whole.logits + own + network.place(places)
    assert scores.shape == (1, FRAMES, 4)
    torch.testing.assert_close(scores, parts)


def test_the_grid_covers_views_that_cells_do_not_divide() -> None:
    spec = replace(tiny_spec(), input_height=40, input_width=56)
    with torch.no_grad():
        hands = tiny_two_views(tiny_pair(spec)).whole.see_clip(torch.randn(1, 2, 3, 40, 56)).hands
    assert hands.boxes.shape == (2, 3, 5, 7)
    assert hands.scores.shape == (2, 5 * 7 + 1)


def test_a_box_is_read_at_the_likeliest_cell() -> None:
    scores, boxes = np.zeros(4 * 6 + 1, np.float32), np.zeros((3, 4, 6), np.float32)
    scores[2 * 6 + 3] = 12.0
    boxes[:, 2, 3] = 0.5, -0.25, 1.0
    located = locate(scores, boxes, 4 * CELL_PIXELS)
    assert located.box == pytest.approx((4.0 / 4, 2.25 / 4, 2 * TYPICAL_SIZE))
    assert located.presence == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("nowhere", [-1e4, 1e4])
def test_presence_is_finite_for_scores_far_apart(nowhere: float) -> None:
    scores = np.zeros(7, np.float32)
    scores[-1] = nowhere
    located = locate(scores, np.zeros((3, 2, 3), np.float32), 2 * CELL_PIXELS)
    assert located.presence == (1.0 if nowhere < 0 else 0.0)


def test_cost_counts_both_views_the_locator_and_the_places() -> None:
    network = tiny_two_views(tiny_pair())
    cost = two_view_cost(network)
    views = [measure_cost(view) for view in (network.whole, network.crop)]
    assert len(cost.sites) == sum(len(view.sites) for view in views)
    assert {site.name.split(".")[0] for site in cost.sites} == {"whole", "crop"}
    cells, coarse = 4 * 6, 2 * 3
    wide, deep = network.whole.locator.fine.in_channels, network.whole.locator.coarse.in_channels
    locator = cells * (8 * (wide + 1) + 8 + 8 * (72 + 1) + 4 * 9)
    locator += coarse * (8 * (deep + 1) + deep) + deep + 1
    places = 17 * 8 + 9 * 8 + 8 * 4 + 2 * 4
    assert cost.fixed == sum(view.fixed for view in views) + locator + places


def test_eq_5_counts_the_actions_of_both_views_in_one_sum() -> None:
    network = tiny_two_views(tiny_pair())
    with torch.no_grad():
        whole = network.whole.see_clip(torch.randn(1, FRAMES, 3, 32, 48))
        crop = network.crop(torch.randn(1, FRAMES, 3, 32, 32))
    cost = two_view_cost(network)
    together = clip_cost(cost, [*whole.actions, *crop.actions], FRAMES)
    assert 0 < float(together) < FRAMES * (cost.dense + cost.policy)


def test_views_that_do_not_fit_each_other_are_refused() -> None:
    whole = tiny_spec()
    square = replace(whole, input_height=32, input_width=32)
    for crop, problem in (
        (replace(square, frames=4), "same frames"),
        (replace(square, labels=("a", "b"), silent_labels=()), "same labels"),
        (whole, "square"),
    ):
        with pytest.raises(ValueError, match=problem):
            TwoViewSpec(whole=whole, crop=crop)


def test_dense_views_are_fine() -> None:
    network = TwoViews(tiny_pair(tiny_spec(policy=None)))
    assert two_view_cost(network).policy == 0
    assert network.whole.see_clip(torch.randn(1, 2, 3, 32, 48)).actions == ()


def test_a_backbone_without_such_maps_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    shallow = property(
        lambda self: tuple(s for s in self.layout.sites if s.in_stride < CELL_PIXELS)
    )
    monkeypatch.setattr(Backbone, "sites", shallow)
    with pytest.raises(ModelError, match="stride"):
        TwoViews(tiny_pair())
