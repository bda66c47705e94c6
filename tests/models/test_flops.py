from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.flops import NetworkCost, SiteCost, clip_cost, paid_channels, step_trace
from models.trace import Action

COST = NetworkCost(
    sites=(
        SiteCost(name="first", channels=5, produce=7, consume=3, policy=11),
        SiteCost(name="second", channels=2, produce=100, consume=10, policy=1),
    ),
    fixed=1000,
)

clips = st.integers(1, 10).flatmap(
    lambda frames: st.tuples(
        *(
            st.lists(
                st.lists(st.sampled_from(list(Action)), min_size=channels, max_size=channels),
                min_size=frames,
                max_size=frames,
            )
            for channels in (5, 2)
        )
    )
)


def one_hot(actions: NDArray[np.int8]) -> NDArray[np.float64]:
    return np.eye(len(Action))[actions]


@given(clips)
def test_what_is_paid_live_over_a_clip_is_what_the_paper_counts(
    clip: tuple[list[list[Action]], ...],
) -> None:
    blocks = [np.array(block, np.int8) for block in clip]
    frames = len(blocks[0])
    live, previous = 0, None
    for frame in range(frames):
        actions = [block[frame] for block in blocks]
        live += step_trace(COST, actions, previous).multiply_adds
        previous = actions
    assert live == clip_cost(COST, [one_hot(block) for block in blocks], frames)


@given(clips)
def test_a_channel_is_paid_where_equation_5_says(clip: tuple[list[list[Action]], ...]) -> None:
    block = np.array(clip[0], np.int8)
    produced = consumed = 0
    for frame, row in enumerate(block):
        for channel, action in enumerate(row):
            follows = frame + 1 < len(block) and block[frame + 1, channel] == Action.REUSE
            produced += action == Action.KEEP or follows
            consumed += action != Action.SKIP
    assert paid_channels(one_hot(block)) == (produced, consumed)


def test_all_kept_costs_the_dense_network_and_its_policies() -> None:
    keep = [np.full((8, site.channels), Action.KEEP, np.int8) for site in COST.sites]
    total = clip_cost(COST, [one_hot(block) for block in keep], 8)
    assert total == 8 * (COST.dense + COST.policy)


def test_all_skipped_costs_only_what_is_fixed() -> None:
    skip = [np.full(site.channels, Action.SKIP, np.int8) for site in COST.sites]
    trace = step_trace(COST, skip, skip)
    assert trace.multiply_adds == COST.fixed + COST.policy
    assert trace.dense_multiply_adds == COST.dense
    assert trace.shares() == (0.0, 0.0, 1.0)


def test_reuse_is_free_where_the_channel_was_kept_and_late_where_it_was_not() -> None:
    before = np.array([Action.KEEP, Action.REUSE, Action.SKIP, Action.KEEP, Action.KEEP], np.int8)
    reuse = np.full(5, Action.REUSE, np.int8)
    pair = np.full(2, Action.SKIP, np.int8)
    block = step_trace(COST, [reuse, pair], [before, pair]).blocks[0]
    assert (block.kept, block.reused_cached, block.reused_late, block.skipped) == (0, 3, 2, 0)
    assert block.multiply_adds == 2 * 7 + 5 * 3


def test_reuse_before_any_frame_takes_zeros_and_computes_nothing() -> None:
    reuse = [np.full(site.channels, Action.REUSE, np.int8) for site in COST.sites]
    blocks = step_trace(COST, reuse, None).blocks
    assert [block.reused_late for block in blocks] == [0, 0]


def test_the_cost_can_be_learned_from() -> None:
    logits = torch.zeros(1, 8, 5, 3, requires_grad=True)
    other = torch.zeros(1, 8, 2, 3)
    clip_cost(COST, [logits.softmax(-1), other.softmax(-1)], 8).sum().backward()
    assert logits.grad is not None
    gradient = logits.grad[0, 3, 0]
    assert gradient[Action.KEEP] > 0 > gradient[Action.SKIP]
    assert gradient.sum() == pytest.approx(0, abs=1e-5)
