"""The whole view rests while the square holds a hand that hardly moves, and says what it said."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from models.preprocess import network_picture
from models.trace import Action
from models.two_views.box import Box, BoxSettings, BoxState, Located, init_box_state
from models.two_views.network import TwoViews
from models.two_views.resting import may_rest
from models.two_views.stream import TwoViewResult
from models.two_views.torch_stream import torch_stream
from tests.models.two_views.networks import tiny_pair, tiny_two_views

RESTING = BoxSettings(resting_frames=2, resting_above=0.8, resting_within=0.25)
HAND = Box(0.6, 0.5, 0.3)


def state(presence: float = 0.9, moved: float = 0.1, rested: int = 0) -> BoxState:
    held = Located(HAND, presence)
    return init_box_state(1)._replace(box=HAND, held=held, moved=moved, rested=rested)


def test_it_rests_while_a_hand_is_held_and_hardly_moves() -> None:
    assert may_rest(state(), RESTING)
    assert may_rest(state(rested=1), RESTING)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(state(presence=0.8), id="the square is not sure"),
        pytest.param(state(moved=0.25), id="the hand moves"),
        pytest.param(state(rested=2), id="it has rested for long"),
        pytest.param(init_box_state(1), id="nothing was seen yet"),
    ],
)
def test_it_looks_again(seen: BoxState) -> None:
    assert not may_rest(seen, RESTING)


def test_it_never_rests_unless_asked_to() -> None:
    assert not may_rest(state(), BoxSettings())


@pytest.mark.parametrize(
    "values",
    [{"resting_frames": -1}, {"resting_above": 0.0}, {"resting_above": 1.0}, {"resting_within": 0}],
)
def test_values_that_mean_nothing_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        BoxSettings(**values)  # type: ignore[arg-type]


def holding(network: TwoViews, logit: float) -> TwoViews:
    """Let the square's network see a hand in the middle of every square, or none."""
    labels = len(network.spec.whole.labels)
    with torch.no_grad():
        network.crop.head.weight[labels : labels + 4] = 0.0
        network.crop.head.bias[labels : labels + 4] = torch.tensor([0.0, 0.0, 0.0, logit])
    return network


def run(network: TwoViews, count: int = 7) -> list[TwoViewResult]:
    stream, rng, results = torch_stream(network), np.random.default_rng(0), []
    state = stream.init_state()
    for _ in range(count):
        image = rng.integers(0, 256, (90, 130, 3), np.uint8)
        picture = network_picture(image, stream.spec)
        results.append(stream.step(picture, stream.look_at(image), state))
        state = results[-1].state
    return results


def test_what_rests_costs_nothing_and_is_reused() -> None:
    pair = replace(tiny_pair(), box=RESTING)
    network = holding(tiny_two_views(pair), 9.0)
    seen = run(network)
    assert [step.hand.rested for step in seen] == [False, True, True, False, True, True, False]
    wide_awake = run(holding(tiny_two_views(replace(pair, box=BoxSettings())), 9.0))
    whole_features = network.whole.head.in_features
    for before, now, awake in zip(seen, seen[1:], wide_awake[1:], strict=False):
        of_whole = [block for block in now.trace.blocks if block.name.startswith("whole.")]
        assert len(of_whole) == len(now.trace.blocks) - len(of_whole)
        assert now.trace.dense_multiply_adds == awake.trace.dense_multiply_adds
        if now.hand.rested:
            assert all((block.actions == Action.REUSE).all() for block in of_whole)
            assert sum(block.multiply_adds for block in of_whole) == 0
            assert now.trace.multiply_adds < awake.trace.multiply_adds / 1.5
            assert before.features is not None
            assert now.features is not None
            np.testing.assert_array_equal(
                now.features[:whole_features], before.features[:whole_features]
            )


def test_it_looks_in_every_frame_for_a_hand_that_the_square_does_not_see() -> None:
    network = holding(tiny_two_views(replace(tiny_pair(), box=RESTING)), -9.0)
    assert not any(step.hand.rested for step in run(network))
