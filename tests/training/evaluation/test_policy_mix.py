from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.flops import NetworkCost, SiteCost, step_trace
from models.trace import Action, StepTrace
from training.evaluation.policy_mix import Mix, block_mixes, clip_mixes

KEEP, REUSE, SKIP = Action.KEEP, Action.REUSE, Action.SKIP


def traces(actions: NDArray[np.int8]) -> list[StepTrace]:
    """Steps of one fused block whose actions are (T, C)."""
    cost = NetworkCost(sites=(SiteCost("block", actions.shape[1], 5, 7, 1),), fixed=3)
    return [step_trace(cost, [row], None) for row in actions]


def test_shares_count_every_frame_and_constant_only_what_stays() -> None:
    actions = np.asarray([[KEEP, KEEP, SKIP, REUSE], [KEEP, SKIP, SKIP, KEEP]], np.int8)
    (block,) = block_mixes(["block"], [4], [clip_mixes(traces(actions))])
    assert block.mix == Mix(keep=0.5, reuse=0.125, skip=0.375)
    assert block.constant == Mix(keep=0.25, reuse=0.0, skip=0.25)


def test_constant_means_within_a_clip_not_over_all_clips() -> None:
    one, other = (np.full((8, 6), action, np.int8) for action in (KEEP, SKIP))
    (block,) = block_mixes(["block"], [6], [clip_mixes(traces(clip)) for clip in (one, other)])
    assert block.constant == block.mix == Mix(0.5, 0.0, 0.5)


def test_a_dense_network_has_no_blocks() -> None:
    dense = step_trace(NetworkCost(sites=(), fixed=10), [], None)
    assert block_mixes([], [], [clip_mixes([dense, dense])]) == ()


@given(arrays(np.int8, st.tuples(st.integers(1, 8), st.integers(1, 9)), elements=st.integers(0, 2)))
def test_what_never_changes_is_a_part_of_what_is_chosen(actions: NDArray[np.int8]) -> None:
    (block,) = block_mixes(["b"], [actions.shape[1]], [clip_mixes(traces(actions))])
    assert block.mix.total == pytest.approx(1)
    changing = (actions != actions[0]).any(0).mean()
    assert block.constant.total == pytest.approx(1 - changing)
    for part, whole in zip(vars(block.constant).values(), vars(block.mix).values(), strict=True):
        assert part <= whole + 1e-9
