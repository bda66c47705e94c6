from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from models.network.fusion import fuse, previous_frame, shift_clip
from models.spec import Shift
from models.trace import Action

chosen_actions = st.lists(st.sampled_from(list(Action)), min_size=1, max_size=12)


def one_hot(actions: list[Action]) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor(actions), len(Action)).float()


@given(actions=chosen_actions, seed=st.integers(0, 1000))
def test_each_channel_is_kept_reused_or_zero_as_its_action_says(
    actions: list[Action], seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    raw = torch.randn(len(actions), 2, 3, generator=generator)
    before = torch.randn(len(actions), 2, 3, generator=generator)
    fused = fuse(one_hot(actions), raw, before)
    for channel, action in enumerate(actions):
        expected = {
            Action.KEEP: raw[channel],
            Action.REUSE: before[channel],
            Action.SKIP: torch.zeros(2, 3),
        }[action]
        assert torch.equal(fused[channel], expected)


def test_the_first_frame_of_a_delayed_clip_is_zero() -> None:
    clip = torch.arange(1.0, 7.0).reshape(1, 3, 2)
    assert previous_frame(clip).tolist() == [[[0, 0], [1, 2], [3, 4]]]


def test_one_way_shift_brings_an_eighth_of_the_channels_from_the_past_only() -> None:
    clip = torch.randn(2, 4, 16, 3, 3)
    shifted = shift_clip(clip, Shift.ONE_WAY)
    assert torch.equal(shifted[:, 1:, :2], clip[:, :-1, :2])
    assert not shifted[:, 0, :2].any()
    assert torch.equal(shifted[:, :, 2:], clip[:, :, 2:])


def test_two_way_shift_also_brings_an_eighth_from_the_future() -> None:
    clip = torch.randn(2, 4, 16, 3, 3)
    shifted = shift_clip(clip, Shift.TWO_WAY)
    assert torch.equal(shifted[:, 1:, :2], clip[:, :-1, :2])
    assert torch.equal(shifted[:, :-1, 2:4], clip[:, 1:, 2:4])
    assert not shifted[:, -1, 2:4].any()
    assert torch.equal(shifted[:, :, 4:], clip[:, :, 4:])
